package engine

import (
	"fmt"
	"math"

	"decoded.digital/extractor/models"
)

// minColumns is how many of a list's fields a header line must name.
const minColumns = 2

// table fills a List<Object> from the rows under the line that names most of its
// children as columns.
func (x *extraction) table(f models.Field, path string) []any {
	rows := []any{}
	header, columns := x.header(f.Children)
	if len(columns) < min(minColumns, len(f.Children)) {
		x.evidence[path] = models.Evidence{Reason: models.ReasonNotFound}
		return rows
	}
	for _, l := range x.lines[header+1:] {
		row, evidence := cells(l, f.Children, columns)
		if 2*len(evidence) <= len(columns) {
			break // a line that fills no more than half of the columns is below the table
		}
		at := fmt.Sprintf("%s[%d]", path, len(rows))
		for _, child := range f.Children {
			e, found := evidence[child.Key]
			if !found {
				e = models.Evidence{Reason: models.ReasonNotFound}
			}
			x.evidence[at+"."+child.Key] = e
		}
		rows = append(rows, row)
	}
	return rows
}

// header finds the line that names most children and where their columns stand.
func (x *extraction) header(children []models.Field) (int, map[string]segment) {
	best, at := map[string]segment{}, 0
	for i, l := range x.lines {
		columns := map[string]segment{}
		for _, s := range l.segments {
			key, score := "", 0.0
			for _, child := range children {
				if a := agreement(significant(s.text), significant(child.Key), significant(child.Description)); a > score {
					key, score = child.Key, a
				}
			}
			if _, taken := columns[key]; key != "" && !taken {
				columns[key] = s
			}
		}
		if len(columns) > len(best) {
			best, at = columns, i
		}
	}
	return at, best
}

// cells puts each segment of a line under the column whose header is nearest.
func cells(l line, children []models.Field, columns map[string]segment) (map[string]any, map[string]models.Evidence) {
	row, evidence := map[string]any{}, map[string]models.Evidence{}
	for _, child := range children {
		row[child.Key] = nil
	}
	for _, s := range l.segments {
		key, distance := "", math.Inf(1)
		for name, header := range columns {
			d := min(math.Abs(s.box.X-header.box.X), math.Abs(s.box.Right()-header.box.Right()))
			if d < distance {
				key, distance = name, d
			}
		}
		for _, child := range children {
			value, ok := coerce(child.Type, s.text)
			if child.Key == key && ok && row[key] == nil {
				row[key] = value
				evidence[key] = models.Evidence{Confidence: 0.9, Page: l.page, Box: &s.box, Text: s.text, Method: models.MethodTable}
			}
		}
	}
	return row, evidence
}
