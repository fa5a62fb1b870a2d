package engine

import (
	"math"
	"strings"

	"decoded.digital/extractor/models"
)

// headingLabels is how many parts of a line, each a label, make it the heading
// of another table.
const headingLabels = 3

// otherHeading says whether a line is the heading of another table: most of its
// parts begin with a label, and it has no numbers.
func (r *reading) otherHeading(l *line) bool {
	if len(l.segments) < headingLabels || r.digitsOn(l.index) {
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

// Of a page's height, the share at its top and bottom that may be the same on
// every page, and how far it may move from one to the next.
const (
	pageMargin = 0.15
	pageShift  = 0.005
)

// furniture says whether a line is part of every page and not of what is told on
// it: it stands at the top or bottom of another page, too.
func (r *reading) furniture(l *line) bool {
	if l.box.Y > pageMargin && l.box.Bottom() < 1-pageMargin {
		return false
	}
	text := l.text(0, len(l.tokens))
	for _, p := range r.sheet.pages {
		if p == l.page {
			continue
		}
		for _, o := range p.lines {
			if sameHeight(o.box, l.box) && o.text(0, len(o.tokens)) == text {
				return true
			}
		}
	}
	return false
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
