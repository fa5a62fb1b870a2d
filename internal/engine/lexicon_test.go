package engine

import (
	"strings"
	"testing"

	"decoded.digital/extractor/models"
)

func TestTheLexiconIsFoldedAndSpeaksEightLanguages(t *testing.T) {
	t.Parallel()
	x := newLexicon()
	for label, concepts := range x.labels {
		if fold(label) != label || len(concepts) == 0 {
			t.Errorf("%q is not folded", label)
		}
	}
	for word, want := range map[string]concept{
		"Invoice date": "document_date", "Rechnungsdatum": "document_date", "Date de facture": "document_date", "Factuurdatum": "document_date",
		"Fecha de factura": "document_date", "Data fattura": "document_date", "Data wystawienia": "document_date", "Data da fatura": "document_date",
	} {
		found := x.labels[fold(word)]
		if len(found) != 1 || found[0] != want {
			t.Errorf("%s: got %v", word, found)
		}
	}
	for _, term := range x.terms {
		if term.shape == "" || strings.ContainsAny(string(term.concept), " :") {
			t.Errorf("got %+v", term)
		}
	}
}

func TestFieldsFindTheirConcept(t *testing.T) {
	t.Parallel()
	x := newLexicon()
	for _, tc := range []struct {
		key, description string
		kind             models.FieldType
		inLine           bool
		want             concept
	}{
		{"amount_untaxed", "Total amount before tax", models.TypeNumber, false, "net_total"},
		{"amount", "Total amount including tax", models.TypeNumber, false, "grand_total"},
		{"Rechnungsdatum", "Datum der Rechnung", models.TypeDate, false, "document_date"},
		{"total", "Final total to pay", models.TypeNumber, false, "grand_total"},
		{"vendorName", "Who sent the bill", models.TypeString, false, "seller_name"},
		{"price", "price", models.TypeNumber, true, "unit_price"},
		{"amount", "amount", models.TypeNumber, true, "line_total"},
		{"iban", "Bank account", models.TypeString, false, "iban"},
		{"patient_weight", "Weight of the patient in kilograms", models.TypeNumber, false, ""},
		{"invoice_date", "Invoice date", models.TypeNumber, false, ""},
	} {
		w := x.resolve(models.Field{Key: tc.key, Description: tc.description, Type: tc.kind}, tc.key, nil, nil, tc.inLine)
		if w.concept != tc.want {
			t.Errorf("%s (%s): got %q, want %q", tc.key, tc.description, w.concept, tc.want)
		}
	}
}
