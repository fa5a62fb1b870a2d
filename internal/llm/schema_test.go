package llm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"decoded.digital/extractor/internal/testkit/llmfake"
	"decoded.digital/extractor/models"
)

// drawFields draws the fields of any template that is valid.
func drawFields(rt *rapid.T, depth int, left *int) []models.Field {
	var fields []models.Field
	for i := range rapid.IntRange(1, 6).Draw(rt, "fields") {
		if *left--; *left < 0 && i > 0 {
			break
		}
		f := models.Field{
			Key:         fmt.Sprintf("%s_%d", rapid.StringMatching(`[a-zäß" ]{1,8}`).Draw(rt, "key"), i),
			Type:        rapid.SampledFrom(models.FieldTypes()).Draw(rt, "type"),
			Description: rapid.StringMatching(`[ -~äöüß€\n]{1,30}`).Draw(rt, "description"),
		}
		if f.Type.HasChildren() && depth == models.MaxFieldDepth {
			f.Type = models.TypeDate
		}
		if f.Type.HasChildren() {
			f.Children = drawFields(rt, depth+1, left)
		}
		fields = append(fields, f)
	}
	return fields
}

func TestEachProviderTakesTheSchemaOfAnyTemplate(t *testing.T) {
	t.Parallel()
	for _, provider := range providers() {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			client, _ := connect(t, provider, always(llmfake.Reply{Text: "{}"}))
			rapid.Check(t, func(rt *rapid.T) {
				left := 200
				for _, group := range client.Limits().Split(drawFields(rt, 1, &left)) {
					schema, err := Schema(group, client.Limits())
					if err != nil {
						rt.Fatal(err)
					}
					request := &Request{
						Instructions: "Read.", Parts: []Part{{Text: "x"}}, MaxTokens: 1,
						Schema: schema, Loose: !client.Limits().Fits(group),
					}
					// The server fails the test where the provider would refuse it.
					if _, err := client.Complete(t.Context(), request); err != nil {
						rt.Fatal(err)
					}
				}
			})
		})
	}
}

func TestSplittingKeepsEachFieldOnceAndInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		left := 500
		fields := drawFields(rt, 1, &left)
		limits := Limits{Properties: rapid.IntRange(1, 20).Draw(rt, "limit")}
		var got []string
		for _, group := range limits.Split(fields) {
			if properties, _, _ := measure(group); properties > limits.Properties && len(group) > 1 {
				rt.Fatalf("%d fields make %d properties", len(group), properties)
			}
			for _, f := range group {
				got = append(got, f.Key)
			}
		}
		for i, f := range fields {
			if i >= len(got) || got[i] != f.Key {
				rt.Fatalf("got %q", got)
			}
		}
	})
}

func TestTheSchemaTakesWhatATemplateMeans(t *testing.T) {
	t.Parallel()
	fields := []models.Field{
		{Key: "number", Type: models.TypeString, Description: "d"},
		{Key: "total", Type: models.TypeNumber, Description: "d"},
		{Key: "paid", Type: models.TypeBoolean, Description: "d"},
		{Key: "seller", Type: models.TypeObject, Description: "d", Children: []models.Field{{Key: "name", Type: models.TypeString, Description: "d"}}},
		{Key: "tags", Type: models.TypeStringList, Description: "d"},
		{Key: "lines", Type: models.TypeObjectList, Description: "d", Children: []models.Field{{Key: "date", Type: models.TypeDate, Description: "d"}}},
	}
	encoded, err := Schema(fields, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	schema := compile(t, encoded)
	for text, want := range map[string]bool{
		`{"number":"7","total":1.5,"paid":true,"seller":{"name":"Acme"},"tags":["a"],"lines":[{"date":"2026-01-02"}]}`:      true,
		`{"number":null,"total":null,"paid":null,"seller":{"name":null},"tags":[],"lines":[{"date":null}]}`:                 true,
		`{"number":"7","total":"1.5","paid":true,"seller":{"name":"Acme"},"tags":["a"],"lines":[]}`:                         false,
		`{"number":"7","total":1.5,"paid":true,"seller":{"name":"Acme"},"tags":["a"]}`:                                      false,
		`{"number":"7","total":1.5,"paid":true,"seller":{"name":"Acme"},"tags":["a"],"lines":[],"more":1}`:                  false,
		`{"number":"7","total":1.5,"paid":true,"seller":null,"tags":["a"],"lines":[]}`:                                      false,
		`{"number":"7","total":1.5,"paid":true,"seller":{"name":"Acme"},"tags":["a"],"lines":[{"date":"x","amount":null}]}`: false,
	} {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); (err == nil) != want {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestKeysKeepTheTemplatesOrder(t *testing.T) {
	t.Parallel()
	encoded, err := Schema([]models.Field{
		{Key: "zebra", Type: models.TypeString, Description: "d"}, {Key: "ape", Type: models.TypeString, Description: "d"},
	}, Limits{})
	if err != nil || bytes.Index(encoded, []byte("zebra")) > bytes.Index(encoded, []byte("ape")) {
		t.Errorf("got %s, %v", encoded, err)
	}
}

func compile(t *testing.T, encoded json.RawMessage) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("answer.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("answer.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
