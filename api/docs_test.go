package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestTheContractIsServed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	got := s.do(t, call{method: "GET", path: "//openapi.json"})
	var served struct {
		OpenAPI string                    `json:"openapi"`
		Paths   map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(got.body), &served); err != nil || got.status != http.StatusOK {
		t.Fatalf("got %d, %v", got.status, err)
	}
	doc, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(served.OpenAPI, "3.1") || len(served.Paths) != doc.Paths.Len() {
		t.Errorf("got version %s with %d paths", served.OpenAPI, len(served.Paths))
	}
}

func TestThePageOfTheContractHasEveryOperationAndNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	got := s.do(t, call{method: "GET", path: "//docs"})
	if got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
		t.Fatalf("got %d %v", got.status, got.header)
	}
	doc, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			if !strings.Contains(got.body, `id="`+operation.OperationID+`"`) || !strings.Contains(got.body, path) {
				t.Errorf("no %s at %s", operation.OperationID, path)
			}
		}
	}
	for _, foreign := range []string{"<script", "src=", "@import", "url("} {
		if strings.Contains(got.body, foreign) {
			t.Errorf("it has %s", foreign)
		}
	}
}
