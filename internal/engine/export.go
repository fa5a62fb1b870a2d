package engine

import (
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// Coerce reads text as a value of the type, in the spellings of the world;
// false: it is none. Objects and lists have no text of their own.
func Coerce(kind models.FieldType, text string) (any, bool) { return coerce(kind, text, style{}) }

// Checks tries the sums that a filled template calls for, whoever filled it.
func (e *Engine) Checks(document *models.Document, data map[string]any) []models.Check {
	x := &extraction{
		reading: newReading(e.lexicon, &reader.Document{}), document: document,
		kin: significant(document.Name), numbers: map[concept]filledNumber{},
	}
	for _, f := range document.Fields {
		if value, ok := data[f.Key].(float64); ok {
			if w := e.lexicon.resolve(f, f.Key, x.kin, nil, false); w.concept != "" {
				x.numbers[w.concept] = filledNumber{path: f.Key, value: value}
			}
		}
	}
	return x.checks(document.Fields, data)
}
