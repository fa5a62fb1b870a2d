package engine

import "slices"

// Idea is one of the engine's ways to find values. Leaving one out tells what
// it brings: docs/accuracy.md has a row for each.
type Idea string

// The ideas.
const (
	IdeaSums        Idea = "sums"         // net + tax = gross and cash - change settle totals
	IdeaColumns     Idea = "columns"      // totals in the last row of a column, told apart by its heading
	IdeaBeneath     Idea = "beneath"      // values under their label
	IdeaTitle       Idea = "title"        // number and date in the document's title
	IdeaForm        Idea = "form"         // IBAN, VAT id, mail and web addresses by their own form
	IdeaHeadings    Idea = "headings"     // parties under "Seller:" and "Bill to"
	IdeaLetterhead  Idea = "letterhead"   // parties by form and place
	IdeaTill        Idea = "till"         // the company at the top of a receipt, dates without a label
	IdeaSentences   Idea = "sentences"    // contracts, due dates and periods in sentences
	IdeaWords       Idea = "words"        // captions that hold the words of a field that is no business term
	IdeaCells       Idea = "cells"        // drawn cells of forms
	IdeaEdges       Idea = "edges"        // lines that go on with a row follow the texts above them
	IdeaContinuing  Idea = "continuing"   // rows over several lines
	IdeaPlainRows   Idea = "plain-rows"   // lists without a heading whose sum is a total
	IdeaJoinedCells Idea = "joined-cells" // cells that a scan ran together
	IdeaRates       Idea = "rates"        // rates of tax in their own column, or from the tax's lines by their sums
	IdeaNotes       Idea = "notes"        // text that runs through the columns is no row
	IdeaNextTable   Idea = "next-table"   // the heading of another table ends one
	IdeaMargins     Idea = "margins"      // what every page shows is no row
	IdeaStyle       Idea = "style"        // decimal sign and order of dates by the document's evidence
)

// Ideas lists them.
func Ideas() []Idea {
	return []Idea{
		IdeaSums, IdeaColumns, IdeaBeneath, IdeaTitle, IdeaForm, IdeaHeadings, IdeaLetterhead, IdeaTill, IdeaSentences, IdeaWords,
		IdeaCells, IdeaEdges, IdeaContinuing, IdeaPlainRows, IdeaJoinedCells, IdeaRates, IdeaNotes, IdeaNextTable,
		IdeaMargins, IdeaStyle,
	}
}

// has says whether an idea is used.
func (r *reading) has(i Idea) bool { return !slices.Contains(r.without, i) }
