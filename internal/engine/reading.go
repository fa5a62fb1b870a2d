package engine

import "decoded.digital/extractor/internal/reader"

// reading is one document with all that is known of it before any field is
// asked for.
type reading struct {
	lexicon  *lexicon
	without  []Idea
	sheet    *sheet
	all      []*label
	labels   map[concept][]*label
	labelsOn [][]*label // by the index of their line
	prose    *flow      // once it was looked at
	named    []caption  // likewise
}

func newReading(x *lexicon, document *reader.Document, without ...Idea) *reading {
	r := &reading{lexicon: x, sheet: newSheet(document), labels: map[concept][]*label{}, without: without}
	if !r.has(IdeaStyle) {
		r.sheet.style = style{}
	}
	r.all = x.labelsOf(r.sheet)
	r.labelsOn = make([][]*label, len(r.sheet.lines))
	for _, l := range r.all {
		for _, c := range l.concepts {
			r.labels[c] = append(r.labels[c], l)
		}
		r.labelsOn[l.line.index] = append(r.labelsOn[l.line.index], l)
	}
	return r
}
