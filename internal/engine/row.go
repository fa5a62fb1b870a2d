package engine

import (
	"math"
	"slices"
	"strings"

	"decoded.digital/extractor/models"
)

// cell is what stands in a column of one row: one piece a line.
type cell struct {
	pieces []bit
}

// bit is some tokens of a line.
type bit struct {
	line     *line
	from, to int
	box      models.Box
	part     string // of its text, where a scan ran two cells together; empty: all
}

func (b bit) text() string {
	if b.part != "" {
		return b.part
	}
	return b.line.text(b.from, b.to)
}

// tableRow is one row of a table, over one line or several.
type tableRow struct {
	anchor *line // the line that holds its numbers
	last   *line
	table  *table        // whose columns it is read by: a heading on a later page may have others
	cells  map[int]*cell // by column
}

func (w *tableRow) put(column int, b bit) {
	c := w.cells[column]
	if c == nil {
		c = &cell{}
		w.cells[column] = c
	}
	c.pieces = append(c.pieces, b)
}

// rowsOf reads a table's rows: each begins at a line with numbers in its
// columns; the lines between belong to the row above them. A first look tells
// which column holds the descriptions, where no heading does.
func (r *reading) rowsOf(t *table) []*tableRow {
	rows := r.scan(t)
	t.describe(rows)
	rows = r.scan(t)
	if r.has(IdeaJoinedCells) {
		t.partNumbers(rows)
	}
	return rows
}

// scan reads the rows once.
func (r *reading) scan(t *table) []*tableRow {
	var rows []*tableRow
	top := t.first
	for i := t.last + 1; i < len(r.sheet.lines); i++ {
		l := r.sheet.lines[i]
		if again := r.headingAgain(t, top, i); again != nil {
			t = again
			i = again.last
			continue
		}
		if r.furniture(l, top) {
			continue
		}
		if r.endsTable(t, l, rows) || len(rows) > 0 && far(r.sheet.lines[i-1], l) {
			break
		}
		if r.remark(l) {
			continue
		}
		cells := r.cellsOf(t, l)
		var current *tableRow
		if len(rows) > 0 {
			current = rows[len(rows)-1]
		}
		switch {
		case current != nil && current.table == t && current.runsOn(l) && r.has(IdeaNotes):
			if column := t.columnOf(l.segments[0].box, true); column >= 0 && r.belongs(current, l) {
				current.put(column, bit{line: l, to: len(l.tokens), box: l.box})
				current.last = l
			}
		case !t.anchors(r, cells):
			if current == nil {
				continue
			}
			if current.table == t && r.belongs(current, l) {
				if r.has(IdeaEdges) {
					cells = current.follows(cells)
				}
				current.extend(cells, l)
			} else if current.table == t {
				current.number(cells)
			}
		case current != nil && current.completes(t, cells, l):
			current.extend(cells, l)
		default:
			row := &tableRow{anchor: l, last: l, table: t, cells: map[int]*cell{}}
			row.extend(cells, l)
			rows = append(rows, row)
		}
	}
	return rows
}

// remark says whether a line is a detail of its row that no column holds:
// "Bruttopreis : 9,90".
func (r *reading) remark(l *line) bool {
	s := l.segments[0]
	colon := strings.IndexByte(s.text, ':')
	if colon < 0 || colon > 40 || strings.ContainsAny(s.text[:colon], "0123456789") {
		return false
	}
	for _, o := range l.segments {
		for _, v := range o.values(r.sheet.style) {
			if v.shape == "amount" && v.figure.decimals > 0 && v.from > 0 {
				return strings.HasSuffix(l.tokens[v.from-1].text, ":")
			}
		}
	}
	return false
}

// extend puts a line's cells to a row.
func (w *tableRow) extend(cells map[int][]bit, l *line) {
	for column, bits := range cells {
		for _, b := range bits {
			w.put(column, b)
		}
	}
	w.last = l
}

// belongs says whether a line of text goes on with the row above it: it follows
// closely, and no drawn rule parts them.
func (r *reading) belongs(w *tableRow, l *line) bool {
	if w.last.page != l.page || w.last.leading(l) > maxLeading || !r.has(IdeaContinuing) {
		return false
	}
	return !ruled(w.last, l)
}

// ruled says whether a rule is drawn between two lines of a page.
func ruled(above, below *line) bool {
	for _, rule := range above.page.source.Rules {
		if !rule.Vertical && rule.At > middle(above.box) && rule.At < middle(below.box) && rule.To-rule.From > 0.3 {
			return true
		}
	}
	return false
}

// number gives a row its position where that stands on a line of its own, in the
// middle of the row.
func (w *tableRow) number(cells map[int][]bit) {
	for i, c := range w.table.columns {
		if c.child >= 0 && w.table.wants[c.child].concept == "line_position" && w.cells[i] == nil {
			for _, b := range cells[i] {
				w.put(i, b)
			}
		}
	}
}

// far says whether a line is so far below the one before it that a table has
// ended between them.
func far(before, l *line) bool {
	return before.page == l.page && before.leading(l) > 9
}

// completes says whether a line's numbers are those that the row above lacks: a
// row's numbers may stand on several lines.
func (w *tableRow) completes(t *table, cells map[int][]bit, l *line) bool {
	if w.table != t || w.last.page != l.page || w.anchor.leading(l) > 1.6 {
		return false
	}
	for column, bits := range cells {
		if t.columns[column].number && len(bits) > 0 && w.cells[column] != nil {
			return false
		}
	}
	return true
}

// anchors says whether a line begins a row: it has a number in the columns of
// numbers, in more than one where there are several.
func (t *table) anchors(r *reading, cells map[int][]bit) bool {
	numbers, filled := 0, 0
	for i, c := range t.columns {
		if !c.number {
			continue
		}
		numbers++
		for _, b := range cells[i] {
			if f, ok := r.figureIn(b); ok && (!f.percent || t.wants[c.child].shape == "percent") {
				filled++
				break
			}
		}
	}
	if numbers == 0 {
		return len(cells[t.firstAsked()]) > 0
	}
	if filled == 1 && r.surcharge(cells) {
		return false
	}
	return filled >= min(2, numbers) || filled == 1 && numbers <= 2 || filled == 1 && t.onlyTotal(r, cells)
}

// surcharge says whether a line is a discount or a charge on the row above it.
func (r *reading) surcharge(cells map[int][]bit) bool {
	for _, bits := range cells {
		for _, l := range r.labelsOn[bits[0].line.index] {
			if l.weight > 0.7 && l.says("discount_total", "charge_total", "tax_total") && !l.says("tax_rate") {
				return true
			}
		}
		break
	}
	return false
}

// onlyTotal says whether the one number is the line's total and a description
// stands beside it.
func (t *table) onlyTotal(r *reading, cells map[int][]bit) bool {
	described, total := false, false
	for i, c := range t.columns {
		if c.child < 0 || len(cells[i]) == 0 {
			continue
		}
		switch t.wants[c.child].concept {
		case "item_description":
			described = true
		case "line_total", "line_gross":
			f, ok := r.figureIn(cells[i][0])
			total = ok && f.decimals == 2
		}
	}
	return described && total
}

func (t *table) firstAsked() int {
	return slices.IndexFunc(t.columns, func(c column) bool { return c.child >= 0 })
}

// figureIn is the first number of a piece.
func (r *reading) figureIn(b bit) (figure, bool) {
	for i := b.from; i < b.to; i++ {
		if f, _, ok := b.line.figureAt(i, b.to, r.sheet.style); ok {
			return f, true
		}
	}
	return figure{}, false
}

// cellsOf cuts a line into pieces and puts each into its column.
func (r *reading) cellsOf(t *table, l *line) map[int][]bit {
	cells := map[int][]bit{}
	for _, s := range l.segments {
		start := s.from
		last := -1
		for i := s.from; i <= s.to; i++ {
			if i < s.to && (i == s.from || !r.cutsAt(t, s, start, i)) {
				continue
			}
			b := bit{line: l, from: start, to: i, box: l.boxOf(start, i)}
			if c := r.columnFor(t, b); c >= 0 {
				cells[c] = append(cells[c], b)
				last = c
			} else if last >= 0 {
				cells[last] = append(cells[last], b)
			}
			start = i
		}
	}
	return cells
}

// columnFor is the column of a piece. A rate that stands under no heading is in
// the column of rates, although that of another number may be nearer.
func (r *reading) columnFor(t *table, b bit) int {
	c := t.columnOf(b.box, !numeral(b.line.tokens[b.from].text))
	if c < 0 || overlap(t.columns[c].box, b.box) > 0 {
		return c
	}
	if f, ok := r.figureIn(b); ok && f.percent && r.has(IdeaRates) {
		if rates := t.columnFor("tax_rate"); rates >= 0 && math.Abs(center(t.columns[rates].box)-center(b.box)) < farHeading {
			return rates
		}
	}
	return c
}

// cutsAt says whether a new piece of a segment begins at a token: it stands
// under another column than what is before it, behind a gap or where words and
// numbers meet.
func (r *reading) cutsAt(t *table, s *segment, start, i int) bool {
	l := s.line
	if s.within(i, r.sheet.style) {
		return false
	}
	gap := l.tokens[i].box.X - l.tokens[i-1].box.Right()
	meets := numeral(l.tokens[i].text) != numeral(l.tokens[i-1].text)
	if gap < 0.4*l.em && !(meets && gap > 0.2*l.em && i-start == 1 && t.positioned(l.tokens[start].box)) && !(numeral(l.tokens[i].text) && gap > 0.1*l.em && t.inNumbers(l.tokens[i].box)) {
		return false
	}
	end := s.to
	for _, v := range s.values(r.sheet.style) {
		if v.from > i {
			end = v.from
			break
		}
	}
	before := t.columnOf(l.boxOf(start, i), !numeral(l.tokens[start].text))
	after := t.columnOf(l.boxOf(i, end), !numeral(l.tokens[i].text))
	return after >= 0 && before != after && (!t.columns[after].nameless() || numeral(l.tokens[i].text))
}

// positioned says whether a box stands in the column of the rows' positions.
func (t *table) positioned(box models.Box) bool {
	c := t.columnOf(box, false)
	return c >= 0 && c == t.columnFor("line_position")
}

// inNumbers says whether a box stands under the heading of a column of numbers
// and reaches into no column of text.
func (t *table) inNumbers(box models.Box) bool {
	under := false
	for _, c := range t.columns {
		if overlap(c.box, box) <= 0 {
			continue
		}
		if !c.number {
			return false
		}
		under = under || overlap(c.box, box) > 0.5
	}
	return under
}

// chargedCells is from how many filled columns a line is a row, whatever it is
// labelled.
const chargedCells = 4

// endsTable says whether a line is below the table: it begins with the label of
// a total or another heading of columns.
func (r *reading) endsTable(t *table, l *line, rows []*tableRow) bool {
	if len(rows) == 0 {
		return false
	}
	if r.otherHeading(l) {
		return true
	}
	for _, other := range r.labelsOn[l.index] {
		s := l.segmentAt(other.from)
		if other.from > s.from || other.weight < 0.7 {
			continue
		}
		if other.says("charge_total") && len(r.cellsOf(t, l)) >= chargedCells {
			return false // delivery that is charged like an article
		}
		if other.says("grand_total", "net_total", "tax_total", "line_sum", "prepaid_amount", "amount_due", "cash_tendered", "payment_terms", "payment_method", "charge_total", "iban") &&
			(!other.says("item_description", "item_number") || other.to != s.to) {
			ends := strings.HasSuffix(l.tokens[other.to-1].text, ":") && !other.says("charge_total")
			return ends || r.figuresOn(l.index) > 0 || other.says("payment_terms", "payment_method", "iban")
		}
	}
	return false
}
