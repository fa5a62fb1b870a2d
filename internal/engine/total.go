package engine

import (
	"math"

	"decoded.digital/extractor/models"
)

// amountsRight is the amounts on a label's line, up to the next label. In a row
// of several, the columns' headings tell which is which.
func (r *reading) amountsRight(l *label) []candidate {
	var all []candidate
	for _, s := range l.line.segments {
		if s.to <= l.to {
			continue
		}
		from := max(s.from, l.to)
		end := r.until(l.line, from, s.to)
		for _, v := range s.values(r.sheet.style) {
			if v.shape != "amount" || v.from < from || v.to > end || v.figure.percent {
				continue
			}
			all = append(all, at(v.value, l.line, v.from, v.to, l.weight*plausibleAmount(v.figure), models.MethodLabel))
		}
		if end < s.to {
			break
		}
	}
	for i := range all {
		if i < len(all)-1 {
			all[i].score *= 0.8
		}
		all[i].score *= r.headed(all[i], l, len(all))
	}
	return all
}

// plausibleAmount is less for a number without cents, unless money is named.
func plausibleAmount(f figure) float64 {
	switch {
	case f.decimals == 2:
		return 1
	case f.currency != "":
		return 0.95
	case f.decimals == 0:
		return 0.75
	}
	return 0.6
}

// headed is more than 1 where the heading above a number says what its row's
// label says, and less where it says another thing.
func (r *reading) headed(c candidate, l *label, columns int) float64 {
	if columns < 2 || !r.has(IdeaColumns) {
		return 1
	}
	for i := c.line.index - 1; i >= 0 && i > c.line.index-25; i-- {
		above := r.sheet.lines[i]
		if above.page != c.line.page {
			break
		}
		for _, head := range r.labelsOn[i] {
			if overlap(head.box, c.boxes) < 0.3 {
				continue
			}
			switch {
			case head.says("net_total") && !head.says("grand_total") && l.says("net_total"):
				return 1.1
			case head.says(l.concepts...):
				return 1.05
			case head.says("net_total", "tax_total", "grand_total", "quantity", "tax_rate", "unit_price"):
				return 0.35
			}
		}
	}
	return 1
}

// columnTotals is the numbers under a heading that names a total: the last row
// of such a column is one where sums agree with it.
func (r *reading) columnTotals(c concept) []candidate {
	var all []candidate
	if !r.has(IdeaColumns) {
		return nil
	}
	for _, l := range r.labels[c] {
		if l.weight < 0.5 {
			continue
		}
		var last *candidate
		for _, s := range r.under(l.line, l.box, 30) {
			for _, v := range s.values(r.sheet.style) {
				box := s.line.boxOf(v.from, v.to)
				if v.shape != "amount" || v.figure.percent || v.figure.decimals != 2 || overlap(l.box, box) < 0.3 {
					continue
				}
				found := at(v.value, s.line, v.from, v.to, 0.5*l.weight, models.MethodTable)
				found.label = l
				last = &found
				all = append(all, found)
			}
		}
		if last != nil {
			all[len(all)-1].score *= 1.15
		}
	}
	return all
}

// totals is what the document says of its amounts, settled by sums: of all that
// each label offers, the values that add up.
func (r *reading) totals() map[concept]candidate {
	offers := map[concept][]candidate{}
	for _, c := range []concept{"net_total", "tax_total", "grand_total", "amount_due", "prepaid_amount", "cash_tendered", "change_due", "rounding_amount"} {
		found := r.labelled(c)
		columns := r.columnTotals(c)
		for i := range found {
			found[i].score *= r.lowerIsLater(found[i])
			if headsColumn(found[i], columns) {
				found[i].score *= 0.5
			}
		}
		offers[c] = best(append(found, columns...), 8)
	}
	settled := map[concept]candidate{}
	r.settleSum(offers, settled)
	for c, list := range offers {
		if _, done := settled[c]; !done && len(list) > 0 {
			settled[c] = list[0]
		}
	}
	r.settleCash(offers, settled)
	r.settleRounding(offers, settled)
	if gross, ok := settled["grand_total"]; ok && len(offers["amount_due"]) == 0 && len(offers["prepaid_amount"]) == 0 {
		gross.score *= 0.8
		settled["amount_due"] = gross // nothing was paid before
	}
	if tax, ok := settled["tax_total"]; ok && tax.value == 0.0 && len(offers["net_total"]) == 0 {
		if gross, ok := settled["grand_total"]; ok {
			gross.score *= 0.8
			settled["net_total"] = gross // no tax is in it
		}
	}
	return settled
}

// headsColumn says whether a number is the first of several under its label: one
// of many rather than their sum.
func headsColumn(c candidate, columns []candidate) bool {
	n := 0
	for i := range columns {
		if columns[i].label == c.label && c.label.line != c.line {
			n++
		}
	}
	return n > 1
}

// lowerIsLater is a little less than 1 for what stands high on the document:
// totals come last.
func (r *reading) lowerIsLater(c candidate) float64 {
	return 0.9 + 0.1*float64(c.line.index+1)/float64(len(r.sheet.lines))
}

// settleSum takes net, tax and gross total where net + tax = gross; of several
// such, the one whose labels say it best, and of those the largest.
func (r *reading) settleSum(offers map[concept][]candidate, settled map[concept]candidate) {
	top, largest := 0.0, cent
	if !r.has(IdeaSums) {
		return
	}
	for _, gross := range offers["grand_total"] {
		largest = max(largest, math.Abs(gross.amount()))
	}
	for _, gross := range offers["grand_total"] {
		for _, net := range offers["net_total"] {
			for _, tax := range offers["tax_total"] {
				n, t, g := net.amount(), tax.amount(), gross.amount()
				if !equal(n+t, g) || net.same(tax) || net.same(gross) || tax.same(gross) {
					continue
				}
				score := net.score + tax.score + gross.score + 0.3
				if t == 0 {
					score -= 0.25
				}
				score += 0.2 * math.Abs(g) / largest
				if score > top {
					top = score
					settled["net_total"], settled["tax_total"], settled["grand_total"] = net.proven(), tax.proven(), gross.proven()
				}
			}
		}
	}
}

// settleCash takes the total of a receipt where cash - change is one of those
// that its labels offer.
func (r *reading) settleCash(offers map[concept][]candidate, settled map[concept]candidate) {
	top := 0.0
	if !r.has(IdeaSums) {
		return
	}
	for _, cash := range offers["cash_tendered"] {
		for _, change := range offers["change_due"] {
			for _, total := range offers["grand_total"] {
				if !equal(cash.amount()-change.amount(), total.amount()) || cash.same(change) || total.same(cash) {
					continue
				}
				if score := cash.score + change.score + total.score; score > top {
					top = score
					settled["grand_total"] = total.proven()
				}
			}
		}
	}
}

// settleRounding takes the rounded of two totals that differ by the rounding that
// is printed.
func (r *reading) settleRounding(offers map[concept][]candidate, settled map[concept]candidate) {
	for _, by := range offers["rounding_amount"] {
		for _, before := range offers["grand_total"] {
			for _, after := range append(offers["grand_total"], offers["amount_due"]...) {
				if by.amount() != 0 && equal(before.amount()+by.amount(), after.amount()) && !before.same(after) && r.has(IdeaSums) {
					settled["grand_total"] = after.proven()
				}
			}
		}
	}
}

// amount is a candidate's number.
func (c candidate) amount() float64 {
	n, _ := c.value.(float64)
	return n
}

// proven is a candidate that a sum confirms.
func (c candidate) proven() candidate {
	c.score = min(1, c.score+0.35)
	c.proof = true
	return c
}

// same says whether two candidates are one place.
func (c candidate) same(o candidate) bool {
	return c.line == o.line && overlap(c.boxes, o.boxes) > 0.5
}

// equal compares amounts to half a cent.
func equal(a, b float64) bool { return a-b < cent && b-a < cent }
