package engine

import (
	"testing"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// ratedLines asks for what a line costs and which rate of tax it has.
func ratedLines() []models.Field {
	return []models.Field{
		field("net_total", models.TypeNumber), field("tax_total", models.TypeNumber), field("grand_total", models.TypeNumber),
		field("lines", models.TypeObjectList, field("description", models.TypeString), field("amount", models.TypeNumber), field("tax_rate", models.TypeNumber)),
	}
}

func TestARowsRateIsThatOfTheTaxWhoseBaseItIs(t *testing.T) {
	t.Parallel()
	head := "Description                                  Amount"
	for name, tc := range map[string]struct {
		lines []string
		want  []any
	}{
		"one rate": {
			[]string{head, "Paint                                         20.00", "Brush                                         30.00", "", "Subtotal                                      50.00", "VAT 19 %                                       9.50", "Grand total                                   59.50"},
			[]any{19.0, 19.0},
		},
		"one rate, in the total": {
			[]string{head, "Paint                                         80.00", "Brush                                        140.00", "", "Total incl. VAT 19 %                         220.00", "VAT                                           35.13"},
			[]any{19.0, 19.0},
		},
		"two rates, each with its base": {
			[]string{head, "Paint                                        198.00", "Yoghurt                                      275.00", "", "Subtotal                                     473.00", "Tax base VAT 7 %             275.00           19.25", "Tax base VAT 19 %            198.00           37.62", "Grand total                                  529.87"},
			[]any{19.0, 7.0},
		},
		"two rates and two ways to give them": {
			[]string{head, "Paint                                        100.00", "Yoghurt                                      100.00", "", "Subtotal                                     200.00", "Tax base VAT 7 %             100.00            7.00", "Tax base VAT 19 %            100.00           19.00", "Grand total                                  226.00"},
			[]any{nil, nil},
		},
		"a rate that no sum proves": {
			[]string{head, "Paint                                         20.00", "Brush                                         30.00", "", "Subtotal                                      50.00", "VAT 19 %                                       8.17", "Grand total                                   58.17"},
			[]any{nil, nil},
		},
	} {
		got := extract(t, []reader.Page{layout(1, tc.lines...)}, ratedLines()...)
		list, _ := got.Data["lines"].([]any)
		if len(list) != len(tc.want) {
			t.Errorf("%s: got rows %v", name, list)
			continue
		}
		for i, want := range tc.want {
			rate := list[i].(map[string]any)["tax_rate"]
			e := got.Evidence[rowPath("lines", i)+".tax_rate"]
			if rate != want || want != nil && (e.Box == nil || e.Page != 1) || want == nil && e.Reason == "" {
				t.Errorf("%s: row %d: got %v, %+v", name, i, rate, e)
			}
		}
	}
}
