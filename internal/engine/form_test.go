package engine

import (
	"testing"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// drawn draws a grid of cells over a page, in columns and rows of layout.
func drawn(page reader.Page, columns, rows []int) reader.Page {
	x := func(c int) float64 { return float64(c) / 100 }
	y := func(r int) float64 { return (float64(r) - 0.3) / 60 }
	for _, c := range columns {
		page.Rules = append(page.Rules, reader.Rule{Vertical: true, At: x(c), From: y(rows[0]), To: y(rows[len(rows)-1])})
	}
	for _, r := range rows {
		page.Rules = append(page.Rules, reader.Rule{At: y(r), From: x(columns[0]), To: x(columns[len(columns)-1])})
	}
	return page
}

func formPage() reader.Page {
	return drawn(layout(1,
		"", "",
		"     APPLICANT'S name and address    1 Gross wages paid     2 Bonus",
		"     Mary Hammer                     $          1,500",
		"     7 Harbour Lane                                         $",
		"     Boston, MA 02110",
		"     Resident  ☒                     Member  ☐              Account no.",
		"                                                            12-345",
	), []int{4, 36, 59, 90}, []int{2, 6, 8})
}

func TestAFormsCellsHoldTheirValues(t *testing.T) {
	t.Parallel()
	got := extract(t, []reader.Page{formPage()},
		field("ApplicantName", models.TypeString), field("ApplicantAddress", models.TypeString), field("GrossWages", models.TypeNumber),
		field("Bonus", models.TypeNumber), field("Resident", models.TypeBoolean), field("Member", models.TypeBoolean), field("AccountNo", models.TypeString))
	wantValues(t, got, map[string]any{
		"ApplicantName": "Mary Hammer", "ApplicantAddress": "7 Harbour Lane, Boston, MA 02110", "GrossWages": 1500.0, "Bonus": nil,
		"Resident": true, "Member": false, "AccountNo": "12-345",
	})
}

func TestAMarkSpeaksForTheWordBesideIt(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]any{
		"Insured:  ☒ yes  ☐ no": true, "Insured:  ☐ yes  ☒ no": false, "Insured:  ☒": true, "Insured:  ☐": false, "Insured:  yes": true, "Insured:  ☐ yes  ☐ no": nil,
	} {
		got := extract(t, []reader.Page{layout(1, line)}, field("insured", models.TypeBoolean))
		if got.Data["insured"] != want {
			t.Errorf("%s: got %v, want %v", line, got.Data["insured"], want)
		}
	}
}
