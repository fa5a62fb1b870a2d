package engine

import "decoded.digital/extractor/models"

// Coerce reads text as a value of the type, in the spellings of the world;
// false: it is none. Objects and lists have no text of their own.
func Coerce(kind models.FieldType, text string) (any, bool) { return coerce(kind, text, style{}) }

// Checks tries the sums that a template's data calls for, whoever filled it.
func (e *Engine) Checks(template *models.Document, data map[string]any) []models.Check {
	x := &extraction{
		reading: &reading{lexicon: e.lexicon}, document: template, kin: significant(template.Name), numbers: map[concept]filledNumber{},
	}
	x.number(template.Fields, data, "", nil)
	return x.checks(template.Fields, data)
}

// number takes note of the numbers that have a business term.
func (x *extraction) number(fields []models.Field, data map[string]any, path string, parents []string) {
	for _, f := range fields {
		at := f.Key
		if path != "" {
			at = path + "." + f.Key
		}
		switch value := data[f.Key].(type) {
		case map[string]any:
			x.number(f.Children, value, at, append(parents, significant(f.Key)...))
		case float64:
			if w := x.lexicon.resolve(f, at, x.kin, parents, false); w.concept != "" {
				x.numbers[w.concept] = filledNumber{path: at, value: value}
			}
		}
	}
}
