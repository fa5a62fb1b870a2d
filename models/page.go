package models

import "time"

// MaxPageLimit is the most rows that one list answer holds.
const MaxPageLimit = 100

// Page selects a part of a list. Number counts from 1; Limit is 1 to
// MaxPageLimit.
type Page struct {
	Number int
	Limit  int
	// AsOf leaves out rows that were created later, so that the pages of one
	// walk neither repeat nor skip a row.
	AsOf time.Time
}

// Offset is how many rows come before the page.
func (p Page) Offset() int { return (p.Number - 1) * p.Limit }
