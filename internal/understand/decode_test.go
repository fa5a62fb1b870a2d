package understand

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/models"
)

func everyType() []models.Field {
	return []models.Field{
		field("text", models.TypeString), field("number", models.TypeNumber), field("truth", models.TypeBoolean), field("date", models.TypeDate),
		field("nested", models.TypeObject, field("text", models.TypeString)), field("texts", models.TypeStringList),
		field("rows", models.TypeObjectList, field("number", models.TypeNumber), field("date", models.TypeDate)),
	}
}

const whole = `{"text":"a","number":1.5,"truth":true,"date":"2026-01-02","nested":{"text":"b"},"texts":["c"],"rows":[{"number":2,"date":"2026-01-03"}]}`

func TestValuesAreReadAsTheirFieldsTypes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		`"text":7.50`: "7.50", `"text":" a "`: "a", `"text":""`: nil, `"text":null`: nil, `"text":"a\u0000b"`: "ab",
		`"number":1e3`: 1000.0, `"number":"1,234.50"`: 1234.5, `"number":""`: nil, `"number":"many"`: nil,
		`"truth":"yes"`: true, `"truth":""`: nil, `"truth":"perhaps"`: nil,
		`"date":"2.1.2026"`: "2026-01-02", `"date":"2026-02-30"`: nil, `"date":"soon"`: nil, `"date":""`: nil,
	} {
		key, _, _ := strings.Cut(strings.TrimPrefix(text, `"`), `"`)
		var value map[string]any
		if err := json.Unmarshal([]byte(whole), &value); err != nil {
			t.Fatal(err)
		}
		delete(value, key)
		rest, _ := json.Marshal(value)
		found, complaint := decode(everyType(), "{"+text+","+string(rest[1:]))
		if l, ok := found[key].(*leaf); complaint != "" || !ok || l.value != want {
			t.Errorf("%s: got %+v, %q", text, found[key], complaint)
		}
	}
}

func TestAComplaintNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		strings.Replace(whole, `"text":"a",`, "", 1):      "text must be there",
		strings.Replace(whole, `1.5`, `true`, 1):          "number must be a number or null",
		strings.Replace(whole, `1.5`, `1e999`, 1):         "number must be a number or null",
		strings.Replace(whole, `{"text":"b"}`, `null`, 1): "nested must be an object",
		strings.Replace(whole, `["c"]`, `"c"`, 1):         "texts must be a list",
		strings.Replace(whole, `["c"]`, `[{}]`, 1):        "texts[0] must be a text",
		strings.Replace(whole, `{"number":2,`, `{`, 1):    "rows[0].number must be there",
		strings.Replace(whole, `"2026-01-03"`, `[]`, 1):   "rows[0].date must be a date",
		whole + whole: "something follows",
		"null":        "not one JSON object",
	} {
		if _, complaint := decode(everyType(), text); !strings.Contains(complaint, want) {
			t.Errorf("%s: got %q, want %q", text, complaint, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(whole)
	f.Add(`{"text":"\ud800","number":-0,"truth":null,"date":"0000-00-00","nested":{},"texts":[null],"rows":[null]}`)
	f.Add(`[[[[[[`)
	f.Fuzz(func(t *testing.T, text string) {
		found, complaint := decode(everyType(), text)
		if complaint != "" {
			return
		}
		locate(everyType(), found, shown(documentOf("a 1.5 yes 2026-01-02", "b c 2", "2026-01-03")))
		j := judge{builtin: engine.Result{}, evidence: map[string]models.Evidence{}}
		data := j.object(everyType(), merge(everyType(), []object{found, found}), nil, "")
		if len(data) != len(everyType()) {
			t.Fatalf("got keys %v", data)
		}
		encoded, err := json.Marshal(data)
		if err != nil || !utf8.Valid(encoded) || strings.Contains(string(encoded), `\u0000`) {
			t.Fatalf("got %s, %v", encoded, err)
		}
		if date, ok := data["date"].(string); ok {
			if _, err := time.Parse(time.DateOnly, date); err != nil {
				t.Fatal(err)
			}
		}
		for path, e := range j.evidence {
			if e.Confidence < 0 || e.Confidence > 1 || (e.Method == models.MethodUngrounded && e.Confidence > models.MaxUngrounded) {
				t.Fatalf("%s: got %+v", path, e)
			}
		}
	})
}
