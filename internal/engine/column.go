package engine

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// follows puts the pieces of a line that goes on with a row under the texts of
// the row that begin where they do: a centred heading does not tell where its
// column begins.
func (w *tableRow) follows(cells map[int][]bit) map[int][]bit {
	moved := map[int][]bit{}
	for column, bits := range cells {
		for _, b := range bits {
			to := column
			for c := range w.table.columns {
				if cell := w.cells[c]; cell != nil && slices.ContainsFunc(cell.pieces, func(p bit) bool { return math.Abs(p.box.X-b.box.X) < alignedEdge && !numeral(p.text()) }) {
					to = c
					break
				}
			}
			moved[to] = append(moved[to], b)
		}
	}
	return moved
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
