package engine

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/internal/reader/parse"
	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/models"
)

func invoicePage() reader.Page {
	return layout(1,
		"INVOICE",
		"",
		"Invoice number:  A-17        Customer no    4711",
		"Invoice date     20.11.2026",
		"Paid:  no",
		"Tags:  red, green; blue",
		"",
		"Description       Quantity    Unit price    Amount",
		"Blue paint        2           10.00         20.00",
		"Brush, wide       1           5.50          5.50",
		"",
		"Subtotal                                    25.50",
		"Total                                       30.35 EUR",
	)
}

func TestTheTemplateThatFitsIsChosen(t *testing.T) {
	t.Parallel()
	invoice := models.Document{ID: "invoice", Name: "Invoice", Fields: []models.Field{field("invoice_number", models.TypeString), field("total", models.TypeNumber)}}
	lease := models.Document{ID: "lease", Name: "Lease agreement", Fields: []models.Field{field("landlord", models.TypeString), field("rent", models.TypeNumber)}}
	for name, tc := range map[string]struct {
		documents []models.Document
		want      string
	}{
		"the one that fits": {[]models.Document{lease, invoice}, "invoice"},
		"none fits":         {[]models.Document{lease}, ""},
		"there is none":     {nil, ""},
	} {
		choice, err := New().Analyze(t.Context(), &reader.Document{Pages: []reader.Page{invoicePage()}}, tc.documents)
		got := ""
		if choice.DocumentID != nil {
			got = *choice.DocumentID
		}
		if err != nil || got != tc.want || choice.Score < choice.RunnerUp || choice.Score > 1 {
			t.Errorf("%s: got %+v, %v", name, choice, err)
		}
	}
}

func TestEachTypeIsFilled(t *testing.T) {
	t.Parallel()
	got := extract(t, []reader.Page{invoicePage()},
		field("invoice_number", models.TypeString), field("invoice_date", models.TypeDate), field("paid", models.TypeBoolean),
		field("total", models.TypeNumber), field("tags", models.TypeStringList), field("subtotal", models.TypeNumber),
		field("customer", models.TypeObject, field("customer_no", models.TypeNumber)),
		field("lines", models.TypeObjectList, field("description", models.TypeString), field("quantity", models.TypeNumber),
			field("unit_price", models.TypeNumber), field("amount", models.TypeNumber)),
	)
	want := map[string]any{
		"invoice_number": "A-17", "invoice_date": "2026-11-20", "paid": false, "total": 30.35, "subtotal": 25.5,
		"tags": []any{"red", "green", "blue"}, "customer": map[string]any{"customer_no": 4711.0},
		"lines": []any{
			map[string]any{"description": "Blue paint", "quantity": 2.0, "unit_price": 10.0, "amount": 20.0},
			map[string]any{"description": "Brush, wide", "quantity": 1.0, "unit_price": 5.5, "amount": 5.5},
		},
	}
	if !reflect.DeepEqual(got.Data, want) {
		t.Errorf("got  %v\nwant %v", got.Data, want)
	}
	if len(got.Checks) != 2 || got.Checks[0].Rule != "lines[].quantity * unit_price = amount" || got.Checks[1].Rule != "sum(lines.amount) = subtotal" || !got.Checks[0].OK || !got.Checks[1].OK {
		t.Errorf("got checks %+v", got.Checks)
	}
	for _, path := range []string{"invoice_number", "customer.customer_no", "tags[1]", "lines[1].description"} {
		if e := got.Evidence[path]; e.Page != 1 || e.Box == nil || e.Text == "" || e.Confidence <= 0 || e.Method == "" {
			t.Errorf("%s: got evidence %+v", path, e)
		}
	}
}

func TestWhatIsNotThereIsNullWithItsReason(t *testing.T) {
	t.Parallel()
	pages := []reader.Page{layout(1, "Due date:  see below", "Order:  1", "", "Order:  2", "Amount:  5.00", "", "Amount:  5.00")}
	got := extract(t, pages, field("due_date", models.TypeDate), field("order", models.TypeNumber), field("iban", models.TypeString),
		field("lines", models.TypeObjectList, field("quantity", models.TypeNumber), field("price", models.TypeNumber)), field("amount", models.TypeNumber))
	for path, want := range map[string]models.Reason{
		"due_date": models.ReasonTypeMismatch, "order": models.ReasonAmbiguous, "iban": models.ReasonNotFound, "lines": models.ReasonNotFound,
	} {
		if e := got.Evidence[path]; e.Reason != want || e.Confidence != 0 {
			t.Errorf("%s: got %+v, want %s", path, e, want)
		}
	}
	if got.Data["order"] != nil || len(got.Evidence["order"].Candidates) != 2 || len(got.Evidence["due_date"].Candidates) != 1 {
		t.Errorf("got %v, candidates %+v", got.Data, got.Evidence)
	}
	if got.Data["amount"] != 5.0 {
		t.Errorf("two places that agree are no doubt: got %v", got.Data["amount"])
	}
}

func TestHiddenTextIsNeverAValue(t *testing.T) {
	t.Parallel()
	page := layout(1, "Total:  30.00")
	page.Words = append(page.Words, layout(1, "", "IBAN:  DE00", "Total:  99.00").Words...)
	for i := range page.Words {
		page.Words[i].Hidden = page.Words[i].Box.Y > 0
	}
	got := extract(t, []reader.Page{page}, field("total", models.TypeNumber), field("iban", models.TypeString))
	if got.Data["total"] != 30.0 || got.Data["iban"] != nil {
		t.Errorf("got %v", got.Data)
	}
	choice, err := New().Analyze(t.Context(), &reader.Document{Pages: []reader.Page{page}}, []models.Document{{ID: "x", Name: "IBAN", Fields: []models.Field{field("iban", models.TypeString)}}})
	if err != nil || choice.DocumentID != nil {
		t.Errorf("hidden words chose a template: %+v, %v", choice, err)
	}
}

func TestWithoutATemplateTheLabelsAreTheKeys(t *testing.T) {
	t.Parallel()
	result, err := New().Extract(t.Context(), &reader.Document{Pages: []reader.Page{invoicePage()}}, nil, Options{})
	if err != nil || result.Data["invoice_number"] != "A-17" || result.Data["paid"] != false || result.Evidence["paid"].Page != 1 {
		t.Errorf("got %v, %v", result.Data, err)
	}
}

func TestTheSampleIsReadAsPrinted(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../samples/invoice.pdf")
	if err != nil {
		t.Fatal(err)
	}
	r, err := parse.New(testkit.Cache(t), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	pages, err := r.Read(t.Context(), "application/pdf", content, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	got := extract(t, pages.Pages, field("invoice_number", models.TypeString), field("invoice_date", models.TypeDate), field("nothing_of_it", models.TypeString))
	if got.Data["invoice_number"] != "NP-2026-0417" || got.Data["invoice_date"] != "2026-11-20" || got.Data["nothing_of_it"] != nil {
		t.Errorf("got %v", got.Data)
	}
}

// TestAnyPageGivesHonestValues: whatever stands on the pages, the result has the
// template's keys, and what it says stands there.
func TestAnyPageGivesHonestValues(t *testing.T) {
	t.Parallel()
	fields := []models.Field{
		field("total", models.TypeNumber), field("name", models.TypeString), field("tags", models.TypeStringList),
		field("lines", models.TypeObjectList, field("item", models.TypeString), field("amount", models.TypeNumber)),
	}
	rapid.Check(t, func(rt *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SampledFrom([]string{
			"Total:  5", "Name  x", "Tags: a, b", "Item     Amount", "nail     3.00", "", "Name:", "::", "Total  Total", "\u0000", "Amount  x  Item",
		}), 0, 20).Draw(rt, "lines")
		page := layout(1, pieces...)
		got := extract(t, []reader.Page{page}, fields...)
		if len(got.Data) != len(fields) {
			rt.Errorf("got keys of %v", got.Data)
		}
		printed := strings.Join(pieces, "\n")
		if name, ok := got.Data["name"].(string); ok && !strings.Contains(strings.Join(strings.Fields(printed), " "), name) {
			rt.Errorf("%q does not stand in %q", name, printed)
		}
		for path, e := range got.Evidence {
			if (e.Reason == "") == (e.Box == nil) || (e.Box != nil && (e.Box.X < 0 || e.Box.Y < 0 || e.Box.Right() > 1.0001 || e.Box.Bottom() > 1.0001)) {
				rt.Errorf("%s: got %+v", path, e)
			}
		}
		if !slices.ContainsFunc(fields, func(f models.Field) bool { _, ok := got.Data[f.Key]; return ok }) {
			rt.Error("a key is missing")
		}
	})
}
