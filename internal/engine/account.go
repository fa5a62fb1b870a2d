package engine

import (
	"fmt"
	"math"

	"decoded.digital/extractor/models"
)

// account compares the rows that were answered with those that the pages show:
// lines with numbers in two columns of the table or more that are in no row. A
// row that is lost is told, not hidden.
func (x *extraction) account(path string, rows []*tableRow) {
	edges := edgesOf(rows)
	if len(edges) < 2 {
		return
	}
	known := map[*line]bool{}
	for _, w := range rows {
		for _, c := range w.cells {
			for _, b := range c.pieces {
				known[b.line] = true
			}
		}
	}
	missed := 0
	for _, l := range x.sheet.lines[rows[0].anchor.index:] {
		if !known[l] && !x.labelledTotal(l) && !x.remark(l) && x.inEdges(l, edges) >= max(2, len(edges)-1) {
			missed++
		}
	}
	x.found = append(x.found, models.Check{
		Rule: fmt.Sprintf("rows of %s seen = answered", path), OK: missed == 0, Difference: float64(missed),
	})
}

// edgesOf is the right edges of the columns of numbers, as most rows have them.
func edgesOf(rows []*tableRow) []float64 {
	if len(rows) == 0 {
		return nil
	}
	first := rows[0].table
	var edges []float64
	for i, c := range first.columns {
		if !c.number {
			continue
		}
		counts := map[int]int{}
		most, edge := 0, 0.0
		for _, w := range rows {
			cell := w.cells[i]
			if w.table != first || cell == nil || len(cell.pieces) == 0 {
				continue
			}
			right := cell.pieces[0].box.Right()
			bin := int(math.Round(right / alignedEdge))
			if counts[bin]++; counts[bin] > most {
				most, edge = counts[bin], right
			}
		}
		if 2*most > len(rows) {
			edges = append(edges, edge)
		}
	}
	return edges
}

// inEdges is how many of the columns a line has a number in.
func (x *extraction) inEdges(l *line, edges []float64) int {
	n := 0
	for _, edge := range edges {
		for _, s := range l.segments {
			for _, v := range s.values(x.sheet.style) {
				if v.shape == "amount" && math.Abs(l.boxOf(v.from, v.to).Right()-edge) < alignedEdge {
					n++
				}
			}
		}
	}
	return n
}
