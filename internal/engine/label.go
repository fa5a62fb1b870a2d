package engine

import (
	"slices"
	"strings"

	"decoded.digital/extractor/models"
)

// label is words of a line that name one or more concepts.
type label struct {
	line     *line
	from, to int // tokens
	concepts []concept
	weight   float64 // how much they look like a label: 0 to 1
	box      models.Box
}

// labels finds the words on a sheet that name concepts: at each place the
// longest phrase, so that the date of "Invoice date" is nobody else's.
func (x *lexicon) labelsOf(s *sheet) []*label {
	var all []*label
	for _, l := range s.lines {
		for i := 0; i < len(l.tokens); {
			to, concepts := x.longest(l, i)
			if concepts == nil {
				all = append(all, x.joined(l, i)...)
				i++
				continue
			}
			to, concepts = refine(l, to, concepts)
			if includes(l, i) && slices.Contains(concepts, "tax_total") {
				concepts = []concept{"grand_total"}
			}
			all = append(all, &label{line: l, from: i, to: to, concepts: concepts, weight: weigh(l, i, to), box: l.boxOf(i, to)})
			i = to
		}
	}
	return all
}

// joined is the labels of a word that a scan made of two: "BetragUSt.%".
func (x *lexicon) joined(l *line, i int) []*label {
	t := &l.tokens[i]
	if !l.page.source.Scanned || len(t.fold) < 7 || len(t.fold) > x.most {
		return nil
	}
	for cut := 3; cut <= len(t.fold)-3; cut++ {
		first, second := x.labels[t.fold[:cut]], x.labels[t.fold[cut:]]
		if first == nil || second == nil {
			continue
		}
		left, right := t.box, t.box
		left.Width = t.box.Width * float64(cut) / float64(len(t.fold))
		right.X, right.Width = left.Right(), t.box.Width-left.Width
		return []*label{
			{line: l, from: i, to: i + 1, concepts: first, weight: 0.6, box: left},
			{line: l, from: i, to: i + 1, concepts: second, weight: 0.6, box: right},
		}
	}
	return nil
}

// longest is the longest phrase of the lexicon that begins at a token and stays
// within its segment.
func (x *lexicon) longest(l *line, i int) (end int, concepts []concept) {
	if l.tokens[i].fold == "" {
		return i, nil
	}
	folded := ""
	last := l.segmentAt(i).to
	for j := i; j < last; j++ {
		folded += l.tokens[j].fold
		if len(folded) > x.most || !x.longer[folded] {
			break
		}
		if found := x.labels[folded]; found != nil {
			end, concepts = j+1, found
		}
		if strings.HasSuffix(l.tokens[j].text, ":") {
			break
		}
	}
	return end, concepts
}

// refine reads what stands behind the label of a total and says whether it is
// with or without tax: "Rechnungssumme netto", "Total (excl. VAT)".
func refine(l *line, to int, concepts []concept) (int, []concept) {
	total := slices.Contains(concepts, "grand_total") || slices.Contains(concepts, "net_total")
	if !total || strings.HasSuffix(l.tokens[to-1].text, ":") {
		return to, concepts
	}
	end := l.segmentAt(to - 1).to
	for i := to; i < min(end, to+2); i++ {
		var says []concept
		switch l.tokens[i].fold {
		case "netto", "net", "nett", "ht", "excl", "exkl", "excluding", "exclusive", "ohne", "hors", "zonder", "exclusief", "sin", "senza", "bez", "sem", "before", "untaxed", "htva", "exc":
			says = []concept{"net_total", "line_total"}
		case "brutto", "gross", "ttc", "incl", "inkl", "inclusive", "including", "inclusief", "tvac", "inc":
			says = []concept{"grand_total", "line_gross"}
		default:
			continue
		}
		for end > i+1 && !strings.HasSuffix(l.tokens[i].text, ":") && !strings.ContainsAny(l.tokens[i+1].text, "0123456789") && l.tokens[i+1].fold != "" && currencyOf(l.tokens[i+1].text) == "" && i < to+4 {
			i++
		}
		return i + 1, says
	}
	return to, concepts
}

// includes says whether the words before a tax say that an amount includes it:
// "premium including 19 % tax".
func includes(l *line, i int) bool {
	from := l.segmentAt(i).from
	for k := i - 1; k >= max(from, i-3); k-- {
		switch l.tokens[k].fold {
		case "inkl", "incl", "inklusive", "inclusive", "including", "inclus", "inclusief", "incluido", "compresa", "ttc", "inkludert":
			return true
		}
	}
	return false
}

// weigh tells a label from the same words in a sentence by what stands before
// and after it.
func weigh(l *line, from, to int) float64 {
	weight := 1.0
	s := l.segmentAt(from)
	if from > s.from {
		before := l.tokens[from-1].text
		switch {
		case strings.HasSuffix(before, ":") || strings.HasSuffix(before, "|") || numeral(before):
		case len(l.tokens[from-1].fold) <= 2:
			weight = 0.85
		default:
			weight = 0.5
		}
	}
	last := l.tokens[to-1].text
	switch {
	case strings.HasSuffix(last, ":"):
	case to == s.to:
		weight *= 0.97
	case strings.ContainsAny(l.tokens[to].text, "0123456789:#(€$£%"):
		weight *= 0.95
	case l.tokens[to].fold == "" || currencyOf(l.tokens[to].text) != "" || l.tokens[to].fold == "in" && (to+1 == s.to || currencyOf(l.tokens[to+1].text) != ""):
		weight *= 0.93
	default:
		weight *= 0.6
	}
	n := 0
	for i := from; i < to; i++ {
		n += len(l.tokens[i].fold)
	}
	switch {
	case n <= 4:
		weight *= 0.8
	case n <= 7:
		weight *= 0.92
	}
	return weight
}

func numeral(text string) bool {
	return strings.Trim(text, "0123456789.,%€$ ()") == ""
}

// says tells whether a label names one of the concepts.
func (l *label) says(concepts ...concept) bool {
	for _, c := range concepts {
		if slices.Contains(l.concepts, c) {
			return true
		}
	}
	return false
}

// value is the tokens right of a label that belong to it: up to the next label
// or, where nothing stands in its own segment, in the next one.
func (r *reading) right(l *label) (from, to int, ok bool) {
	from = l.line.skip(l.to)
	own := l.line.segmentAt(l.from)
	end := r.until(l.line, from, own.to)
	if from < end {
		return from, end, true
	}
	if own.to > from {
		return 0, 0, false // another label follows at once
	}
	if own.index+1 >= len(l.line.segments) {
		return 0, 0, false
	}
	next := l.line.segments[own.index+1]
	from = l.line.skip(next.from)
	if end = r.until(l.line, from, next.to); from >= end {
		return 0, 0, false
	}
	return from, end, true
}

// skip passes over what may stand between a label and its value.
func (l *line) skip(i int) int {
	for i < len(l.tokens) && (l.tokens[i].fold == "" && currencyOf(l.tokens[i].text) == "" && boolMark(l.tokens[i].text) == "" && l.tokens[i].text != "-") {
		i++
	}
	return i
}

// until is where the next label begins, at most end.
func (r *reading) until(l *line, from, end int) int {
	for _, other := range r.labelsOn[l.index] {
		if other.from > from && other.from < end && other.weight >= 0.5 || other.from == from && from < end && other.weight >= 0.7 {
			return other.from
		}
	}
	return end
}

// under is the segments below a box in its column, from near to far: at most
// reach line heights down, and none behind the first that a label begins.
func (r *reading) under(l *line, box models.Box, reach float64) []*segment {
	var below []*segment
	for _, next := range l.page.lines {
		if next.index <= l.index {
			continue
		}
		if l.leading(next) > reach {
			break
		}
		if middle(next.box) < box.Bottom() && overlap(box, next.box) > 0 && middle(next.box)-middle(l.box) < 0.3*l.page.height() {
			continue
		}
		for _, s := range next.segments {
			if overlap(box, s.box) < 0.25 && !(s.box.X >= box.X-l.em && s.box.X <= box.X+3*l.em) {
				continue
			}
			below = append(below, s)
		}
	}
	return below
}

// begins says whether a label begins a segment.
func (r *reading) begins(s *segment) *label {
	for _, other := range r.labelsOn[s.line.index] {
		if other.from == s.from && other.weight >= 0.5 {
			return other
		}
	}
	return nil
}
