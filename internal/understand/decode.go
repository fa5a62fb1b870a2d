package understand

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/models"
)

// object is an answer, or a part of one: by key a *leaf, an object, []object or
// []*leaf.
type object map[string]any

// leaf is one value of an answer.
type leaf struct {
	value any    // string, float64 or bool; nil: the model found none
	raw   string // what it answered that is no value of the field's type
	at    *place // nil: it stands nowhere
	// others are what other windows of the document say.
	others []*leaf
}

// place is where a value stands.
type place struct {
	page      *page
	box       models.Box // on the upright page
	text      string     // as it stands there
	certainty float64    // of its characters
	count     int        // how often it stands in what was shown
	far       bool       // apart from its row
}

// maxRows is how many rows of one list are taken of one answer: no window of a
// document shows more.
const maxRows = 10_000

// maxFaults is how many faults a complaint names.
const maxFaults = 10

// decode reads an answer. The complaint says what keeps it from being used; it
// is empty where nothing does.
func decode(fields []models.Field, text string) (object, string) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var top map[string]any
	if err := decoder.Decode(&top); err != nil || top == nil {
		return nil, "it is not one JSON object"
	}
	if decoder.More() {
		return nil, "something follows the JSON object"
	}
	d := decoding{}
	found := d.object(fields, top, "")
	if len(d.faults) > 0 {
		return nil, strings.Join(d.faults[:min(len(d.faults), maxFaults)], "; ")
	}
	return found, ""
}

type decoding struct{ faults []string }

func (d *decoding) fault(path, must string) {
	d.faults = append(d.faults, path+" must be "+must)
}

func (d *decoding) object(fields []models.Field, values map[string]any, path string) object {
	found := make(object, len(fields))
	for _, f := range fields {
		at := join(path, f.Key)
		value, there := values[f.Key]
		if !there {
			d.fault(at, "there")
			continue
		}
		switch f.Type {
		case models.TypeObject:
			found[f.Key] = d.nested(f, value, at)
		case models.TypeObjectList:
			found[f.Key] = d.rows(f, value, at)
		case models.TypeStringList:
			found[f.Key] = d.texts(value, at)
		case models.TypeString, models.TypeNumber, models.TypeBoolean, models.TypeDate:
			found[f.Key] = d.leaf(f.Type, value, at)
		}
	}
	return found
}

func (d *decoding) nested(f models.Field, value any, at string) object {
	values, ok := value.(map[string]any)
	if !ok {
		d.fault(at, "an object")
		return nil
	}
	return d.object(f.Children, values, at)
}

func (d *decoding) rows(f models.Field, value any, at string) []object {
	items, ok := value.([]any)
	if !ok || len(items) > maxRows {
		d.fault(at, fmt.Sprintf("a list of at most %d objects", maxRows))
		return nil
	}
	rows := make([]object, 0, len(items))
	for i, item := range items {
		rows = append(rows, d.nested(f, item, fmt.Sprintf("%s[%d]", at, i)))
	}
	return rows
}

func (d *decoding) texts(value any, at string) []*leaf {
	items, ok := value.([]any)
	if !ok || len(items) > maxRows {
		d.fault(at, fmt.Sprintf("a list of at most %d texts", maxRows))
		return nil
	}
	var texts []*leaf
	for i, item := range items {
		l := d.leaf(models.TypeString, item, fmt.Sprintf("%s[%d]", at, i))
		if l != nil && l.value != nil {
			texts = append(texts, l)
		}
	}
	return texts
}

// leaf takes what strict mode allows, and text of any type: a schema may ask for
// texts where a provider has too few unions.
func (d *decoding) leaf(kind models.FieldType, value any, at string) *leaf {
	switch v := value.(type) {
	case nil:
		return &leaf{}
	case string:
		return read(kind, v)
	case json.Number:
		number, err := v.Float64()
		if kind == models.TypeNumber && err == nil && !math.IsInf(number, 0) {
			return &leaf{value: number}
		}
		if kind == models.TypeString {
			return &leaf{value: v.String()}
		}
	case bool:
		if kind == models.TypeBoolean {
			return &leaf{value: v}
		}
	}
	d.fault(at, map[models.FieldType]string{
		models.TypeString: "a text", models.TypeNumber: "a number", models.TypeBoolean: "true or false", models.TypeDate: "a date as YYYY-MM-DD",
	}[kind]+" or null")
	return nil
}

// read reads a text as a value of the type.
func read(kind models.FieldType, text string) *leaf {
	text = strings.TrimSpace(printable(text))
	if text == "" {
		return &leaf{}
	}
	if kind == models.TypeDate {
		if _, err := time.Parse(time.DateOnly, text); err == nil {
			return &leaf{value: text}
		}
	}
	value, ok := engine.Coerce(kind, text)
	if !ok {
		return &leaf{raw: text}
	}
	return &leaf{value: value}
}

// printable drops the characters that no page has and no database takes.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
