package store

import (
	"path/filepath"
	"testing"
	"time"

	"decoded.digital/extractor/models"
)

// bundle is a store with one tenant that has one extraction.
type bundle struct {
	*Store
	caller models.Caller
	other  models.Caller
	x      models.Extraction
}

func setup(t *testing.T) *bundle {
	t.Helper()
	clock := func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for range 2 { // a second start finds its schema
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b := &bundle{Store: s, caller: onboard(t, s, "a@acme.test"), other: onboard(t, s, "b@other.test")}
	file := models.File{ID: models.NewID(clock()), Name: "100%_invoice.pdf", Source: models.SourceEmbed}
	b.x = models.Extraction{ID: models.NewID(clock()), FileID: file.ID, Status: models.StatusUploaded, Attempt: 1, Source: models.SourceEmbed}
	if _, err := s.CreateExtraction(t.Context(), b.caller, &file, &b.x); err != nil {
		t.Fatal(err)
	}
	return b
}

func onboard(t *testing.T, s *Store, email string) models.Caller {
	t.Helper()
	now := s.now()
	tenant := models.Tenant{ID: models.NewID(now), Name: email, Status: models.TenantActive}
	o := models.Onboarding{
		Tenant: tenant, User: models.User{ID: models.NewID(now), Email: email},
		APIKey: models.APIKey{ID: models.NewID(now), TenantID: tenant.ID, Hash: email, IsActive: true, AllowedDomains: []string{}},
	}
	if _, err := s.Onboard(t.Context(), &o); err != nil {
		t.Fatal(err)
	}
	return models.Caller{TenantID: tenant.ID, UserID: o.User.ID}
}

func (b *bundle) begin(t *testing.T, run string, at int64) models.ExtractionDetail {
	t.Helper()
	x, err := b.System().Begin(t.Context(), b.x.ID, run, at)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func wantCode(t *testing.T, err error, code models.Code) {
	t.Helper()
	if err == nil || models.CodeOf(err) != code {
		t.Errorf("got %v, want an error of code %s", err, code)
	}
}

func TestAnotherTenantsRowIsNotFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.GetExtraction(t.Context(), b.other, b.x.ID)
	wantCode(t, err, models.CodeNotFound)
	_, err = b.DeleteExtraction(t.Context(), b.other, b.x.ID)
	wantCode(t, err, models.CodeNotFound)
	_, err = b.RetryExtraction(t.Context(), b.other, b.x.ID)
	wantCode(t, err, models.CodeNotFound)
	rows, total, err := b.ListExtractions(t.Context(), b.other, models.ExtractionFilter{}, models.Page{Number: 1, Limit: 20})
	if err != nil || total != 0 || len(rows) != 0 {
		t.Errorf("got %d rows of %d, %v", len(rows), total, err)
	}
	if _, err := b.GetExtraction(t.Context(), b.caller, b.x.ID); err != nil {
		t.Errorf("its own tenant does not find it: %v", err)
	}
}

func TestALateRunChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.begin(t, "old", 100)
	if x := b.begin(t, "new", 200); x.RunID != "new" || x.Attempt != 1 {
		t.Fatalf("the newer run did not take the row: %+v", x.Extraction)
	}
	_, err := b.System().Begin(t.Context(), b.x.ID, "old", 100)
	wantCode(t, err, models.CodeConflict)
	wantCode(t, b.System().Fail(t.Context(), b.x.ID, "old", models.StatusFailed, models.FailureUnknown, "late"), models.CodeConflict)
	x, err := b.GetExtraction(t.Context(), b.caller, b.x.ID)
	if err != nil || x.Status != models.StatusUploaded || x.Error != nil {
		t.Errorf("got status %q, error %v, %v", x.Status, x.Error, err)
	}
}

func TestOnlyAFailedExtractionIsRetriedAndOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.RetryExtraction(t.Context(), b.caller, b.x.ID)
	wantCode(t, err, models.CodeConflict)
	b.begin(t, "run", 100)
	if err := b.System().Fail(t.Context(), b.x.ID, "run", models.StatusAnalysisFailed, models.FailureDocumentBroken, "damaged"); err != nil {
		t.Fatal(err)
	}
	entry, err := b.RetryExtraction(t.Context(), b.caller, b.x.ID)
	if err != nil || entry.Attempt != 2 || entry.Kind != models.OutboxRetryExtraction {
		t.Fatalf("got %+v, %v", entry, err)
	}
	_, err = b.RetryExtraction(t.Context(), b.caller, b.x.ID)
	wantCode(t, err, models.CodeConflict)
	wantCode(t, b.System().Fail(t.Context(), b.x.ID, "run", models.StatusFailed, models.FailureUnknown, "late"), models.CodeConflict)
}

func TestCompletionTellsEachWebhookOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, hook := range []models.Webhook{
		{Scope: models.ScopeAll, IsActive: true},
		{Scope: models.ScopeAll, IsActive: false},
		{Scope: models.ScopeSelected, IsActive: true, DocumentIDs: []string{"another"}},
	} {
		hook.ID, hook.Secret = models.NewID(b.now()), []byte("sealed")
		if hook.DocumentIDs == nil {
			hook.DocumentIDs = []string{}
		}
		if err := b.CreateWebhook(t.Context(), b.caller, &hook); err != nil {
			t.Fatal(err)
		}
	}
	b.begin(t, "run", 100)
	if err := b.System().SetStatus(t.Context(), b.x.ID, "run", []models.Status{models.StatusUploaded}, models.StatusExtracting); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := b.System().Complete(t.Context(), b.x.ID, "run", Result{Data: map[string]any{"total": 1.5}}); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := b.System().ClaimOutbox(t.Context(), 10, time.Minute)
	if err != nil || len(entries) != 1 || entries[0].Kind != models.OutboxStartDelivery {
		t.Fatalf("got %+v, %v; want one delivery", entries, err)
	}
	if again, err := b.System().ClaimOutbox(t.Context(), 10, time.Minute); err != nil || len(again) != 0 {
		t.Errorf("a leased entry was claimed again: %+v, %v", again, err)
	}
}

func TestSearchTakesWildcardsAsTheyStand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for search, want := range map[string]int64{"100%_INV": 1, "%": 1, "100x": 0, "0%i": 0, `\`: 0} {
		_, total, err := b.ListExtractions(t.Context(), b.caller, models.ExtractionFilter{Search: search}, models.Page{Number: 1, Limit: 20})
		if err != nil || total != want {
			t.Errorf("search %q: got %d, %v; want %d", search, total, err, want)
		}
	}
}
