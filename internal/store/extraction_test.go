package store

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/models"
)

func (b *bundle) fail(t *testing.T, run string) {
	t.Helper()
	err := b.System().Fail(t.Context(), b.x.ID, run, models.StatusAnalysisFailed, models.FailureDocumentBroken, "The PDF is damaged.")
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) complete(t *testing.T, run string, r Result) {
	t.Helper()
	system := b.System()
	if err := system.SaveAnalysis(t.Context(), b.x.ID, run, nil, 1); err != nil {
		t.Fatal(err)
	}
	for range 2 { // an activity may run twice
		if _, err := system.Complete(t.Context(), b.x.ID, run, r); err != nil {
			t.Fatal(err)
		}
	}
}

func (b *bundle) get(t *testing.T) models.ExtractionDetail {
	t.Helper()
	x, err := b.GetExtraction(t.Context(), b.caller, b.x.ID)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func testPages(t *testing.T, b *bundle) {
	t.Helper()
	for i := range 4 {
		b.upload(t, fmt.Sprintf("%d.pdf", i))
	}
	seen := map[string]bool{}
	var last time.Time
	for number := 1; number <= 3; number++ {
		rows, total, err := b.ListExtractions(t.Context(), b.caller, models.ExtractionFilter{}, models.Page{Number: number, Limit: 2})
		if err != nil || total != 5 {
			t.Fatalf("page %d: total %d, %v", number, total, err)
		}
		for _, x := range rows {
			if seen[x.ID] || (!last.IsZero() && x.CreatedAt.After(last)) {
				t.Errorf("page %d: %s is there twice or out of order", number, x.File.Name)
			}
			seen[x.ID], last = true, x.CreatedAt
		}
	}
	if rows, total, err := b.ListExtractions(t.Context(), b.caller, models.ExtractionFilter{}, models.Page{Number: 4, Limit: 2}); err != nil || total != 5 || len(rows) != 0 {
		t.Errorf("behind the last page: got %d of %d, %v", len(rows), total, err)
	}
	if len(seen) != 5 {
		t.Errorf("the pages hold %d of 5", len(seen))
	}
	rows, total, err := b.ListExtractions(t.Context(), b.caller, models.ExtractionFilter{Status: models.StatusCompleted}, models.Page{Number: 1, Limit: 2})
	if err != nil || total != 0 || len(rows) != 0 {
		t.Errorf("completed: got %d of %d, %v", len(rows), total, err)
	}
}

func testBeginTwice(t *testing.T, b *bundle) {
	t.Helper()
	b.begin(t, "run", 100)
	for _, at := range []int64{100, 150} { // the same call again, and that of a worker which took the run over
		if x := b.begin(t, "run", at); x.RunID != "run" || x.Attempt != 1 {
			t.Errorf("begun again at %d: got %+v", at, x)
		}
	}
}

func testAdopt(t *testing.T, b *bundle) {
	t.Helper()
	b.begin(t, "first", 100)
	b.complete(t, "first", Result{Data: map[string]any{"total": "5"}})
	adopt := func(run string, at int64) {
		t.Helper()
		if err := b.System().Adopt(t.Context(), b.x.ID, run, at, models.StatusExtracting); err != nil {
			t.Fatal(err)
		}
	}
	adopt("late", 90) // a step that was scheduled before the first run began
	if x := b.get(t); x.RunID != "first" || x.Status != models.StatusCompleted {
		t.Errorf("a late step took the row: %+v", x.Extraction)
	}
	for range 2 {
		adopt("second", 200)
	}
	if x := b.get(t); x.RunID != "second" || x.Status != models.StatusExtracting || x.Attempt != 2 || x.Data["total"] != "5" {
		t.Errorf("got %+v", x.Extraction)
	}
	_, err := b.System().Complete(t.Context(), b.x.ID, "first", Result{})
	wantCode(t, err, models.CodeConflict)
	if _, err := b.System().Complete(t.Context(), b.x.ID, "second", Result{}); err != nil {
		t.Fatal(err)
	}
	adopt("second", 200) // its step again, after an answer that was lost
	if x := b.get(t); x.Status != models.StatusCompleted || x.Attempt != 2 {
		t.Errorf("got %+v", x.Extraction)
	}
}

func testRepeatedWrites(t *testing.T, b *bundle) {
	t.Helper()
	b.begin(t, "run", 100)
	for range 2 {
		if err := b.System().SaveAnalysis(t.Context(), b.x.ID, "run", nil, 3); err != nil {
			t.Fatal(err)
		}
	}
	if x := b.get(t); x.Status != models.StatusExtracting || x.PageCount != 3 {
		t.Errorf("got %+v", x.Extraction)
	}
}

func testOperatorReset(t *testing.T, b *bundle) {
	t.Helper()
	b.begin(t, "old", 100)
	b.fail(t, "old")
	x := b.begin(t, "new", 200)
	if x.Attempt != 2 || x.Status != models.StatusAnalyzing || x.Error != nil || x.FailureType != "" {
		t.Errorf("got %+v", x)
	}
}

func testRetryAtOnce(t *testing.T, b *bundle) {
	t.Helper()
	b.begin(t, "run", 100)
	b.fail(t, "run")
	var won atomic.Int64
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			_, err := b.RetryExtraction(t.Context(), b.caller, b.x.ID)
			switch {
			case err == nil:
				won.Add(1)
			case models.CodeOf(err) != models.CodeConflict:
				return err
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil || won.Load() != 1 {
		t.Errorf("%d won, %v", won.Load(), err)
	}
	if x := b.get(t); x.Attempt != 2 || x.Status != models.StatusUploaded || x.RunID != "" {
		t.Errorf("got %+v", x.Extraction)
	}
}

func testDeleteExtraction(t *testing.T, b *bundle) {
	t.Helper()
	b.createWebhook(t, models.ScopeAll)
	b.begin(t, "run", 100)
	b.complete(t, "run", Result{})
	entry, err := b.DeleteExtraction(t.Context(), b.caller, b.x.ID)
	if err != nil || entry.Kind != models.OutboxDelete || entry.SubjectID != b.x.ID || entry.Detail == "" {
		t.Fatalf("got %+v, %v", entry, err)
	}
	if left := b.claimAll(t); len(left) != 1 || left[0].ID != entry.ID {
		t.Errorf("got promises %+v, want that its run ends and its bytes go", left)
	}
	for _, table := range []string{"extractions", "files", "deliveries", "delivery_attempts"} {
		var rows int64
		if err := b.db.Table(table).Count(&rows).Error; err != nil || rows != 0 {
			t.Errorf("%s still has %d rows, %v", table, rows, err)
		}
	}
	_, err = b.System().Complete(t.Context(), b.x.ID, "run", Result{})
	wantCode(t, err, models.CodeNotFound)
}

func testStale(t *testing.T, b *bundle) {
	t.Helper()
	stale := func() int {
		rows, err := b.System().ListStale(t.Context(), b.now().Add(time.Minute), "", 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(rows)
	}
	if n := stale(); n != 0 {
		t.Errorf("%d are stale while the outbox promises their start", n)
	}
	entries := b.claimAll(t)
	for _, entry := range entries {
		if err := b.System().DeleteOutbox(t.Context(), entry.ID); err != nil {
			t.Fatal(err)
		}
	}
	if n := stale(); n != 1 {
		t.Errorf("%d are stale, want 1", n)
	}
	b.begin(t, "run", 100)
	if err := b.System().FailLost(t.Context(), b.x.ID, "run", "Processing was stopped."); err != nil {
		t.Fatal(err)
	}
	if x := b.get(t); stale() != 0 || x.Status != models.StatusFailed || x.FailureType != models.FailureRunLost || *x.Error == "" {
		t.Errorf("got %+v", x.Extraction)
	}
}

func testResult(t *testing.T, b *bundle) {
	t.Helper()
	box := models.Box{X: 0.125, Y: 0.25, Width: 0.5, Height: 0.0625}
	cost := 0.0123
	want := Result{
		Data: map[string]any{
			"total": 1234.56, "ok": true, "none": nil, "name": "Ünïcode \u0000 € 漢字", "tags": []any{"a", "b"},
			"lines": []any{map[string]any{"amount": 1.0}}, "empty": []any{},
		},
		Evidence:  map[string]models.Evidence{"total": {Confidence: 0.9, Page: 1, Box: &box, Text: "1.234,56", Method: models.MethodLabel}},
		Checks:    []models.Check{{Rule: "sum(lines.amount) = total", OK: true}},
		Suggested: &models.DocumentDraft{Name: "Invoice", Fields: []models.Field{{Key: "total", Type: models.TypeNumber, Description: "Total"}}},
		Usage:     &models.Usage{Model: "m", Calls: 2, InputTokens: 5_000_000_000, OutputTokens: 34, Cost: &cost},
	}
	b.begin(t, "run", 100)
	b.complete(t, "run", want)
	x := b.get(t)
	if got := (Result{x.Data, x.Evidence, x.Checks, x.Suggested, x.Usage}); !reflect.DeepEqual(got, want) || x.CompletedAt == nil {
		g, _ := json.Marshal(got)
		t.Errorf("got %s", g)
	}
}
