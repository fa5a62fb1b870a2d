package engine

import (
	"slices"
	"strings"
	"testing"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// scanOf is a scanned page whose characters are sure, but for some words.
func scanOf(unsure map[string]float64, lines ...string) reader.Page {
	page := layout(1, lines...)
	page.Scanned = true
	for i := range page.Words {
		page.Words[i].Confidence = 0.98
		if sure, ok := unsure[page.Words[i].Text]; ok {
			page.Words[i].Confidence = sure
		}
	}
	return page
}

func TestWhatCanNotBeReadSaysSo(t *testing.T) {
	t.Parallel()
	lines := []string{"INVOICE", "Invoice number:  A-17", "Due date:  soon,l3", "Grand total:  30.35"}
	for name, tc := range map[string]struct {
		unsure map[string]float64
		field  models.Field
		reason models.Reason
		seen   string
	}{
		"a text that is hardly read":                {map[string]float64{"A-17": 0.3}, field("invoice_number", models.TypeString), models.ReasonUnreadable, "A-17"},
		"a number that is hardly read":              {map[string]float64{"30.35": 0.3}, field("grand_total", models.TypeNumber), models.ReasonUnreadable, "30.35"},
		"what was likelier misread than of a type":  {map[string]float64{"soon,l3": 0.5}, field("due_date", models.TypeDate), models.ReasonUnreadable, "soon,l3"},
		"what is read well and of another type":     {nil, field("due_date", models.TypeDate), models.ReasonTypeMismatch, "soon,l3"},
		"what is read well":                         {nil, field("invoice_number", models.TypeString), "", ""},
		"what is not there, on a page that is read": {nil, field("iban", models.TypeString), models.ReasonNotFound, ""},
	} {
		got := extract(t, []reader.Page{scanOf(tc.unsure, lines...)}, tc.field)
		e := got.Evidence[tc.field.Key]
		if e.Reason != tc.reason || (got.Data[tc.field.Key] == nil) != (tc.reason != "") {
			t.Errorf("%s: got %v, %+v", name, got.Data[tc.field.Key], e)
		}
		if tc.seen != "" && !slices.ContainsFunc(e.Candidates, func(h models.EvidenceHit) bool { return h.Box != nil && strings.Contains(h.Text, tc.seen) }) {
			t.Errorf("%s: it does not show what is there: %+v", name, e)
		}
	}
}

func TestACellThatCanNotBeReadSaysSo(t *testing.T) {
	t.Parallel()
	page := scanOf(map[string]float64{"l0.SO": 0.5, "5.25": 0.2},
		"Description            Quantity   Unit price   Amount",
		"Paint                  2          l0.SO        21.00",
		"Brush                  1          5.25         5.25",
		"Ladder                 1          on-request   80.00",
		"Total                                          106.25")
	got := extract(t, []reader.Page{page}, linesField())
	for path, reason := range map[string]models.Reason{
		"lines[0].unit_price": models.ReasonUnreadable, "lines[1].unit_price": models.ReasonUnreadable, "lines[2].unit_price": models.ReasonTypeMismatch,
	} {
		if e := got.Evidence[path]; e.Reason != reason || len(e.Candidates) == 0 {
			t.Errorf("%s: got %+v", path, e)
		}
	}
	if rows := listed(t, got); len(rows) != 3 || rows[0] != [4]any{"Paint", 2.0, nil, 21.0} {
		t.Errorf("got %v", rows)
	}
}

func TestASumReadsWhatIsHardToRead(t *testing.T) {
	t.Parallel()
	page := scanOf(map[string]float64{"120.00": 0.3}, "INVOICE", "Net total       100.00", "VAT 20 %         20.00", "Grand total     120.00")
	got := extract(t, []reader.Page{page}, field("net_total", models.TypeNumber), field("tax_total", models.TypeNumber), field("grand_total", models.TypeNumber))
	wantValues(t, got, map[string]any{"net_total": 100.0, "tax_total": 20.0, "grand_total": 120.0})
}

func TestOnAPageThatIsABlurNothingIsSaidToBeMissing(t *testing.T) {
	t.Parallel()
	page := scanOf(nil, "lNV0lCE", "|nv., nu~b:  A-l7", "~otl  3O.3S")
	for i := range page.Words {
		page.Words[i].Confidence = 0.3
	}
	got := extract(t, []reader.Page{page}, field("iban", models.TypeString), linesField())
	for _, path := range []string{"iban", "lines"} {
		if e := got.Evidence[path]; e.Reason != models.ReasonUnreadable {
			t.Errorf("%s: got %+v", path, e)
		}
	}
}
