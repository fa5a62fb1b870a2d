package store

import (
	"maps"
	"path/filepath"
	"testing"
	"time"

	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/models"
)

// bundle is a store with one tenant that has one extraction.
type bundle struct {
	*Store
	address string
	caller  models.Caller
	other   models.Caller
	x       models.Extraction
}

// TestSQLite and TestPostgres run the one suite.
func TestSQLite(t *testing.T) {
	t.Parallel()
	suite(t, func(t testing.TB) string {
		t.Helper()
		return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	})
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	suite(t, testkit.StartPostgres(t).NewDatabase)
}

func suite(t *testing.T, newDatabase func(testing.TB) string) {
	t.Helper()
	tests := map[string]func(*testing.T, *bundle){
		"schema and models agree":                      testSchema,
		"many may migrate at once":                     testMigrateAtOnce,
		"another tenant's row is not found":            testTenants,
		"onboarding is whole or not at all":            testOnboarding,
		"a document lives and dies":                    testDocuments,
		"lists are paged, newest first":                testPages,
		"search takes wildcards as they stand":         testSearch,
		"a late run changes nothing":                   testLateRun,
		"a begun run may begin again":                  testBeginTwice,
		"a write that is repeated changes nothing":     testRepeatedWrites,
		"a reset past the API adds an attempt":         testOperatorReset,
		"a reset past a run's beginning takes the row": testAdopt,
		"only a failed extraction is retried, once":    testRetry,
		"of many retries at once one wins":             testRetryAtOnce,
		"an outbox entry has one relay at a time":      testOutbox,
		"a deleted extraction leaves nothing":          testDeleteExtraction,
		"a request that never ended is taken over":     testTakeOver,
		"what stands still is stale, unless promised":  testStale,
		"values and evidence come back as they were":   testResult,
		"a trace has its queries, without values":      testSpans,
		"what is promised joins its trace":             testPromisesJoinTheTrace,
		"another tenant's mail is not found":           testMailTenants,
		"metrics show what ended and what waits":       testMetrics,
		"mailboxes are measured":                       testMailMetrics,
	}
	maps.Copy(tests, webhookTests())
	maps.Copy(tests, mailTests())
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, setup(t, newDatabase(t)))
		})
	}
	t.Run("an upgrade loses no delivery", func(t *testing.T) {
		t.Parallel()
		testUpgrade(t, newDatabase(t))
	})
}

func webhookTests() map[string]func(*testing.T, *bundle) {
	return map[string]func(*testing.T, *bundle){
		"completion tells each webhook once":            testDeliveries,
		"an event has one body":                         testEventBodies,
		"bodies go with what they tell of":              testBodiesGo,
		"bodies are written at once, one of each event": testBodiesAtOnce,
		"a webhook has five calls at once":              testPlaces,
		"first calls are begun and ended together":      testFirstCalls,
		"first calls keep to a webhook's places":        testLinePlaces,
		"one process calls a line":                      testLineIsOnes,
		"first calls wait behind a breaker":             testLineBehindBreaker,
		"a line ends with its webhook":                  testLineSwitchedOff,
		"a first call that fails promises a run":        testFirstCallFails,
		"a breaker opens, is probed and closes":         testBreaker,
		"5 days of failures alone switch it off":        testDisabled,
		"a flapping webhook stays":                      testFlapping,
		"410 switches it off":                           testGone,
		"silence is no failure":                         testSilenceIsNoFailure,
		"some of a tenant's lines are called at once":   testLinesOfATenant,
		"a call that was lost changes no end":           testLateCall,
		"tenants are served in turn":                    testLinesInTurn,
		"a delivery that ended is sent again":           testRedeliver,
		"what failed or was never sent is replayed":     testReplay,
		"many are replayed at once":                     testReplayMany,
		"a webhook is deleted while it is called":       testDeleteWhileCalled,
		"an extraction's events are numbered":           testSequence,
		"a deleted document leaves its webhooks":        testDeletedDocuments,
		"old secrets sign for a day":                    testRotation,
		"deliveries are kept for 30 days":               testOldDeliveries,
		"a delivery without a run is found":             testLostDeliveries,
	}
}

func mailTests() map[string]func(*testing.T, *bundle) {
	return map[string]func(*testing.T, *bundle){
		"a page of mail is stored once":                   testMailPages,
		"an attachment is taken once":                     testTakeMailOnce,
		"a mailbox has one worker at a time":              testMailLease,
		"a mail that was never read is in the ledger":     testMailNeverRead,
		"a mail that is gone when it is replayed says so": testReplayOfGoneMail,
		"abandoned sign-ins go":                           testAbandonedSignIns,
		"one refreshes a token":                           testOneRefreshes,
	}
}

func setup(t *testing.T, address string) *bundle {
	t.Helper()
	clock := func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
	s, err := Open(t.Context(), address, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for range 2 { // a second start finds its schema
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b := &bundle{Store: s, address: address, caller: onboard(t, s, "a@acme.test"), other: onboard(t, s, "b@other.test")}
	b.x = b.upload(t, "100%_invoice.pdf")
	return b
}

func (b *bundle) upload(t *testing.T, name string) models.Extraction {
	t.Helper()
	file := models.File{ID: models.NewID(b.now()), Name: name, BlobKey: "bytes of " + name, Source: models.SourceEmbed, CreatedAt: b.now()}
	x := models.Extraction{ID: models.NewID(b.now()), FileID: file.ID, Status: models.StatusUploaded, Attempt: 1, Source: models.SourceEmbed, CreatedAt: b.now()}
	if _, err := b.CreateExtraction(t.Context(), b.caller, &file, &x); err != nil {
		t.Fatal(err)
	}
	return x
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

func (b *bundle) begin(t *testing.T, run string, at int64) models.Extraction {
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

func testTenants(t *testing.T, b *bundle) {
	t.Helper()
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

func testLateRun(t *testing.T, b *bundle) {
	t.Helper()
	b.begin(t, "old", 100)
	if x := b.begin(t, "new", 200); x.RunID != "new" || x.Attempt != 2 {
		t.Fatalf("the newer run did not take the row: %+v", x)
	}
	_, err := b.System().Begin(t.Context(), b.x.ID, "old", 100)
	wantCode(t, err, models.CodeConflict)
	wantCode(t, b.System().Fail(t.Context(), b.x.ID, "old", models.StatusFailed, models.FailureUnknown, "late"), models.CodeConflict)
	x, err := b.GetExtraction(t.Context(), b.caller, b.x.ID)
	if err != nil || x.Status != models.StatusAnalyzing || x.Error != nil {
		t.Errorf("got status %q, error %v, %v", x.Status, x.Error, err)
	}
}

func testRetry(t *testing.T, b *bundle) {
	t.Helper()
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

func testSearch(t *testing.T, b *bundle) {
	t.Helper()
	b.upload(t, "Übersicht.pdf")
	for search, want := range map[string]int64{"100%_INV": 1, "%": 1, "100x": 0, "0%i": 0, `\`: 0, "üb": 1, "ÜBERS": 1} {
		_, total, err := b.ListExtractions(t.Context(), b.caller, models.ExtractionFilter{Search: search}, models.Page{Number: 1, Limit: 20})
		if err != nil || total != want {
			t.Errorf("search %q: got %d, %v; want %d", search, total, err, want)
		}
	}
}
