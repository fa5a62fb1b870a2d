package api_test

import (
	"net/http"
	"strings"
	"testing"
)

const invoiceBody = `{"name":"Invoice","description":"Bills","fields":[{"key":"total","type":"Number","description":"Total"},` +
	`{"key":"lines","type":"List<Object>","description":"Lines","children":[{"key":"amount","type":"Number","description":"Amount"}]}]}`

func (s *server) document(t *testing.T, as *tenant) string {
	t.Helper()
	got := s.do(t, call{method: "POST", path: "/documents", as: as, body: invoiceBody})
	if got.status != http.StatusCreated {
		t.Fatalf("create document: %d %s", got.status, got.body)
	}
	return got.text(t, "id")
}

func TestDocumentsAreCreatedReadChangedAndDeleted(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	id := s.document(t, a)
	at := "/documents/" + id
	s.run(t, map[string]scenario{
		"get": {call{method: "GET", path: at, as: a}, 200, []string{
			`"id":"` + id + `"`, `"_id":"` + id + `"`, `"type":"List<Object>"`, `"children":[{"key":"amount"`, `"createdAt":"2026-11-24T10:00:00.000Z"`,
		}, nil},
		"list":           {call{method: "GET", path: "/documents?search=INV&page=1&limit=5", as: a}, 200, []string{id, `"totalCount":1`, `"hasNextPage":false`}, nil},
		"found by none":  {call{method: "GET", path: "/documents?search=lease", as: a}, 200, []string{`"items":[]`, `"totalCount":0`}, nil},
		"bad page":       {call{method: "GET", path: "/documents?page=0", as: a}, 400, []string{"page must be"}, nil},
		"bad limit":      {call{method: "GET", path: "/documents?limit=101", as: a}, 400, []string{"limit must be"}, nil},
		"bad id":         {call{method: "GET", path: "/documents/xyz", as: a}, 400, []string{"Invalid document ID format"}, nil},
		"unknown id":     {call{method: "GET", path: "/documents/507f1f77bcf86cd799439011", as: a}, 404, []string{"Document not found"}, nil},
		"no name":        {call{method: "POST", path: "/documents", as: a, body: `{"description":"x","fields":[]}`}, 400, []string{"name is required"}, nil},
		"unknown type":   {call{method: "PUT", path: at, as: a, body: `{"name":"x","description":"x","fields":[{"key":"k","type":"Text","description":"d"}]}`}, 400, []string{"fields[k].type", "valid are String"}, nil},
		"too large":      {call{method: "POST", path: "/documents", as: a, body: `{"name":"` + strings.Repeat("x", 1<<20) + `"}`}, 400, []string{"larger than 1 MB"}, nil},
		"unknown method": {call{method: "PATCH", path: at, as: a}, 405, []string{"method not allowed"}, nil},
		"unknown route":  {call{method: "GET", path: "/nothing", as: a}, 404, []string{"route not found"}, nil},
	})
	changed := s.do(t, call{method: "PUT", path: at, as: a, body: `{"name":"Receipt","description":"d","fields":[{"key":"sum","type":"Number","description":"d"}]}`})
	if changed.status != http.StatusOK || changed.text(t, "name") != "Receipt" {
		t.Errorf("update: %d %s", changed.status, changed.body)
	}
	s.run(t, map[string]scenario{"delete": {call{method: "DELETE", path: at, as: a}, 200, []string{`"deleted":true`, id}, nil}})
	s.run(t, map[string]scenario{"delete again": {call{method: "DELETE", path: at, as: a}, 404, []string{"Document not found"}, nil}})
}

func TestAnotherTenantsRowsAreNotThere(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a, b := s.onboard(t, "jo@acme.test"), s.onboard(t, "al@other.test")
	document, extraction := s.document(t, a), s.extraction(t, a)
	secrets := []string{"Bills", "invoice.pdf", a.id}
	s.run(t, map[string]scenario{
		"get document":      {call{method: "GET", path: "/documents/" + document, as: b}, 404, nil, secrets},
		"update document":   {call{method: "PUT", path: "/documents/" + document, as: b, body: invoiceBody}, 404, nil, secrets},
		"delete document":   {call{method: "DELETE", path: "/documents/" + document, as: b}, 404, nil, secrets},
		"list documents":    {call{method: "GET", path: "/documents", as: b}, 200, []string{`"items":[]`}, secrets},
		"get extraction":    {call{method: "GET", path: "/extractions/" + extraction, as: b}, 404, nil, secrets},
		"delete extraction": {call{method: "DELETE", path: "/extractions/" + extraction, as: b}, 404, nil, secrets},
		"retry extraction":  {call{method: "POST", path: "/extractions/" + extraction + "/retry", as: b}, 404, nil, secrets},
		"list extractions":  {call{method: "GET", path: "/extractions?documentId=" + document, as: b}, 404, nil, secrets},
		"webhook for it":    {call{method: "POST", path: "/webhooks", as: b, body: `{"name":"n","url":"https://b.test","scope":"selected","documentIds":["` + document + `"]}`}, 404, nil, secrets},
	})
	if got := s.upload(t, b, "x.pdf", sample(t), "documentId", document); got.status != http.StatusNotFound {
		t.Errorf("upload for another tenant's document: %d %s", got.status, got.body)
	}
	s.run(t, map[string]scenario{
		"still there":     {call{method: "GET", path: "/documents/" + document, as: a}, 200, nil, nil},
		"still there too": {call{method: "GET", path: "/extractions/" + extraction, as: a}, 200, nil, nil},
	})
}
