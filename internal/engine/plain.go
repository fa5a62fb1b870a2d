package engine

import (
	"slices"
	"strings"
)

// plainRows reads the rows of a list that has no heading: lines of a text and an
// amount under one another, whose sum is one of the totals below them. Without
// that sum they could be anything.
func (x *extraction) plainRows(wants []want) []*tableRow {
	if !x.has(IdeaPlainRows) {
		return nil
	}
	description := slices.IndexFunc(wants, func(w want) bool { return w.concept == "item_description" })
	amount := slices.IndexFunc(wants, func(w want) bool { return w.concept == "line_total" })
	if amount < 0 {
		amount = slices.IndexFunc(wants, func(w want) bool { return w.concept == "unit_price" })
	}
	if description < 0 || amount < 0 {
		return nil
	}
	t := &table{wants: wants, columns: []column{{child: description}, {child: amount, number: true}}}
	for _, c := range []concept{"net_total", "grand_total"} {
		if total, ok := x.settled[c]; ok {
			if rows := x.rowsAbove(t, total); rows != nil {
				return rows
			}
		}
	}
	return nil
}

// plainReach is how many lines above its total a list without a heading may
// begin.
const plainReach = 40

// rowsAbove gathers lines of text and amount above a total, in its column, until
// they add up to it.
func (x *extraction) rowsAbove(t *table, total candidate) []*tableRow {
	want, ok := total.value.(float64)
	if !ok || want == 0 {
		return nil
	}
	var rows []*tableRow
	sum := 0.0
	for i := total.line.index - 1; i >= max(0, total.line.index-plainReach); i-- {
		l := x.sheet.lines[i]
		if l.page != total.line.page {
			break
		}
		row, value, ok := x.plainRow(t, l, total)
		if !ok {
			continue
		}
		rows = append([]*tableRow{row}, rows...)
		if sum += value; equal(sum, want) {
			return rows
		}
	}
	return nil
}

// plainRow reads a line as a text and one amount in the total's column.
func (x *extraction) plainRow(t *table, l *line, total candidate) (*tableRow, float64, bool) {
	last := l.segments[len(l.segments)-1]
	if len(l.segments) < 2 || x.labelledTotal(l) {
		return nil, 0, false
	}
	for _, v := range last.values(x.sheet.style) {
		box := l.boxOf(v.from, v.to)
		if v.shape != "amount" || v.figure.decimals != 2 || v.figure.percent || overlap(box, total.boxes) < 0.3 {
			continue
		}
		value, _ := v.value.(float64)
		text := l.segments[0]
		if !strings.ContainsAny(strings.ToLower(text.text), "abcdefghijklmnopqrstuvwxyz") {
			return nil, 0, false
		}
		row := &tableRow{anchor: l, last: l, table: t, cells: map[int]*cell{}}
		row.put(0, bit{line: l, from: text.from, to: text.to, box: text.box})
		row.put(1, bit{line: l, from: v.from, to: v.to, box: box})
		return row, value, true
	}
	return nil, 0, false
}

// labelledTotal says whether a line begins with the label of a total or a tax.
func (x *extraction) labelledTotal(l *line) bool {
	return slices.ContainsFunc(x.labelsOn[l.index], func(o *label) bool {
		return o.weight > 0.55 && o.says("net_total", "tax_total", "grand_total", "amount_due", "prepaid_amount", "line_sum", "discount_total", "charge_total", "cash_tendered", "change_due")
	})
}
