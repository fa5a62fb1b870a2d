package engine

import (
	"regexp"
	"strings"
	"unicode"

	"decoded.digital/extractor/models"
)

// parties reads who is named on the document: first the blocks whose heading
// says the role, then those that are told by their place.
func (r *reading) parties() []*party {
	heads := r.headings()
	var all []*party
	for _, h := range heads {
		p := r.partyOf(r.block(h, heads), role(h))
		if p.name != nil || p.place != nil {
			all = append(all, p)
		}
	}
	return append(all, r.unnamed(all)...)
}

// unnamed finds addresses that no heading introduces.
func (r *reading) unnamed(known []*party) []*party {
	var all []*party
	if !r.has(IdeaLetterhead) {
		return nil
	}
	for _, l := range r.sheet.lines {
		for _, s := range l.segments {
			if p := r.senderLine(s); p != nil {
				all = append(all, p)
				continue
			}
			where, ok := placeOf(s.text)
			if !ok || r.dated(row{line: l, from: s.from, to: s.to}) || taken(known, l, s.box) {
				continue
			}
			p := &party{where: where, details: map[concept]candidate{}}
			r.addressIn(p, r.above(s))
			if p.street != nil || p.name != nil && companyLike(p.name.text) {
				all = append(all, p)
			}
		}
	}
	return all
}

func taken(known []*party, l *line, box models.Box) bool {
	for _, p := range known {
		if p.place != nil && p.place.line == l && overlap(p.place.box, box) > 0.5 {
			return true
		}
	}
	return false
}

// above is a segment with the lines that stand over it in its column, from the
// top.
func (r *reading) above(s *segment) []row {
	rows := []row{{line: s.line, from: s.from, to: s.to}}
	last, pitch := s.line, 2.4
	for i := s.line.index - 1; i >= 0 && len(rows) < 6; i-- {
		l := r.sheet.lines[i]
		if l.page != s.line.page || l.leading(last) > pitch {
			break
		}
		for _, o := range l.segments {
			aligned := o.box.X >= s.box.X-l.em && o.box.X <= s.box.X+l.em
			centred := center(o.box) > center(s.box)-l.em && center(o.box) < center(s.box)+l.em
			if !aligned && !centred {
				continue
			}
			if first := r.begins(o); first != nil && first.weight > 0.7 && (role(first) != "" || first.to < o.to) || r.senderLine(o) != nil {
				return rows
			}
			rows = append([]row{{line: l, from: o.from, to: o.to}}, rows...)
			if len(rows) == 2 {
				pitch = min(pitch, 1.4*l.leading(last)+0.2)
			}
			last = l
		}
	}
	return rows
}

// senderLine reads the small line over an address window: name, street and town
// with signs between them.
func (r *reading) senderLine(s *segment) *party {
	var parts []row
	start := s.from
	for i := s.from; i <= s.to; i++ {
		text := ""
		if i < s.to {
			text = s.line.tokens[i].text
		}
		if i < s.to && !strings.ContainsAny(text, "|•●·") && text != "-" && text != "–" && text != "*" && text != "," {
			continue
		}
		if i > start {
			parts = append(parts, row{line: s.line, from: start, to: i})
		}
		start = i + 1
	}
	if len(parts) < 3 || len(parts) > 5 {
		return nil
	}
	for i := 2; i < len(parts); i++ {
		where, ok := placeOf(parts[i].text())
		if ok && streetLike(parts[i-1].text()) {
			p := &party{role: "seller_name", where: where, details: map[concept]candidate{}}
			p.name, p.street, p.place = parts[0].piece(), parts[i-1].piece(), parts[i].piece()
			p.place.text = where.text
			return p
		}
	}
	return nil
}

// title is the company at the top of a receipt: the first line that is a name,
// or a company's under it, and the lines of an address below.
func (r *reading) title() *party {
	if len(r.sheet.pages) == 0 || !r.has(IdeaTill) {
		return nil
	}
	lines := r.sheet.pages[0].lines
	for i, l := range lines[:min(len(lines), 12)] {
		if !nameLine(r, l) {
			continue
		}
		at := i
		for k := i; k < min(i+4, len(lines)); k++ {
			if text := lines[k].whole(); companyLike(text) && !documentTitle(text) {
				at = k
				break
			}
		}
		p := &party{role: "seller_name", details: map[concept]candidate{}, name: row{line: lines[at], from: 0, to: len(lines[at].tokens)}.piece()}
		if at > i && legalForm(p.name.text) {
			p.name = row{line: lines[at-1], from: 0, to: len(lines[at-1].tokens)}.piece().join(p.name, " ")
		}
		r.addressUnder(p, lines[at+1:])
		return p
	}
	return nil
}

// registered is the number under which a company is registered, behind its name.
var registerWords = regexp.MustCompile(`(?i)\s*[(\[]?\s*\b(company\s*no|co\.?\s*reg|reg\.?\s*no|roc\s*no|gst\s*(no|id|reg))\b.*$`)

var registered = regexp.MustCompile(`\s*[(\[]?\s*(?i:(?:co|reg|company)[.\s]*(?:reg|no)?[.:\s]*)?\d[\d\s]{3,}[\s\-–]?\s*[A-Z]?\s*[)\]]?\s*$`)

// unregistered is a company's name without its number.
func unregistered(name string) string {
	return registerWords.ReplaceAllString(registered.ReplaceAllString(name, ""), "")
}

// legalForm says whether a line is no more than the form of a company, whose
// name stands above it.
func legalForm(text string) bool {
	return len(fold(companySuffix.ReplaceAllString(text, " "))) < 3
}

func (l *line) whole() string { return l.text(0, len(l.tokens)) }

// nameLine says whether a line can be the name at the top of a receipt.
func nameLine(r *reading, l *line) bool {
	text := l.whole()
	letters := 0
	for _, c := range text {
		if unicode.IsLetter(c) {
			letters++
		}
	}
	if letters < 4 || 2*letters < len([]rune(text)) || l.confidence(0, len(l.tokens)) < 0.3 || documentTitle(text) || len(datesIn(text, r.sheet.style)) > 0 {
		return false
	}
	first := r.begins(l.segments[0])
	return first == nil || first.weight < 0.9 || first.to < len(l.tokens) && !strings.Contains(text, ":")
}

// addressUnder gathers the lines of an address under a name: up to the first
// that is of another kind.
func (r *reading) addressUnder(p *party, lines []*line) {
	var rows []row
	for _, l := range lines[:min(len(lines), 8)] {
		text := l.whole()
		if registerLine(text) && len(rows) == 0 {
			continue
		}
		if len(rows) == 0 && len(datesIn(text, r.sheet.style)) > 0 {
			continue
		}
		if r.endsAddress(l, text) {
			break
		}
		if len(rows) == 0 && !streetLike(text) {
			if companyLike(text) || len(text) < 4 {
				continue
			}
			break
		}
		rows = append(rows, row{line: l, from: 0, to: len(l.tokens)})
		if len(rows) > 1 {
			if _, ok := placeOf(text); ok && !strings.HasSuffix(text, ",") {
				break
			}
		}
	}
	for _, b := range rows {
		p.street = p.street.join(b.piece(), ", ")
	}
}

// registerLine says whether a line is the number under which a company is
// registered.
func registerLine(text string) bool {
	folded := fold(text)
	for _, word := range []string{"coreg", "regno", "companyno", "rocno", "gst", "cono", "registration", "brn", "formerly", "companyreg", "sst"} {
		if strings.Contains(folded, word) {
			return true
		}
	}
	digits := 0
	for _, c := range folded {
		if unicode.IsDigit(c) {
			digits++
		}
	}
	return strings.HasPrefix(strings.TrimSpace(text), "(") && digits > 3 || len(folded) > 0 && 2*digits > len(folded)
}

func (r *reading) endsAddress(l *line, text string) bool {
	if documentTitle(text) || phoneLike(text) || strings.Contains(text, "@") || strings.Contains(strings.ToLower(text), "www.") || registerLine(text) {
		return true
	}
	for _, v := range l.segments[0].values(r.sheet.style) {
		if v.shape == "date" || v.shape == "email" || v.shape == "url" {
			return true
		}
	}
	if r.figuresOn(l.index) > 0 {
		return true // an article with its price
	}
	first := r.begins(l.segments[0])
	return first != nil && first.weight >= 0.85 && !first.says("address_label", "item_number", "line_position", "seller_address", "item_description")
}
