package engine

import (
	"testing"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

func TestTheAnalysisNamesTheRunnerUpAndTheMargin(t *testing.T) {
	t.Parallel()
	invoice, contract := invoiceTemplate(), agreementTemplate()
	invoice.ID, contract.ID = "invoice", "contract"
	for want, page := range map[string]reader.Page{"invoice": invoicePage(), "contract": agreementPage()} {
		choice, err := New().Analyze(t.Context(), &reader.Document{Pages: []reader.Page{page}}, []models.Document{*invoice, *contract})
		if err != nil || choice.DocumentID == nil || *choice.DocumentID != want {
			t.Fatalf("%s: got %+v, %v", want, choice, err)
		}
		if choice.RunnerUpID == nil || *choice.RunnerUpID == want || choice.Margin() < 0.3 {
			t.Errorf("%s: got %+v", want, choice)
		}
	}
}

func TestPastDocumentsDecideBetweenTemplatesOfOneKind(t *testing.T) {
	t.Parallel()
	templates := []models.Document{*invoiceTemplate(), *invoiceTemplate()}
	templates[0].ID, templates[1].ID = "of one supplier", "of another"
	seen := Past{DocumentID: "of another", Count: 3, Words: map[string]int{"blue": 3, "paint": 3, "brush": 2, "ladder": 1}}
	unseen := Past{DocumentID: "of one supplier", Count: 3, Words: map[string]int{"cement": 3, "gravel": 3}}
	choice, err := New().Analyze(t.Context(), &reader.Document{Pages: []reader.Page{invoicePage()}}, templates, unseen, seen)
	if err != nil || choice.DocumentID == nil || *choice.DocumentID != "of another" {
		t.Errorf("got %+v, %v", choice, err)
	}
}

func TestAnIdeaCanBeLeftOut(t *testing.T) {
	t.Parallel()
	document := &reader.Document{Pages: []reader.Page{layout(1, "RECHNUNG Nr. 17 vom 20.11.2026", "", "Gesamtbetrag:  5,00")}}
	template := &models.Document{Name: "Invoice", Fields: []models.Field{field("invoice_date", models.TypeDate)}}
	for _, tc := range []struct {
		without []Idea
		want    any
	}{{nil, "2026-11-20"}, {[]Idea{IdeaTitle}, nil}} {
		got, err := New().Extract(t.Context(), document, template, Options{Without: tc.without})
		if err != nil || got.Data["invoice_date"] != tc.want {
			t.Errorf("without %v: got %v, %v", tc.without, got.Data, err)
		}
	}
}

func TestASuggestedTemplateFillsItsDocument(t *testing.T) {
	t.Parallel()
	document := &reader.Document{Pages: []reader.Page{invoicePage()}}
	found, err := New().Extract(t.Context(), document, nil, Options{})
	if err != nil || found.Suggested == nil || found.Suggested.Validate() != nil {
		t.Fatalf("got %+v, %v", found.Suggested, err)
	}
	filled, err := New().Extract(t.Context(), document, found.Suggested, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"invoice_number", "invoice_date", "total", "subtotal"} {
		if filled.Data[key] == nil || filled.Data[key] != found.Data[key] {
			t.Errorf("%s: got %v, then %v", key, found.Data[key], filled.Data[key])
		}
	}
}
