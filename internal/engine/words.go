package engine

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"decoded.digital/extractor/models"
)

// caption is words on the page that may name a field that no concept does: a
// segment or a few that stand under one another.
type caption struct {
	line     *line // the first
	last     *line
	from, to int // tokens of the first line
	box      models.Box
	terms    []string
	parts    []bit // its own tokens, line by line
	colon    bool
}

// maxCaption is how many lines a caption may have; a segment of more words than
// captionWords is a sentence.
const (
	maxCaption   = 4
	captionWords = 14
)

// captions finds what may name a field, once.
func (r *reading) captions() []caption {
	if r.named != nil {
		return r.named
	}
	r.named = []caption{}
	for _, l := range r.sheet.lines {
		for _, s := range l.segments {
			to := s.to
			for i := s.from; i < s.to; i++ {
				if strings.HasSuffix(l.tokens[i].text, ":") {
					to = i + 1
					break
				}
			}
			if to-s.from > captionWords {
				continue
			}
			c := caption{line: l, last: l, from: s.from, to: to, box: l.boxOf(s.from, to), colon: strings.HasSuffix(l.tokens[to-1].text, ":")}
			c.add(l, s.from, to)
			if !c.colon {
				r.lengthen(&c)
			}
			r.named = append(r.named, c)
		}
	}
	return r.named
}

// add takes the words of a line into a caption.
func (c *caption) add(l *line, from, to int) {
	c.parts = append(c.parts, bit{line: l, from: from, to: to})
	for i := from; i < to; i++ {
		c.terms = append(c.terms, terms(l.tokens[i].text)...)
		if f := l.tokens[i].fold; f != "" && !slices.Contains(c.terms, f) {
			c.terms = append(c.terms, f)
		}
	}
}

// lengthen takes the lines under a caption that go on with it: close, of its
// size and in its column.
func (r *reading) lengthen(c *caption) {
	cell, drawn := c.line.page.cellAround(c.box.X+c.line.em/2, middle(c.box))
	for i := c.line.index + 1; i < len(r.sheet.lines) && i < c.line.index+3*maxCaption; i++ {
		l := r.sheet.lines[i]
		if l.page != c.line.page || c.last.leading(l) > 1.25 {
			return
		}
		for _, s := range l.segments {
			aligned := s.box.X > c.box.X-c.line.em && s.box.X < c.box.X+2.5*c.line.em
			if !aligned || drawn && !inside(s.box, cell) || !sameSize(c.line.tokens[c.from].box, s.box) || !goesOn(s.text) {
				continue
			}
			c.add(l, s.from, s.to)
			c.box = c.box.Union(s.box)
			c.last = l
		}
	}
}

// goesOn says whether a line continues the one above: it begins with a small
// letter.
func goesOn(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLower(first)
}

// holds says whether a token is one of the caption's.
func (c *caption) holds(l *line, token int) bool {
	return slices.ContainsFunc(c.parts, func(b bit) bool { return b.line == l && token >= b.from && token < b.to })
}

// sameSize says whether two texts are set in one size; what was filled in often
// is not set like its caption.
func sameSize(a, b models.Box) bool { return a.Height < 1.12*b.Height && b.Height < 1.12*a.Height }

// byWords is the values that captions name which hold all words of a want.
func (x *extraction) byWords(w *want) []candidate {
	var all []candidate
	if !x.has(IdeaWords) {
		return nil
	}
	for _, c := range x.captions() {
		if score := x.captionScore(&c, w.words); score > 0 {
			all = append(all, x.captioned(&c, w, score)...)
		}
	}
	if len(all) == 0 {
		all = x.entity(w)
	}
	return all
}

// captionScore is how well a caption names words: all of them must be there, and
// what else it says makes it less likely.
func (x *extraction) captionScore(c *caption, words []string) float64 {
	if len(words) == 0 {
		return 0
	}
	meant := map[string]bool{}
	for _, w := range words {
		if !slices.ContainsFunc(c.terms, func(t string) bool { return x.alike(t, w) }) {
			return 0
		}
	}
	extra := 0
	for _, t := range c.terms {
		if filler(t) || numeral(t) || meant[t] {
			continue
		}
		meant[t] = true
		if !slices.ContainsFunc(words, func(w string) bool { return x.alike(t, w) }) {
			extra++
		}
	}
	return 0.5 + 0.45*float64(len(words))/float64(len(words)+extra)
}

// alike compares words by their meaning and by their stem.
func (x *extraction) alike(a, b string) bool {
	if a == b || x.lexicon.same[a] != "" && x.lexicon.same[a] == x.lexicon.same[b] {
		return true
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	return len(a) >= 4 && len(b)-len(a) <= 2 && strings.HasPrefix(b, a)
}

// captioned is the values of a caption: behind its colon, in its drawn cell,
// beside it or under it.
func (x *extraction) captioned(c *caption, w *want, score float64) []candidate {
	s := c.line.segmentAt(c.from)
	if c.colon && c.to < s.to && w.field.Type != models.TypeBoolean {
		return x.valuesIn([]bit{{line: c.line, from: c.to, to: s.to}}, w, score)
	}
	cell, drawn := c.line.page.cellAround(c.box.X+c.line.em/2, middle(c.box))
	if drawn && x.has(IdeaCells) {
		return x.valuesIn(x.filled(c, cell), w, score)
	}
	if w.field.Type == models.TypeBoolean {
		if found := marked([]bit{c.rest()}, score); len(found) > 0 {
			return found
		}
		return marked(x.filled(c, x.around(c)), score)
	}
	if s.index+1 < len(c.line.segments) {
		next := c.line.segments[s.index+1]
		if found := x.valuesIn([]bit{{line: c.line, from: next.from, to: next.to}}, w, 0.95*score); len(found) > 0 {
			return found
		}
	}
	if c.colon && s.index+1 < len(c.line.segments) {
		return nil
	}
	for _, below := range x.under(c.last, c.box, 2.5) {
		return x.valuesIn([]bit{{line: below.line, from: below.from, to: below.to}}, w, 0.85*score)
	}
	return nil
}

// rest is what stands behind a caption on its line, up to the next colon.
func (c *caption) rest() bit {
	b := bit{line: c.line, from: c.to, to: c.to}
	for b.to < len(c.line.tokens) && !strings.HasSuffix(c.line.tokens[b.to].text, ":") {
		b.to++
	}
	return b
}

// around is the space of a caption where no cell is drawn: its own lines and the
// two below, up to what stands right of it.
func (x *extraction) around(c *caption) models.Box {
	right := min(1, c.box.Right()+6*c.line.em)
	for _, s := range c.line.segments {
		if s.box.X > c.box.Right() && boolMark(s.text) == "" {
			right = min(right, s.box.X)
		}
	}
	left := max(0, c.box.X-2*c.line.em)
	return models.Box{X: left, Y: c.box.Y - 0.2*c.box.Height, Width: right - left, Height: c.box.Height + 2.6*c.line.page.height()}
}

// filled is what stands in a cell besides the caption, line by line.
func (x *extraction) filled(c *caption, cell models.Box) []bit {
	var bits []bit
	for _, l := range c.line.page.lines {
		if l.index < c.line.index-1 || middle(l.box) > cell.Bottom()+0.01 {
			continue
		}
		var b *bit
		for i := range l.tokens {
			box := l.tokens[i].box
			if !inside(box, cell) || c.holds(l, i) {
				b = nil
				continue
			}
			if b == nil {
				bits = append(bits, bit{line: l, from: i, to: i})
				b = &bits[len(bits)-1]
			}
			b.to = i + 1
		}
	}
	for i := range bits {
		bits[i].box = bits[i].line.boxOf(bits[i].from, bits[i].to)
	}
	return bits
}

// valuesIn is the values of a want's type among pieces of lines.
func (x *extraction) valuesIn(bits []bit, w *want, score float64) []candidate {
	if w.field.Type == models.TypeBoolean {
		return marked(bits, score)
	}
	if w.field.Type == models.TypeString && w.shape == "" {
		return x.textIn(bits, w, score)
	}
	var all []candidate
	for _, b := range bits {
		for _, s := range b.line.segments {
			for _, v := range s.values(x.sheet.style) {
				if v.from < b.from || v.to > b.to {
					continue
				}
				if w.field.Type == models.TypeNumber && v.shape == "amount" || w.field.Type == models.TypeDate && v.shape == "date" {
					all = append(all, at(v.value, b.line, v.from, v.to, score, models.MethodLabel))
				}
			}
		}
		if len(all) > 0 {
			return all[:1]
		}
	}
	if len(bits) > 0 {
		text := strings.TrimSpace(bits[0].text())
		if w.field.Type == models.TypeString && text != "" {
			return []candidate{at(text, bits[0].line, bits[0].from, bits[0].to, score, models.MethodLabel)}
		}
	}
	return nil
}

// marked is yes or no as boxes are ticked: a mark before yes or no speaks for
// that word, one alone for the caption.
func marked(bits []bit, score float64) []candidate {
	var all []candidate
	for _, b := range bits {
		for i := b.from; i < b.to; i++ {
			mark := boolMark(b.line.tokens[i].text)
			if mark == "" {
				if value, ok := boolean(b.line.tokens[i].text); ok && len(bits) == 1 {
					return []candidate{at(value, b.line, i, i+1, score, models.MethodLabel)}
				}
				continue
			}
			value := mark == "yes"
			if i+1 < b.to {
				if word, ok := boolean(b.line.tokens[i+1].text); ok && boolMark(b.line.tokens[i+1].text) == "" {
					i++
					if !value {
						continue
					}
					return []candidate{at(word, b.line, i-1, i+1, score, models.MethodLabel)}
				}
			}
			all = append(all, at(value, b.line, i, i+1, score, models.MethodLabel))
		}
	}
	if len(all) > 1 {
		return nil // whose mark is it?
	}
	return all
}

// textIn is the text among pieces: their first line, or what of an address or a
// name is asked where a block of both stands there.
func (x *extraction) textIn(bits []bit, w *want, score float64) []candidate {
	bits = slices.DeleteFunc(slices.Clone(bits), func(b bit) bool {
		return b.line.text(b.from, b.to) == "" || currencyOf(b.text()) != "" || boolMark(b.text()) != ""
	})
	if len(bits) == 0 {
		return nil
	}
	address := slices.Contains(w.words, "address")
	if address || slices.Contains(w.words, "name") && len(bits) > 1 {
		p := &party{}
		var rows []row
		for _, b := range bits {
			rows = append(rows, row{line: b.line, from: b.from, to: b.to})
		}
		x.addressIn(p, rows)
		if !address {
			return pieceCandidate(p.name, score)
		}
		if p.place != nil {
			return pieceCandidate(p.street.join(p.place, ", "), score)
		}
	}
	text := strings.TrimSpace(bits[0].text())
	return []candidate{at(text, bits[0].line, bits[0].from, bits[0].to, score, models.MethodLabel)}
}

// entity answers the address of one whose name a caption names, from the
// captions for street and town below it.
func (x *extraction) entity(w *want) []candidate {
	if w.field.Type != models.TypeString || len(w.words) < 2 || !slices.Contains(w.words, "address") {
		return nil
	}
	named := append(slices.DeleteFunc(slices.Clone(w.words), func(s string) bool { return s == "address" }), "name")
	all := x.captions()
	for i := range all {
		if x.captionScore(&all[i], named) == 0 {
			continue
		}
		var street, town *piece
		for k := i + 1; k < len(all); k++ {
			c := &all[k]
			if c.line.page != all[i].line.page || c.box.X-all[i].box.X > all[i].line.em || all[i].box.X-c.box.X > all[i].line.em {
				continue
			}
			part := &want{field: models.Field{Type: models.TypeString}}
			switch {
			case street == nil && (slices.Contains(c.terms, "street") || slices.Contains(c.terms, "address")):
				street = pieceOf(x.captioned(c, part, 1))
			case town == nil && (slices.Contains(c.terms, "city") || slices.Contains(c.terms, "town") || slices.Contains(c.terms, "zip")):
				town = pieceOf(x.captioned(c, part, 1))
			}
		}
		if street != nil {
			return pieceCandidate(street.join(town, ", "), 0.75)
		}
	}
	return nil
}

func pieceOf(found []candidate) *piece {
	if len(found) == 0 {
		return nil
	}
	return &piece{text: found[0].text, line: found[0].line, box: found[0].boxes, score: found[0].score}
}
