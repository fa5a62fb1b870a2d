package engine

import (
	"regexp"
	"strings"

	"decoded.digital/extractor/models"
)

// valueOf reads a want's value from its cell.
func (r *reading) valueOf(w *want, c column, cell *cell) (candidate, bool) {
	if len(cell.pieces) == 0 {
		return candidate{}, false
	}
	switch w.field.Type { //nolint:exhaustive // a column holds no lists
	case models.TypeNumber:
		return r.numberOf(w, cell)
	case models.TypeDate:
		for _, b := range cell.pieces {
			if dates := datesIn(b.text(), r.sheet.style); len(dates) > 0 {
				return b.candidate(dates[0].value), true
			}
		}
	case models.TypeBoolean:
		for _, b := range cell.pieces {
			if value, ok := boolean(b.text()); ok {
				return b.candidate(value), true
			}
		}
	case models.TypeString:
		return r.textOf(w, c, cell)
	}
	return candidate{}, false
}

func (b bit) candidate(value any) candidate {
	c := at(value, b.line, b.from, b.to, 0.9, models.MethodTable)
	if b.part != "" {
		c.boxes, c.text = b.box, b.part
	}
	return c
}

// numberOf is the number of a cell: per cent for a rate, and never for what is
// no rate.
func (r *reading) numberOf(w *want, cell *cell) (candidate, bool) {
	for _, b := range cell.pieces {
		for i := b.from; i < b.to; i++ {
			f, end, ok := b.line.figureAt(i, b.to, r.sheet.style)
			if !ok {
				continue
			}
			if f.percent != (w.shape == "percent") && f.percent {
				continue
			}
			return at(f.value, b.line, i, end, 0.9, models.MethodTable), true
		}
	}
	return candidate{}, false
}

// maxLeading is how far, in line heights, a line that goes on with a text is
// below it.
const maxLeading = 1.75

var (
	globalNumber = regexp.MustCompile(`^\d{8}$|^\d{12,14}$`)
	bracketed    = regexp.MustCompile(`^\(.*\)$`)
)

// textOf is the text of a cell over its lines.
func (r *reading) textOf(w *want, c column, cell *cell) (candidate, bool) {
	switch w.concept {
	case "item_number", "buyer_item_number", "global_item_number":
		return itemCode(w.concept, c, cell)
	case "line_position":
		for _, b := range cell.pieces {
			if text := strings.Trim(b.text(), " .)"); len(text) <= 6 && numeral(text) && text != "" {
				return b.candidate(text), true
			}
		}
		return candidate{}, false
	}
	var text []string
	out := cell.pieces[0].candidate("")
	var before *bit
	captioned := r.labelAt(cell.pieces[0]) != nil
	for i := range cell.pieces {
		b := &cell.pieces[i]
		if other := r.labelAt(*b); i > 0 && !captioned && other != nil && !other.says(w.concept) && strings.HasSuffix(b.line.tokens[other.to-1].text, ":") {
			break // a detail of another kind: "GTIN: …"
		}
		if before != nil && before.line != b.line && (before.line.leading(b.line) > maxLeading || b.box.X > cell.pieces[0].box.X+1.2*b.line.em || b.box.X < cell.pieces[0].box.X-1.2*b.line.em) {
			break
		}
		text = append(text, b.text())
		out.boxes = out.boxes.Union(b.box)
		before = b
	}
	out.value = strings.TrimSpace(strings.Join(text, " "))
	out.text = strings.Join(text, " ")
	return out, out.value != ""
}

// labelAt is the label that begins a piece.
func (r *reading) labelAt(b bit) *label {
	for _, l := range r.labelsOn[b.line.index] {
		if l.from == b.from {
			return l
		}
	}
	return nil
}

// itemCode tells the article numbers of seller, buyer and world apart that stand
// over one another in a column.
func itemCode(asked concept, c column, cell *cell) (candidate, bool) {
	var global, own []bit
	for _, b := range cell.pieces {
		text := strings.TrimSpace(b.text())
		switch {
		case bracketed.MatchString(text):
		case globalNumber.MatchString(text):
			global = append(global, b)
		default:
			own = append(own, b)
		}
	}
	stacked := c.named > 1
	switch {
	case asked == "global_item_number":
		own = global
	case asked == "buyer_item_number" && (len(own) < 2 && stacked):
		return candidate{}, false
	case asked == "item_number" && stacked && len(own) > 1 && own[0].line != own[1].line:
		own = own[1:]
	case asked == "item_number" && !stacked && len(own) == 0:
		own = global
	}
	if len(own) == 0 {
		return candidate{}, false
	}
	return own[0].candidate(strings.TrimSpace(own[0].text())), true
}
