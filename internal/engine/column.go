package engine

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// learn keeps where the texts of each column begin on the lines with numbers.
func (t *table) learn(rows []*tableRow) {
	type edge struct {
		x float64
		n int
	}
	edges := make([][]edge, len(t.columns))
	for _, w := range rows {
		if len(w.table.columns) != len(t.columns) {
			continue
		}
		for i, c := range w.cells {
			b := c.pieces[0]
			if b.line != w.anchor || numeral(b.text()) {
				continue
			}
			k := slices.IndexFunc(edges[i], func(e edge) bool { return e.x-b.box.X < 0.5*b.line.em && b.box.X-e.x < 0.5*b.line.em })
			if k < 0 {
				edges[i] = append(edges[i], edge{x: b.box.X})
				k = len(edges[i]) - 1
			}
			edges[i][k].n++
		}
	}
	for i := range edges {
		if len(edges[i]) == 0 {
			continue
		}
		most := slices.MaxFunc(edges[i], func(a, b edge) int { return a.n - b.n })
		t.columns[i].left, t.columns[i].seen = most.x, most.n
	}
}

// describe gives the description a column where no heading names it: the one of
// those that fill no field that has the most letters.
func (t *table) describe(rows []*tableRow) {
	want := slices.IndexFunc(t.wants, func(w want) bool { return w.concept == "item_description" })
	if want < 0 || slices.ContainsFunc(t.columns, func(c column) bool { return c.child == want }) {
		return
	}
	pick, most := -1, 5*len(rows)
	for i, c := range t.columns {
		letters := 0
		for _, w := range rows {
			if cell := w.cells[i]; cell != nil && w.table == t {
				for _, b := range cell.pieces {
					letters += len(strings.Trim(b.line.tokens[b.from].fold, "0123456789"))
				}
			}
		}
		if c.child < 0 && letters > most {
			pick, most = i, letters
		}
	}
	if pick >= 0 {
		t.columns[pick].child = want
		t.asked++
	}
}

// partNumbers parts the position from the article number behind it where a scan
// ran them together: 1AB, 2CD, 3EF are numbered through.
func (t *table) partNumbers(rows []*tableRow) {
	position, item := t.columnFor("line_position"), t.columnFor("item_number")
	if position < 0 || item < 0 {
		return
	}
	for i, w := range rows {
		number := strconv.Itoa(i + 1)
		for _, c := range []int{position, item} {
			cell := w.cells[c]
			if cell == nil || w.table != t {
				continue
			}
			b := cell.pieces[0]
			rest, found := strings.CutPrefix(strings.TrimSpace(b.text()), number)
			if !found || len(rest) < 2 || !unicode.IsLetter([]rune(rest)[0]) {
				continue
			}
			share := b.box.Width * float64(len(number)) / float64(len(number)+len(rest))
			left, right := b, b
			left.part, left.box.Width = number, share
			right.part, right.box.X, right.box.Width = rest, b.box.X+share, b.box.Width-share
			cell.pieces = cell.pieces[1:]
			w.before(position, left)
			w.before(item, right)
			break
		}
	}
}

// before puts a piece ahead of a cell's others.
func (w *tableRow) before(column int, b bit) {
	c := w.cells[column]
	if c == nil {
		c = &cell{}
		w.cells[column] = c
	}
	c.pieces = append([]bit{b}, c.pieces...)
}

// columnFor is the column that fills a concept; -1: none.
func (t *table) columnFor(c concept) int {
	return slices.IndexFunc(t.columns, func(o column) bool { return o.child >= 0 && t.wants[o.child].concept == c })
}
