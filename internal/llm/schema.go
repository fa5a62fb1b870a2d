package llm

import (
	"bytes"
	"encoding/json"
	"fmt"

	"decoded.digital/extractor/models"
)

// Limits is what a schema may have to be followed strictly; 0: any number.
type Limits struct {
	Properties int // over all objects
	Depth      int // of objects in objects, the outermost counted
	Unions     int // values that may be null
}

// Fits says whether fields make a schema within the limits. Unions never keep
// one out: Schema does without them.
func (l Limits) Fits(fields []models.Field) bool {
	properties, _, depth := measure(fields)
	return (l.Properties == 0 || properties <= l.Properties) && (l.Depth == 0 || depth <= l.Depth)
}

// Split parts fields into groups whose schemas are each within the limits, as
// far as that is possible without parting a single field.
func (l Limits) Split(fields []models.Field) [][]models.Field {
	var groups [][]models.Field
	begin, taken := 0, 0
	for i := range fields {
		properties, _, _ := measure(fields[i : i+1])
		if l.Properties > 0 && i > begin && taken+properties > l.Properties {
			groups = append(groups, fields[begin:i])
			begin, taken = i, 0
		}
		taken += properties
	}
	return append(groups, fields[begin:])
}

// measure counts the properties, the values among them and the depth.
func measure(fields []models.Field) (properties, values, depth int) {
	for _, f := range fields {
		properties++
		p, v, d := measure(f.Children)
		properties, values, depth = properties+p, values+v, max(depth, d)
		if !f.Type.HasChildren() && f.Type != models.TypeStringList {
			values++
		}
	}
	if len(fields) > 0 {
		depth++
	}
	return properties, values, depth
}

// Schema is the JSON Schema of a template's data in the subset that strict modes
// take: every key required, nothing else allowed, a value null where the
// document does not have it. Where that makes more unions than the limits allow,
// values are strings, empty instead of null. The keys keep the template's order,
// which is the order in which a model writes them.
func Schema(fields []models.Field, l Limits) (json.RawMessage, error) {
	_, values, _ := measure(fields)
	w := schemaWriter{plain: l.Unions > 0 && values > l.Unions}
	w.object(fields, "")
	if w.err != nil {
		return nil, fmt.Errorf("write the answer's schema: %w", w.err)
	}
	return w.out.Bytes(), nil
}

type schemaWriter struct {
	out   bytes.Buffer
	plain bool // strings instead of values that may be null
	err   error
}

func (w *schemaWriter) object(fields []models.Field, description string) {
	w.raw(`{"type":"object",`)
	w.description(description)
	w.raw(`"properties":{`)
	for i, f := range fields {
		w.comma(i)
		w.text(f.Key)
		w.raw(`:`)
		w.field(f)
	}
	w.raw(`},"required":[`)
	for i, f := range fields {
		w.comma(i)
		w.text(f.Key)
	}
	w.raw(`],"additionalProperties":false}`)
}

func (w *schemaWriter) field(f models.Field) {
	switch f.Type {
	case models.TypeObject:
		w.object(f.Children, f.Description)
	case models.TypeObjectList:
		w.raw(`{"type":"array",`)
		w.description(f.Description)
		w.raw(`"items":`)
		w.object(f.Children, "")
		w.raw(`}`)
	case models.TypeStringList:
		w.raw(`{"type":"array",`)
		w.description(f.Description)
		w.raw(`"items":{"type":"string"}}`)
	case models.TypeString, models.TypeNumber, models.TypeBoolean, models.TypeDate:
		w.value(f)
	}
}

func (w *schemaWriter) value(f models.Field) {
	kind, note := "string", ""
	switch f.Type { //nolint:exhaustive // the others have no note
	case models.TypeNumber:
		kind = "number"
	case models.TypeBoolean:
		kind = "boolean"
	case models.TypeDate:
		note = " (a date, as YYYY-MM-DD)"
	}
	w.raw(`{`)
	if w.plain {
		if kind != "string" {
			note = " (a " + kind + ")"
		}
		w.description(f.Description + note + "; empty if the document does not say it")
		w.raw(`"type":"string"}`)
		return
	}
	w.description(f.Description + note)
	w.raw(`"type":["` + kind + `","null"]}`)
}

func (w *schemaWriter) description(text string) {
	if text != "" {
		w.raw(`"description":`)
		w.text(text)
		w.raw(`,`)
	}
}

func (w *schemaWriter) comma(i int) {
	if i > 0 {
		w.raw(`,`)
	}
}

func (w *schemaWriter) raw(text string) { w.out.WriteString(text) }

func (w *schemaWriter) text(text string) {
	encoded, err := json.Marshal(text)
	if err != nil && w.err == nil {
		w.err = err
	}
	w.out.Write(encoded)
}
