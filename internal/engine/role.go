package engine

import (
	"strings"

	"decoded.digital/extractor/models"
)

// roles says which of the parties is seller and which is buyer: what a heading
// says, else what form and place of their blocks tell.
func (x *extraction) roles() (seller, buyer *party) {
	all := x.parties()
	if x.tillRoll() {
		seller = x.title()
	}
	for _, p := range all {
		switch {
		case p.role == "seller_name" && better(p, seller):
			seller = p
		case p.role == "buyer_name" && better(p, buyer):
			buyer = p
		}
	}
	if seller == nil || seller.name == nil {
		seller = mostLike(all, buyer, x.sellerLike)
	}
	if seller == nil {
		seller = x.title()
	} else if seller.name != nil && !seller.named && !companyLike(seller.name.text) {
		if top := x.letterhead(); top != nil {
			seller.name = top
		}
	}
	if buyer == nil || buyer.name == nil {
		buyer = mostLike(all, seller, x.buyerLike)
	}
	return seller, buyer
}

// letterhead is the company that is named in the first lines of the document.
func (x *extraction) letterhead() *piece {
	for i, l := range x.sheet.lines[:min(3, len(x.sheet.lines))] {
		s := l.segments[0]
		if !companyLike(s.text) || documentTitle(s.text) {
			continue
		}
		name := row{line: l, from: s.from, to: s.to}.piece()
		if i > 0 {
			above := x.sheet.lines[i-1]
			if first := above.segments[0]; above.leading(l) < 1.5 && x.begins(first) == nil && overlap(first.box, s.box) > 0.5 {
				name = row{line: above, from: first.from, to: first.to}.piece().join(name, " ")
			}
		}
		return name
	}
	return nil
}

// better prefers a party that has name and place, then one that a heading names.
func better(p, than *party) bool {
	rank := func(p *party) int {
		n := 0
		if p == nil {
			return -1
		}
		if p.name != nil {
			n += 2
		}
		if p.place != nil {
			n += 2
		}
		if p.named {
			n++
		}
		return n
	}
	return rank(p) > rank(than)
}

func mostLike(all []*party, except *party, like func(*party) float64) *party {
	var best *party
	top := 0.5
	for _, p := range all {
		if p == except || p.role != "" || except != nil && sameName(p, except) {
			continue
		}
		if score := like(p); score > top {
			best, top = p, score
		}
	}
	return best
}

func sameName(a, b *party) bool {
	return a.name != nil && b.name != nil && fold(a.name.text) == fold(b.name.text)
}

// sellerLike tells how much an address looks like a letterhead: a company with
// ways to reach it, at the top or foot of the page.
func (x *extraction) sellerLike(p *party) float64 {
	if p.name == nil || addressed(p) {
		return 0
	}
	score := 0.0
	if companyLike(p.name.text) {
		score += 0.5
	}
	y := p.name.box.Y
	if y < 0.25 || y > 0.8 {
		score += 0.3
	}
	for _, l := range p.name.line.page.lines {
		if !near(l, p) {
			continue
		}
		for _, o := range x.labelsOn[l.index] {
			if o.says("phone", "seller_vat_id", "iban", "company_registration", "email", "fax") && overlap(o.box, p.name.box) > 0 {
				score += 0.2
			}
		}
		for _, s := range l.segments {
			for _, v := range s.values(x.sheet.style) {
				if (v.shape == "url" || v.shape == "vat" || v.shape == "email") && overlap(s.box, p.name.box) > 0 {
					score += 0.15
				}
			}
		}
	}
	return score
}

// addressed says whether a name begins with a form of address: it is who gets
// the letter.
func addressed(p *party) bool {
	first, _, _ := strings.Cut(p.name.text, " ")
	return formOfAddress(first) && !companyLike(p.name.text)
}

func near(l *line, p *party) bool {
	d := l.index - p.name.line.index
	return d >= -3 && d <= 10
}

// buyerLike tells how much an address looks like the one in the window of an
// envelope.
func (x *extraction) buyerLike(p *party) float64 {
	if p.name == nil || p.street == nil || p.name.line.page.source.Number != 1 {
		return 0
	}
	score := 0.4
	if addressed(p) {
		score += 0.5
	}
	if y := p.name.box.Y; y > 0.08 && y < 0.4 {
		score += 0.4
	}
	if y := p.name.box.Y; y > 0.75 {
		score -= 0.5
	}
	return score
}

// partyCandidates is what the parties' blocks say of a want.
func (x *extraction) partyCandidates(w *want) []candidate {
	p := x.seller
	switch w.concept {
	case "buyer_name", "buyer_address":
		p = x.buyer
	case "ship_to_name", "payee_name":
		p = x.withRole(w.concept)
	}
	if p == nil {
		return nil
	}
	score := 0.55
	if p.named {
		score = 0.85
	}
	switch w.shape {
	case "party":
		if p.name == nil {
			return nil
		}
		name := *p.name
		name.text = unregistered(name.text)
		return pieceCandidate(&name, score)
	case "street":
		return pieceCandidate(p.street, score)
	case "zip", "city":
		if p.place == nil {
			return nil
		}
		part := *p.place
		part.text = p.where.zip
		if w.shape == "city" {
			part.text = p.where.city
		}
		return pieceCandidate(&part, score)
	}
	return pieceCandidate(p.street.join(p.place, ", "), score)
}

func (x *extraction) withRole(c concept) *party {
	for _, p := range x.parties() {
		if p.role == c {
			return p
		}
	}
	return nil
}

func pieceCandidate(p *piece, score float64) []candidate {
	if p == nil || strings.TrimSpace(p.text) == "" {
		return nil
	}
	return []candidate{{value: strings.Trim(p.text, " ,;|"), line: p.line, boxes: p.box, text: p.text, score: score, method: models.MethodPosition}}
}
