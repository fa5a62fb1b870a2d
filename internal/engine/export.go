package engine

import "decoded.digital/extractor/models"

// Coerce reads text as a value of the type, in the spellings of the world;
// false: it is none. Objects and lists have no text of their own.
func Coerce(kind models.FieldType, text string) (any, bool) { return coerce(kind, text) }

// Checks tries the sums that a filled template allows.
func Checks(fields []models.Field, data map[string]any) []models.Check { return sums(fields, data) }
