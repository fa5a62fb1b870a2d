package understand

import (
	"testing"

	"pgregory.net/rapid"

	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

func judged(builtin engine.Result, found object, fields ...models.Field) (map[string]any, map[string]models.Evidence) {
	j := judge{builtin: builtin, evidence: map[string]models.Evidence{}}
	return j.object(fields, found, builtin.Data, ""), j.evidence
}

// somewhere is a place on a page.
func somewhere(text string, certainty float64) *place {
	return &place{page: &page{Page: reader.Page{Number: 2, Width: 1, Height: 1}}, box: models.Box{Width: 0.5, Height: 0.5}, text: text, certainty: certainty, count: 1}
}

func TestWhatAnInvoiceHasInsideGoesBeforeTheModel(t *testing.T) {
	t.Parallel()
	builtin := engine.Result{
		Data: map[string]any{"total": 12.0, "lines": []any{map[string]any{"item": "Bolts"}}},
		Evidence: map[string]models.Evidence{
			"total":         {Confidence: 0.99, Method: models.MethodEmbedded, Page: 1},
			"lines[0].item": {Confidence: 0.99, Method: models.MethodEmbedded, Page: 1},
		},
	}
	found := object{
		"total": &leaf{value: 99.0, at: somewhere("99", 1)},
		"lines": []object{{"item": &leaf{value: "Nuts", at: somewhere("Nuts", 1)}}, {"item": &leaf{value: "Bolts", at: somewhere("Bolts", 1)}}},
	}
	data, evidence := judged(builtin, found, field("total", models.TypeNumber), field("lines", models.TypeObjectList, field("item", models.TypeString)))
	rows, _ := data["lines"].([]any)
	if data["total"] != 12.0 || len(rows) != 1 || evidence["total"].Method != models.MethodEmbedded || evidence["lines[0].item"].Method != models.MethodEmbedded {
		t.Errorf("got %v, %v", data, evidence)
	}
}

func TestOfTwoWindowsTheOneThatTheBuiltInEngineConfirmsIsTaken(t *testing.T) {
	t.Parallel()
	builtin := engine.Result{Data: map[string]any{"total": 30.0}, Evidence: map[string]models.Evidence{"total": {Page: 2, Box: &models.Box{}, Text: "30.00"}}}
	found := merge([]models.Field{field("total", models.TypeNumber)}, []object{
		{"total": &leaf{value: 10.0, at: somewhere("10.00", 1)}}, {"total": &leaf{}}, {"total": &leaf{value: 30.0, at: somewhere("30.00", 1)}},
	})
	data, evidence := judged(builtin, found, field("total", models.TypeNumber))
	if data["total"] != 30.0 || evidence["total"].Text != "30.00" || evidence["total"].Confidence > contested {
		t.Errorf("got %v, %+v", data, evidence["total"])
	}
}

func TestUncertainCharactersMakeAnUncertainValue(t *testing.T) {
	t.Parallel()
	f := field("name", models.TypeString)
	_, sure := judged(engine.Result{}, object{"name": &leaf{value: "Acme", at: somewhere("Acme", 1)}}, f)
	_, unsure := judged(engine.Result{}, object{"name": &leaf{value: "Acme", at: somewhere("Acme", 0.5)}}, f)
	if unsure["name"].Confidence >= sure["name"].Confidence {
		t.Errorf("got %v and %v", unsure["name"].Confidence, sure["name"].Confidence)
	}
}

func TestWhatCanNotBeReadIsSaidWhereTheModelHasNothing(t *testing.T) {
	t.Parallel()
	hit := models.EvidenceHit{Page: 1, Box: &models.Box{}, Text: "3O.l5"}
	builtin := engine.Result{Evidence: map[string]models.Evidence{
		"total": {Reason: models.ReasonUnreadable, Candidates: []models.EvidenceHit{hit}}, "names": {Reason: models.ReasonUnreadable},
	}}
	data, evidence := judged(builtin, object{"total": &leaf{}, "names": []*leaf{}}, field("total", models.TypeNumber), field("names", models.TypeStringList))
	if e := evidence["total"]; data["total"] != nil || e.Reason != models.ReasonUnreadable || len(e.Candidates) != 1 {
		t.Errorf("got %v, %+v", data["total"], e)
	}
	if e := evidence["names"]; e.Reason != models.ReasonUnreadable {
		t.Errorf("got %+v", e)
	}
}

func TestWhatStandsNowhereIsNeverOverTheLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		values := rapid.SampledFrom([]any{nil, "a", "b", 1.0, 2.0, true, false})
		l := &leaf{value: values.Draw(rt, "model")}
		if rapid.Bool().Draw(rt, "contested") {
			l.others = []*leaf{{value: values.Draw(rt, "other")}}
		}
		builtin := engine.Result{
			Data:     map[string]any{"x": values.Draw(rt, "builtin")},
			Evidence: map[string]models.Evidence{"x": {Page: rapid.IntRange(0, 1).Draw(rt, "page"), Box: &models.Box{}}},
		}
		data, evidence := judged(builtin, object{"x": l}, field("x", models.TypeString))
		e := evidence["x"]
		switch {
		case data["x"] == nil && e.Reason == "":
			rt.Fatalf("null without a reason: %+v", e)
		case data["x"] != nil && (e.Page == 0) != (e.Method == models.MethodUngrounded):
			rt.Fatalf("got %+v", e)
		case e.Method == models.MethodUngrounded && (e.Confidence > models.MaxUngrounded || e.Confidence <= 0):
			rt.Fatalf("got %+v", e)
		}
	})
}
