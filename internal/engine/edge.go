package engine

import (
	"math"
	"slices"
	"strings"

	"decoded.digital/extractor/models"
)

// headingLabels is how many parts of a line, each a label, make it the heading
// of another table.
const headingLabels = 3

// otherHeading says whether a line is the heading of another table: most of its
// parts begin with a label, and it has no numbers.
func (r *reading) otherHeading(l *line) bool {
	if len(l.segments) < headingLabels || r.digitsOn(l.index) || !r.has(IdeaNextTable) {
		return false
	}
	labelled := 0
	for _, s := range l.segments {
		if first := r.begins(s); first != nil && first.weight > 0.7 && !strings.HasSuffix(l.tokens[first.to-1].text, ":") {
			labelled++
		}
	}
	return labelled >= headingLabels && 2*labelled > len(l.segments)
}

// headingAgain is the table's heading where it stands again: at a line, or
// further down where the line is the first of a page and no row stands between.
func (r *reading) headingAgain(t *table, top, i int) *table {
	page := r.sheet.lines[i].page
	last := i
	if i > 0 && r.sheet.lines[i-1].page != page && r.has(IdeaMargins) {
		last = i + len(page.lines) - 1
	}
	for ; i <= last; i++ {
		if again := r.tableAt(i, t.wants); again != nil && again.asked >= t.asked {
			return again
		}
		if l := r.sheet.lines[i]; !r.furniture(l, top) && t.anchors(r, r.cellsOf(t, l)) {
			return nil
		}
	}
	return nil
}

// Of a page's height, the share at its top and bottom that may be the same on
// every page, and how far it may move from one to the next; left and right pages
// may differ.
const (
	pageMargin     = 0.15
	pageShift      = 0.005
	furniturePages = 2
)

// furniture says whether a line is part of every page and not of what is told on
// it: it stands at the top or bottom of another page, too, or above the table,
// whose heading is line top.
func (r *reading) furniture(l *line, top int) bool {
	if !r.has(IdeaMargins) {
		return false
	}
	margin := l.box.Y < pageMargin || l.box.Bottom() > 1-pageMargin
	text := l.text(0, len(l.tokens))
	again := func(o *line) bool {
		return o.page != l.page && sameHeight(o.box, l.box) && o.text(0, len(o.tokens)) == text
	}
	if slices.ContainsFunc(r.sheet.lines[:top], again) {
		return true
	}
	return margin && slices.ContainsFunc(r.sheet.pages, func(p *sheetPage) bool {
		apart := p.source.Number - l.page.source.Number
		return max(apart, -apart) <= furniturePages && slices.ContainsFunc(p.lines, again)
	})
}

func sameHeight(a, b models.Box) bool { return math.Abs(middle(a)-middle(b)) < pageShift }

// noteTokens is how many words a line that runs through the columns has at
// least.
const noteTokens = 4

// runsOn says whether a line is text that runs through the columns under a row
// whose cells stand apart: a note, whatever numbers are in it.
func (w *tableRow) runsOn(l *line) bool {
	return len(l.segments) == 1 && len(l.tokens) >= noteTokens && len(w.anchor.segments) >= headingLabels && !numeral(l.tokens[0].text)
}
