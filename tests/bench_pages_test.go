package tests

import (
	"database/sql"
	"encoding/json"
	"path/filepath"
	"testing"

	_ "github.com/glebarez/sqlite" // the driver
)

const (
	listed     = 10_000 // extractions in the list
	paintLimit = 1500.  // ms until the largest contentful paint
	blockLimit = 150.   // ms of total blocking time
	frameLimit = 50.    // ms
)

// BenchmarkPages measures the embedded pages in Chromium: the first load of
// each with the throttling of Lighthouse's mobile setting, and the longest frame
// while a list of 10,000 extractions is used. Each figure is the median of 5
// runs; x/limit must stay below 1.
func BenchmarkPages(b *testing.B) {
	p := build(b)
	env := devEnvironment(b)
	_, base := p.startDev(b, env)
	h := onboard(b, base, env["EXTRACTOR_SETUP_KEY"])
	h.createDocument(b)
	h.await(b, h.upload(b, "invoice-1.pdf", sample(b, "invoice.pdf")), "completed", 1)
	fillList(b, filepath.Join(env["EXTRACTOR_DATA_DIR"], "extractor.db"))
	for b.Loop() {
		out, err := walk(b, "pages-bench.mjs", base, h.key).Output()
		if err != nil {
			b.Fatal(err)
		}
		figures := map[string]float64{}
		if err := json.Unmarshal(out, &figures); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		b.ReportMetric(0, "ns/op")
		for _, page := range []string{"embed", "extractions", "documents", "settings"} {
			reportLimit(b, page+"-paint", figures[page+"-paint-ms"], paintLimit)
			reportLimit(b, page+"-blocked", figures[page+"-blocked-ms"], blockLimit)
		}
		reportLimit(b, "frame", figures["frame-ms"], frameLimit)
	}
}

func reportLimit(b *testing.B, name string, milliseconds, limit float64) {
	b.Helper()
	b.ReportMetric(milliseconds, name+"-ms")
	b.ReportMetric(milliseconds/limit, name+"/limit")
}

// fillList copies the one extraction, so that the list has as many as are measured.
func fillList(b *testing.B, path string) {
	b.Helper()
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		b.Fatal(err)
	}
	for _, copies := range []string{`
		WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i+1 FROM n WHERE i < ?)
		INSERT INTO files (id, tenant_id, name, original_name, search_name, type, size, sha256, blob_key, description, source, app_name, created_at, updated_at)
		SELECT printf('%024x', i), tenant_id, 'invoice-'||i||'.pdf', 'invoice-'||i||'.pdf', 'invoice-'||i||'.pdf', type, size, sha256, blob_key, description,
			source, app_name, created_at, updated_at FROM n, files WHERE name = 'invoice-1.pdf'`, `
		WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i+1 FROM n WHERE i < ?)
		INSERT INTO extractions (id, tenant_id, file_id, search_name, document_id, status, attempt, run_id, run_begun_at, page_count, failure_type, source, app_name,
			created_at, updated_at, completed_at)
		SELECT printf('%024x', i), tenant_id, printf('%024x', i), 'invoice-'||i||'.pdf', document_id, status, attempt, run_id, run_begun_at, page_count, failure_type,
			source, app_name, created_at, updated_at, completed_at FROM n, extractions WHERE search_name = 'invoice-1.pdf'`} {
		if _, err := db.ExecContext(b.Context(), copies, listed); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
}
