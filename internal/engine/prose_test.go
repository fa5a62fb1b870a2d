package engine

import (
	"reflect"
	"testing"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

func agreementTemplate() *models.Document {
	return &models.Document{Name: "Non-disclosure agreement", Description: "Contract of confidentiality", Fields: []models.Field{
		{Key: "effective_date", Type: models.TypeDate, Description: "Date on which the agreement takes effect"},
		{Key: "jurisdiction", Type: models.TypeString, Description: "State or country whose law governs the agreement"},
		{Key: "party", Type: models.TypeStringList, Description: "Names of the parties to the agreement"},
		{Key: "term", Type: models.TypeString, Description: "Length of the agreement's term"},
	}}
}

func agreementPage() reader.Page {
	return layout(1,
		"MUTUAL CONFIDENTIALITY AGREEMENT",
		"",
		"This Agreement is entered into as of the 3rd day of March, 2026 by and between Blue Nail, Inc.,",
		"a Delaware corporation (\"Nail\"), and Mary K. Hammer, an individual (the \"Advisor\"). WHEREAS the",
		"parties hereto wish to exchange confidential information under that certain letter dated January",
		"7, 2025, they hereby agree as follows, and each party shall keep secret what the other discloses.",
		"This Agreement and the obligations hereunder shall expire two (2) years from the date hereof. Any",
		"notice shall be given ten (10) days in advance to the other party in writing at its seat.",
		"This Agreement shall be governed by and construed in accordance with the laws of the State of",
		"New York without regard to its conflict of laws principles, and the parties shall obey it.",
	)
}

func TestSentencesOfAContractAreUnderstood(t *testing.T) {
	t.Parallel()
	got, err := New().Extract(t.Context(), &reader.Document{Pages: []reader.Page{agreementPage()}}, agreementTemplate(), Options{})
	want := map[string]any{"effective_date": "2026-03-03", "jurisdiction": "New York", "party": []any{"Blue Nail, Inc.", "Mary K. Hammer"}, "term": "2 years"}
	if err != nil || !reflect.DeepEqual(got.Data, want) {
		t.Errorf("got %v, %v", got.Data, err)
	}
	if e := got.Evidence["jurisdiction"]; e.Method != models.MethodSentence || e.Text != "New York" || e.Box == nil {
		t.Errorf("got %+v", e)
	}
}

func TestABlankOfAFormIsNoDate(t *testing.T) {
	t.Parallel()
	page := layout(1,
		"CONFIDENTIALITY AGREEMENT",
		"This Agreement is made as of the ____ day of __________, 20__ by and between Blue Nail, Inc. (\"Nail\")",
		"and the employee who signs it below, who hereby agrees that it shall be governed by the parties hereto.",
	)
	got, err := New().Extract(t.Context(), &reader.Document{Pages: []reader.Page{page}}, agreementTemplate(), Options{})
	if err != nil || got.Data["effective_date"] != nil || got.Data["jurisdiction"] != nil {
		t.Errorf("got %v, %v", got.Data, err)
	}
}
