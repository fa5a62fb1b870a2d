package engine

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"decoded.digital/extractor/models"
)

// maxSuggested is how many labelled values are answered without a template.
const maxSuggested = 60

// suggest answers a document's labelled values and tables under keys made of
// its labels, and the template that would ask for them.
func (x *extraction) suggest() Result {
	data := map[string]any{}
	suggested := models.Document{Name: x.kindName(), Description: "Fields that were found on a document without a template"}
	for _, l := range x.all {
		if len(suggested.Fields) >= maxSuggested || l.weight < 0.75 {
			continue
		}
		x.suggestLabel(l, &suggested, data)
	}
	for i := range x.captions() {
		c := &x.captions()[i]
		if len(suggested.Fields) >= maxSuggested || !c.colon || len(c.terms) > 6 {
			continue
		}
		x.suggestCaption(c, &suggested, data)
	}
	x.suggestTable(&suggested, data)
	if len(suggested.Fields) == 0 {
		return Result{Data: data, Evidence: x.evidence, Checks: []models.Check{}}
	}
	return Result{Data: data, Evidence: x.evidence, Checks: []models.Check{}, Suggested: &suggested}
}

// kindName is what the document seems to be: a kind's name with a capital.
func (x *extraction) kindName() string {
	best, top := "document", 0.6
	for i, score := range x.kindScores() {
		if score > top {
			best, top = x.lexicon.kinds[i].name, score
		}
	}
	return strings.ToUpper(best[:1]) + best[1:]
}

// suggestLabel answers the value of a label that the lexicon knows.
func (x *extraction) suggestLabel(l *label, suggested *models.Document, data map[string]any) {
	for _, c := range l.concepts {
		kind := x.lexicon.shapes[c]
		if c.inLine() || kind == "text" && !strings.HasSuffix(l.line.tokens[l.to-1].text, ":") {
			continue
		}
		ranked := best(x.beside(l, kind), 1)
		if len(ranked) == 0 && kind != "text" && kind != "party" {
			ranked = best(x.beneath(l, kind), 1)
		}
		if len(ranked) > 0 {
			ranked[0].label = l
			x.suggestValue(l.line.text(l.from, l.to), &ranked[0], suggested, data)
			return
		}
	}
}

// suggestCaption answers what stands behind the colon of unknown words.
func (x *extraction) suggestCaption(c *caption, suggested *models.Document, data map[string]any) {
	w := want{field: models.Field{Type: models.TypeString}, shape: "text"}
	ranked := best(x.captioned(c, &w, 0.7), 1)
	if len(ranked) == 0 || utf8.RuneCountInString(ranked[0].text) > 120 {
		return
	}
	found := ranked[0]
	for _, kind := range []models.FieldType{models.TypeDate, models.TypeBoolean, models.TypeNumber} {
		if value, ok := coerce(kind, found.text, x.sheet.style); ok {
			found.value = value
			break
		}
	}
	x.suggestValue(c.line.text(c.from, c.to), &found, suggested, data)
}

// suggestValue takes a value into answer and template, under its label's words.
func (x *extraction) suggestValue(label string, found *candidate, suggested *models.Document, data map[string]any) {
	label = strings.Trim(strings.TrimSpace(label), ":.# ")
	key := keyOf(label)
	if _, twice := data[key]; twice || key == "" {
		return
	}
	f := models.Field{Key: key, Description: label, Type: models.TypeString}
	switch value := found.value.(type) {
	case float64:
		f.Type = models.TypeNumber
	case bool:
		f.Type = models.TypeBoolean
	case string:
		if isDay(value) {
			f.Type = models.TypeDate
		}
	}
	data[key] = found.value
	x.evidence[key] = x.evidenceOf(found)
	suggested.Fields = append(suggested.Fields, f)
}

// keyOf makes a key of a label's words.
func keyOf(label string) string {
	words := terms(label)
	if len(words) > 6 {
		words = words[:6]
	}
	key := strings.Join(words, "_")
	if !strings.ContainsFunc(key, unicode.IsLetter) || len(key) > 60 {
		return ""
	}
	return key
}

// suggestTable answers the table with the most columns that the lexicon knows.
func (x *extraction) suggestTable(suggested *models.Document, data map[string]any) {
	var wants []want
	for i := range x.lexicon.terms {
		t := &x.lexicon.terms[i]
		if !t.concept.inLine() {
			continue
		}
		kind := models.TypeString
		switch t.shape {
		case "quantity", "price", "lineamount", "percent":
			kind = models.TypeNumber
		case "date":
			kind = models.TypeDate
		}
		f := models.Field{Key: string(t.concept), Description: strings.ReplaceAll(string(t.concept), "_", " "), Type: kind}
		wants = append(wants, want{field: f, concept: t.concept, shape: t.shape})
	}
	t := x.findTable(wants)
	if t == nil {
		return
	}
	list := models.Field{Key: "lines", Description: "Lines of the table", Type: models.TypeObjectList}
	t.narrow()
	for _, w := range t.wants {
		list.Children = append(list.Children, w.field)
	}
	rows := []any{}
	for _, row := range x.rowsOf(t) {
		rows = append(rows, x.rowObject(row, fmt.Sprintf("lines[%d]", len(rows))))
	}
	if len(rows) > 0 {
		data["lines"] = rows
		suggested.Fields = append(suggested.Fields, list)
	}
}

// narrow leaves the wants that have a column.
func (t *table) narrow() {
	var kept []want
	for i := range t.columns {
		if k := t.columns[i].child; k >= 0 {
			kept = append(kept, t.wants[k])
			t.columns[i].child = len(kept) - 1
		}
	}
	t.wants = kept
}
