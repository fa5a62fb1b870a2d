package engine

import (
	"slices"
	"strings"
	"unicode"

	"decoded.digital/extractor/models"
)

// party is a company or person named on the document, with its address.
type party struct {
	role    concept // seller_name, buyer_name, ship_to_name, payee_name; empty: not said
	named   bool    // a heading says the role
	name    *piece
	street  *piece
	place   *piece
	where   place
	details map[concept]candidate // what labels within its block say: number, VAT id
}

// piece is text that runs over one line or several.
type piece struct {
	text  string
	line  *line
	box   models.Box
	score float64
}

func (p *piece) join(next *piece, by string) *piece {
	if p == nil {
		return next
	}
	if next == nil {
		return p
	}
	return &piece{text: strings.TrimRight(p.text, ", ") + by + next.text, line: p.line, box: p.box.Union(next.box), score: min(p.score, next.score)}
}

// row is a line of a party's block: what stands in its column.
type row struct {
	line     *line
	from, to int
	label    *label // that begins it
	box      models.Box
}

func (b row) text() string { return strings.TrimSpace(b.line.text(b.from, b.to)) }

func (b row) piece() *piece {
	return &piece{text: b.text(), line: b.line, box: b.line.boxOf(b.from, b.to), score: 1}
}

// maxBlock is how many lines a party's block may have.
const maxBlock = 14

// headings are the labels that begin a party's block.
func (r *reading) headings() []*label {
	var all []*label
	if !r.has(IdeaHeadings) {
		return nil
	}
	for _, l := range r.all {
		if role(l) == "" || l.weight < 0.55 {
			continue
		}
		s := l.line.segmentAt(l.from)
		if l.from > s.from && l.weight < 0.8 {
			continue
		}
		if l.to < s.to && !strings.HasSuffix(l.line.tokens[l.to-1].text, ":") && l.line.tokens[l.to].fold != "" {
			continue
		}
		all = append(all, l)
	}
	return all
}

// role is which party a label introduces.
func role(l *label) concept {
	for _, c := range []concept{"ship_to_name", "payee_name", "buyer_name", "seller_name"} {
		if l.says(c) {
			return c
		}
	}
	return ""
}

// block gathers the rows under a heading, in its column.
func (r *reading) block(head *label, others []*label) []row {
	var rows []row
	left, right := head.box.X-head.line.em, r.columnEnd(head, others)
	if own := head.line.segmentAt(head.from); head.to < own.to || own.index+1 < len(head.line.segments) {
		if from, to, ok := r.right(head); ok && head.line.tokens[from].box.X < right {
			rows = append(rows, row{line: head.line, from: from, to: to})
		}
	}
	last := head.line
	for _, l := range r.sheet.lines[head.line.index+1:] {
		if l.page != head.line.page || last.leading(l) > 5 || len(rows) >= maxBlock {
			break
		}
		b, ok := r.rowIn(l, left, right)
		if !ok {
			continue
		}
		if n := len(rows); n > 0 && last.leading(l) > 2.6 && (b.label == nil && rows[n-1].label == nil || last.leading(l) > 3.6) {
			break
		}
		if b.label != nil && slices.Contains(others, b.label) {
			break
		}
		rows = append(rows, b)
		last = l
	}
	return rows
}

// rowIn is what of a line stands in a column: one segment, or a label and its
// value.
func (r *reading) rowIn(l *line, left, right float64) (row, bool) {
	for i, s := range l.segments {
		if s.box.X < left || s.box.X >= right {
			continue
		}
		b := row{line: l, from: s.from, to: s.to, label: r.begins(s), box: s.box}
		reach := 2.5 * l.em // loosely set words are one text
		if b.label != nil || strings.HasSuffix(s.text, ":") {
			reach = 1
		}
		for _, next := range l.segments[i+1:] {
			if next.box.X >= right || next.box.X-l.tokens[b.to-1].box.Right() > reach {
				break
			}
			b.to = next.to
			if reach == 1 {
				break
			}
		}
		return b, true
	}
	return row{}, false
}

// columnEnd is where the column of a heading ends: at the next heading of a
// party on its line or what stands right of it on the lines below.
func (r *reading) columnEnd(head *label, others []*label) float64 {
	end := 1.0
	for _, o := range others {
		if o.line == head.line && o.from > head.from {
			end = min(end, o.box.X-0.2*head.line.em)
		}
	}
	own := head.line.segmentAt(head.from)
	if own.index+1 < len(head.line.segments) && own.to == head.to && !strings.HasSuffix(own.text, ":") {
		if next := head.line.segments[own.index+1]; next.box.X > head.box.X+12*head.line.em {
			end = min(end, next.box.X-0.2*head.line.em)
		}
	}
	return end
}

// partyOf reads name, address and numbers of a block.
func (r *reading) partyOf(rows []row, role concept) *party {
	p := &party{role: role, named: true, details: map[concept]candidate{}}
	var body []row
	for i, b := range rows {
		l := b.label
		if l == nil || l.weight < 0.7 {
			if !strings.Contains(b.text(), ":") {
				body = append(body, b)
			}
			continue
		}
		from, to, ok := r.right(l)
		switch {
		case l.says("name_label") && ok:
			p.name = row{line: b.line, from: from, to: to}.piece()
			if before := r.wrapped(b.line, p.name); before != nil {
				p.name = before.join(p.name, " ")
				body = slices.DeleteFunc(body, func(o row) bool { return i > 0 && o.line == before.line })
			}
		case l.says("address_label") && ok:
			body = append(body, row{line: b.line, from: from, to: to})
		case l.to == b.to && !strings.HasSuffix(b.text(), ":") && !l.says("contact_label", "phone", "fax", "email"):
			body = append(body, b)
		default:
			r.detail(p, l)
		}
	}
	r.addressIn(p, body)
	return p
}

// wrapped is the first half of a value that runs over two lines beside a label
// in their middle: the line above, closer than lines are.
func (r *reading) wrapped(l *line, value *piece) *piece {
	if l.index == 0 {
		return nil
	}
	above := r.sheet.lines[l.index-1]
	if above.page != l.page || above.leading(l) > 1.35 || len(above.segments) != 1 {
		return nil
	}
	if d := above.box.X - value.box.X; d > l.em || d < -l.em {
		return nil
	}
	return row{line: above, from: 0, to: len(above.tokens)}.piece()
}

// detail keeps what a label within a party's block says of it.
func (r *reading) detail(p *party, l *label) {
	for _, c := range []concept{"seller_vat_id", "customer_number", "party_number", "tax_number", "phone", "email", "company_registration"} {
		if !l.says(c) {
			continue
		}
		if found := r.beside(l, r.lexicon.shapes[c]); len(found) > 0 {
			found[0].label = l
			p.details[c] = found[0]
		}
		return
	}
}

// addressIn finds the town's line among the rows of a block, the street above
// it, and the name above that.
func (r *reading) addressIn(p *party, body []row) {
	town := -1
	for i, b := range body {
		if where, ok := placeOf(b.text()); ok && !r.dated(b) {
			town, p.where = i, where
			break
		}
	}
	top := len(body)
	if town >= 0 {
		p.place = body[town].piece()
		p.place.text = p.where.text
		top = town
		for top > 0 && streetLike(body[top-1].text()) && (top-1 > 0 || p.name != nil) && !companyLike(body[top-1].text()) {
			top--
		}
		for _, b := range body[top:town] {
			p.street = p.street.join(b.piece(), ", ")
		}
	}
	if p.name != nil || len(body) == 0 || top == 0 {
		return
	}
	if town < 0 {
		top = min(top, 2)
	}
	p.name = nameIn(body[:top])
}

// dated says whether a row holds a date, which can look like a town's code.
func (r *reading) dated(b row) bool { return len(datesIn(b.text(), r.sheet.style)) > 0 }

// nameIn is the name at the top of a block: one line, or two where a form of
// address or the first half of a company's name stands alone.
func nameIn(rows []row) *piece {
	for i, b := range rows {
		text := b.text()
		if !strings.ContainsFunc(text, unicode.IsLetter) || len(text) > 90 || phoneLike(text) || bracketed.MatchString(text) {
			continue
		}
		name := b.piece()
		if i+1 < len(rows) && (formOfAddress(text) || !companyLike(text) && companyLike(rows[i+1].text())) {
			name = name.join(rows[i+1].piece(), " ")
		}
		return name
	}
	return nil
}

// formOfAddress says whether a line is no more than the beginning of a name.
func formOfAddress(text string) bool {
	switch fold(text) {
	case "herr", "herrn", "frau", "firma", "mr", "mrs", "ms", "madame", "monsieur", "messrs", "spettle", "spettabile", "sr", "sra", "attn", "zhd", "companyname", "eheleute", "familie":
		return true
	}
	return false
}
