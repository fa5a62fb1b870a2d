package models

// MaxPageLimit is the most rows that one list answer holds.
const MaxPageLimit = 100

// Page selects a part of a list. Number counts from 1; Limit is 1 to
// MaxPageLimit.
type Page struct {
	Number int
	Limit  int
}

// Offset is how many rows come before the page.
func (p Page) Offset() int { return (p.Number - 1) * p.Limit }
