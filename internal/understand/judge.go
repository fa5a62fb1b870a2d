package understand

import (
	"fmt"
	"math"
	"strings"

	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/models"
)

// Confidence of a model's value, before the certainty of its characters counts.
// What two engines read independently at the same place is seldom wrong; of two
// that differ the model is right more often.
const (
	confirmed  = 0.97 // the built-in engine says the same
	alone      = 0.85 // it says nothing
	contested  = 0.60 // it says something else, or another window does
	common     = 0.70 // so short and frequent that it stands somewhere by chance
	apart      = 0.70 // it stands on the page, and not where its row does
	homeless   = 0.40 // it stands nowhere
	contradict = 0.20 // it stands nowhere, and the built-in engine says something else
)

// judge makes data and evidence of what a model found, held against what the
// built-in engine did.
type judge struct {
	builtin  engine.Result
	evidence map[string]models.Evidence
	rows     []models.Check // the accounting of lists
}

func (j *judge) object(fields []models.Field, found object, builtin map[string]any, path string) map[string]any {
	data := make(map[string]any, len(fields))
	for _, f := range fields {
		at := join(path, f.Key)
		if j.embedded(at) {
			data[f.Key] = builtin[f.Key]
			j.adopt(at)
			continue
		}
		switch value := found[f.Key].(type) {
		case object:
			inner, _ := builtin[f.Key].(map[string]any)
			data[f.Key] = j.object(f.Children, value, inner, at)
		case []object:
			inner, _ := builtin[f.Key].([]any)
			data[f.Key] = j.list(f.Children, value, inner, at)
		case []*leaf:
			inner, _ := builtin[f.Key].([]any)
			data[f.Key] = j.texts(value, inner, at)
		case *leaf:
			data[f.Key] = j.leaf(value, builtin[f.Key], at, at)
		}
	}
	return data
}

// embedded says whether the built-in engine has the value, or all of a list,
// from an invoice's XML: no model knows better.
func (j *judge) embedded(at string) bool {
	for path, e := range j.builtin.Evidence {
		if e.Method == models.MethodEmbedded && (path == at || strings.HasPrefix(path, at+"[")) {
			return true
		}
	}
	return false
}

// adopt takes the built-in engine's evidence of a value and all in it.
func (j *judge) adopt(at string) {
	for path, e := range j.builtin.Evidence {
		if path == at || strings.HasPrefix(path, at+"[") || strings.HasPrefix(path, at+".") {
			j.evidence[path] = e
		}
	}
}

// leaf judges one value; at is its path, there the path of the built-in engine's.
func (j *judge) leaf(l *leaf, builtin any, at, there string) any {
	known := j.builtin.Evidence[there]
	for i, other := range l.others {
		if equal(other.value, builtin) { // two against one
			l.value, l.at, l.others[i] = other.value, other.at, &leaf{value: l.value, at: l.at}
			break
		}
	}
	if l.value == nil {
		j.evidence[at] = nothing(l, known)
		return nil
	}
	agreed := equal(l.value, builtin)
	e := models.Evidence{Confidence: round(weigh(l, builtin != nil, agreed)), Method: models.MethodModel}
	switch {
	case agreed && known.Page > 0: // at its label, where the value may stand elsewhere, too
		e.Page, e.Box, e.Text = known.Page, known.Box, known.Text
	case l.at != nil:
		e.Page, e.Box, e.Text = l.at.page.Number, l.at.original(), l.at.text
	default:
		e.Method = models.MethodUngrounded
		e.Confidence = min(e.Confidence, models.MaxUngrounded)
	}
	j.evidence[at] = e
	return l.value
}

// original is the place on the page as the file has it.
func (p *place) original() *models.Box {
	box := p.page.Original(p.box)
	return &box
}

// weigh is how sure a value is.
func weigh(l *leaf, judged, agreed bool) float64 {
	confidence := alone
	switch {
	case l.at == nil && judged && !agreed:
		return contradict
	case l.at == nil && !agreed:
		return homeless
	case agreed:
		confidence = confirmed
	case judged:
		confidence = contested
	}
	if len(l.others) > 0 {
		confidence = min(confidence, contested)
	}
	if l.at == nil {
		return confidence
	}
	if l.at.count > 3 && len(keyOf(l.at.text)) < 3 && !agreed {
		confidence = min(confidence, common)
	}
	if l.at.far && !agreed {
		confidence = min(confidence, apart)
	}
	return confidence * l.at.certainty
}

func round(confidence float64) float64 { return math.Round(confidence*1000) / 1000 }

// nothing says why a value is null. What the built-in engine sees is a candidate:
// two engines differ, and the value is not invented.
func nothing(l *leaf, known models.Evidence) models.Evidence {
	e := models.Evidence{Reason: models.ReasonNotFound}
	switch {
	case l.raw != "":
		e.Reason = models.ReasonTypeMismatch
	case known.Page == 0 && known.Reason != "":
		return known
	}
	if known.Page > 0 {
		e.Candidates = []models.EvidenceHit{{Page: known.Page, Box: known.Box, Text: known.Text}}
	}
	return e
}

func (j *judge) texts(found []*leaf, builtin []any, path string) []any {
	values := make([]any, 0, len(found))
	for i, l := range found {
		same, there := any(nil), ""
		for k, other := range builtin {
			if equal(l.value, other) {
				same, there = other, fmt.Sprintf("%s[%d]", path, k)
				break
			}
		}
		values = append(values, j.leaf(l, same, fmt.Sprintf("%s[%d]", path, i), there))
	}
	if len(values) == 0 {
		j.evidence[path] = nothing(&leaf{}, j.builtin.Evidence[path])
	}
	return values
}

func (j *judge) list(fields []models.Field, rows []object, builtin []any, path string) []any {
	values := make([]any, 0, len(rows))
	m := matcher{fields: fields, builtin: builtin, used: make([]bool, len(builtin))}
	for i, row := range rows {
		at := fmt.Sprintf("%s[%d]", path, i)
		k := m.match(row, i)
		if k < 0 {
			values = append(values, j.row(fields, row, nil, at, ""))
			continue
		}
		inner, _ := builtin[k].(map[string]any)
		values = append(values, j.row(fields, row, inner, at, fmt.Sprintf("%s[%d]", path, k)))
	}
	if len(values) == 0 {
		j.evidence[path] = nothing(&leaf{}, j.builtin.Evidence[path])
	}
	if len(builtin) > 0 {
		missing := m.missing(leavesOfAll(fields, rows), j.builtin.Evidence, path)
		j.rows = append(j.rows, models.Check{Rule: "rows(" + path + ") = rows on the page", OK: missing == 0, Difference: float64(missing)})
	}
	return values
}

// row judges a row's values; there is the path of the built-in engine's row,
// which may have another number.
func (j *judge) row(fields []models.Field, row object, builtin map[string]any, at, there string) map[string]any {
	data := make(map[string]any, len(fields))
	for _, f := range fields {
		inner, beside := join(at, f.Key), ""
		if there != "" {
			beside = join(there, f.Key)
		}
		switch value := row[f.Key].(type) {
		case *leaf:
			data[f.Key] = j.leaf(value, builtin[f.Key], inner, beside)
		case object:
			nested, _ := builtin[f.Key].(map[string]any)
			data[f.Key] = j.row(f.Children, value, nested, inner, beside)
		case []object:
			data[f.Key] = j.list(f.Children, value, nil, inner)
		case []*leaf:
			data[f.Key] = j.texts(value, nil, inner)
		}
	}
	return data
}
