package api_test

import (
	"database/sql"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of the dump
)

// rows is everything that a tenant has, table by table.
func (w *world) rows(t *testing.T, tenantID string) map[string]string {
	t.Helper()
	db, err := sql.Open("pgx", w.database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tables, err := db.QueryContext(t.Context(), "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id'")
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Close()
	dump := map[string]string{}
	for tables.Next() {
		var table, content string
		if err := tables.Scan(&table); err != nil {
			t.Fatal(err)
		}
		query := fmt.Sprintf("SELECT COALESCE(json_agg(r ORDER BY r::text), '[]')::text FROM %s r WHERE tenant_id = $1", table)
		if err := db.QueryRowContext(t.Context(), query, tenantID).Scan(&content); err != nil {
			t.Fatal(err)
		}
		dump[table] = content
	}
	if err := tables.Err(); err != nil || len(dump) < 9 {
		t.Fatalf("%d tables, %v", len(dump), err)
	}
	return dump
}

// testAnotherTenantsIDsAreNotFound sends one tenant's ids as another, wherever an
// operation of the contract takes an id.
func testAnotherTenantsIDsAreNotFound(t *testing.T, w *world) {
	t.Helper()
	thief := w.onboard(t, "al@other.test")
	own := w.makeAll(t, thief)
	before := w.rows(t, w.id)
	sent := 0
	check := func(what string, got answer) {
		t.Helper()
		sent++
		if got.status != http.StatusNotFound || strings.Contains(got.body, w.id) {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
		if after := w.rows(t, w.id); !maps.Equal(before, after) {
			t.Errorf("%s changed a row: %v, was %v", what, after, before)
			before = after
		}
	}
	for _, o := range w.operations(t) {
		c := w.call(o)
		c.as = thief
		// The body refers to the thief's own things; the path's id is the victim's.
		ofThief := strings.ReplaceAll(o.body, w.ids["documents"], own["documents"])
		if strings.Contains(o.path, "{id}") && o.OperationID != "getFileContent" {
			c.body = ofThief
			check(o.OperationID+" with an id in the path", w.do(t, c))
		}
		if ofThief != o.body {
			c.path, c.body = o.at(own[strings.Split(o.path, "/")[3]]), o.body
			check(o.OperationID+" with an id in the body", w.do(t, c))
		}
		for _, p := range o.parameters {
			if p.Value.In == "query" && strings.HasSuffix(p.Value.Name, "Id") {
				c.path = o.at(o.id) + "?" + url.Values{p.Value.Name: {w.ids["documents"]}}.Encode()
				check(o.OperationID+" with an id in the query", w.do(t, c))
			}
		}
		if o.OperationID == "extract" {
			check("extract with an id in a field", w.upload(t, thief, "x.pdf", sample(t), "documentId", w.ids["documents"]))
		}
	}
	if sent < 20 {
		t.Errorf("only %d requests were made", sent)
	}
	for _, list := range []string{"/extractions", "/documents", "/files", "/webhooks", "/api-keys", "/users"} {
		got := w.do(t, call{method: "GET", path: list + "?limit=100", as: thief})
		for _, id := range append(keys(w.ids), w.email) {
			if strings.Contains(got.body, id) {
				t.Errorf("%s lists %s of another tenant", list, id)
			}
		}
	}
}

func keys(ids map[string]string) []string {
	var list []string
	for _, id := range ids {
		list = append(list, id)
	}
	return list
}
