package understand

import (
	"fmt"

	"decoded.digital/extractor/models"
)

// matcher finds for each of a model's rows the built-in engine's row that says
// the most of the same.
type matcher struct {
	fields  []models.Field
	builtin []any
	used    []bool
}

// aside is how far from its own number a row's counterpart is looked for: one
// engine may drop rows that the other has.
const aside = 30

// match is the number of the counterpart of row i; -1: there is none.
func (m *matcher) match(row object, i int) int {
	best, most := -1, 0
	for k := max(0, i-aside); k < min(len(m.builtin), i+aside+1); k++ {
		if m.used[k] {
			continue
		}
		other, _ := m.builtin[k].(map[string]any)
		same := 0
		for _, f := range m.fields {
			if l, ok := row[f.Key].(*leaf); ok && equal(l.value, other[f.Key]) {
				same++
			}
		}
		if same > most {
			best, most = k, same
		}
	}
	if best >= 0 {
		m.used[best] = true
	}
	return best
}

// missing counts the built-in engine's rows that stand where no row of the model
// does: rows that the page shows and the answer lacks.
func (m *matcher) missing(found []*leaf, evidence map[string]models.Evidence, path string) int {
	covered := map[int][]models.Box{}
	for _, l := range found {
		if l.at != nil && !l.at.far {
			number := l.at.page.Number
			covered[number] = append(covered[number], *l.at.original())
		}
	}
	missing := 0
	for k := range m.builtin {
		if m.used[k] {
			continue
		}
		prefix := fmt.Sprintf("%s[%d].", path, k)
		cells, met := 0, false
		for _, f := range m.fields {
			e := evidence[prefix+f.Key]
			if e.Page == 0 || e.Box == nil {
				continue
			}
			cells++
			for _, box := range covered[e.Page] {
				met = met || overlaps(box, *e.Box)
			}
		}
		if cells > 1 && !met {
			missing++
		}
	}
	return missing
}

func overlaps(a, b models.Box) bool {
	return a.X < b.Right() && b.X < a.Right() && a.Y < b.Bottom() && b.Y < a.Bottom()
}

func leavesOfAll(fields []models.Field, rows []object) []*leaf {
	var leaves []*leaf
	for _, row := range rows {
		leaves = append(leaves, leavesOf(fields, row)...)
	}
	return leaves
}
