package worker

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/models"
	"decoded.digital/extractor/workflows"
)

// bundle is a relay over a real store and a real Temporal server, with one
// tenant. The clock of store and relay is the test's.
type bundle struct {
	*Relay
	store  *store.Store
	client client.Client
	caller models.Caller
	clock  time.Time
}

// TestRelay runs over one real server; each test has a database of its own.
func TestRelay(t *testing.T) {
	t.Parallel()
	c, _ := testkit.StartTemporal(t)
	if err := workflows.RegisterSearchAttributes(t.Context(), c, testkit.Namespace); err != nil {
		t.Fatal(err)
	}
	w := worker.New(c, workflows.QueueExtraction, worker.Options{})
	w.RegisterWorkflowWithOptions(hang, workflow.RegisterOptions{Name: "Extraction"})
	w.RegisterWorkflowWithOptions(func(workflow.Context, workflows.DeliveryInput) error { return nil }, workflow.RegisterOptions{Name: "Delivery"})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	for name, test := range map[string]func(*testing.T, *bundle){
		"a promised extraction is started, once":             startsPromised,
		"a young entry is left to the API":                   leavesYoung,
		"what was deleted needs no start":                    skipsDeleted,
		"a promised retry is a new run":                      retries,
		"a delivery that a user asks for is a run":           startsDelivery,
		"a delivery that its receiver takes needs no run":    takenAtOnce,
		"a delivery that was not taken gets a run for later": goesOnInARun,
		"behind a call that fails the others wait":           stopsAtFailure,
		"a call that could not be made is made later":        lostCall,
		"a line that can't be taken waits for the clock":     waitsForDatabase,
		"what is sent again is called again":                 sentAgain,
		"an entry that can't be kept is tried again":         keepsTrying,
		"a run that was terminated fails its extraction":     reconciles,
		"a run that still goes is left alone":                leavesRunning,
		"run ends with its context, and relays until then":   runs,
		"an entry whose attempt has passed starts no reset":  skipsPassed,
		"a promised deletion ends the run, and the bytes go": deletes,
		"more rows stand still than are read at once":        reconcilesAll,
		"the doctor finds promises that nobody keeps":        doctorFindsPromises,
		"the doctor says what reads pictures":                doctorFindsReaders,
		"the doctor says where a stuck run stands":           doctorFindsStuckRuns,
		"the doctor counts the failures that are ours":       doctorFindsFailures,
		"the doctor finds queues without a worker":           doctorFindsIdleQueues,
		"the doctor finds what ails mailboxes":               doctorFindsMailboxes,
		"the doctor names what is away":                      doctorNamesWhatIsAway,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, setup(t, c))
		})
	}
}

// hang is an extraction that stays in progress.
func hang(ctx workflow.Context, _ workflows.ExtractionInput) (workflows.ExtractionResult, error) {
	return workflows.ExtractionResult{}, workflow.Sleep(ctx, time.Hour)
}

func setup(t *testing.T, c client.Client) *bundle {
	t.Helper()
	b := &bundle{client: c, clock: time.Now().UTC().Truncate(time.Millisecond)}
	clock := func() time.Time { return b.clock }
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	tenant := models.Tenant{ID: models.NewID(b.clock), Name: "Acme", Status: models.TenantActive}
	o := models.Onboarding{
		Tenant: tenant, User: models.User{ID: models.NewID(b.clock), Email: "jo@acme.test"},
		APIKey: models.APIKey{ID: models.NewID(b.clock), TenantID: tenant.ID, AllowedDomains: []string{}},
	}
	if _, err := s.Onboard(t.Context(), &o); err != nil {
		t.Fatal(err)
	}
	b.store, b.caller = s, models.Caller{TenantID: tenant.ID}
	b.Relay = &Relay{
		Store: s.System(), Starter: &workflows.Starter{Client: c, Namespace: testkit.Namespace}, Logger: testkit.Logger(t), Now: clock,
	}
	return b
}

// upload promises an extraction.
func (b *bundle) upload(t *testing.T) models.Extraction {
	t.Helper()
	file := models.File{ID: models.NewID(b.clock), Name: "a.pdf", BlobKey: "a key", Source: models.SourceEmbed}
	x := models.Extraction{ID: models.NewID(b.clock), FileID: file.ID, Status: models.StatusUploaded, Attempt: 1, Source: models.SourceEmbed}
	if _, err := b.store.CreateExtraction(t.Context(), b.caller, &file, &x); err != nil {
		t.Fatal(err)
	}
	return x
}

// look has the relay look into the outbox once, and waits for the calls that it
// makes.
func (b *bundle) look(t *testing.T) {
	t.Helper()
	calls := newFirstCalls(b.Relay, func() {})
	calls.begin(t.Context())
	calls.close() // which may promise runs
	b.relay(t.Context(), calls)
	calls.close()
}

// later moves the clock past the grace and the lease of an entry.
func (b *bundle) later() { b.clock = b.clock.Add(time.Minute) }

func (b *bundle) run(t *testing.T, workflowID string) string {
	t.Helper()
	described, err := b.client.DescribeWorkflowExecution(t.Context(), workflowID, "")
	if err != nil {
		return ""
	}
	return described.WorkflowExecutionInfo.Execution.RunId
}

func (b *bundle) promises(t *testing.T) int {
	t.Helper()
	b.later()
	entries, err := b.Store.ClaimOutbox(t.Context(), 100, 0)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func startsPromised(t *testing.T, b *bundle) {
	x := b.upload(t)
	b.later()
	b.look(t)
	first := b.run(t, "extraction-"+x.ID)
	b.look(t)
	if first == "" || b.run(t, "extraction-"+x.ID) != first || b.promises(t) != 0 {
		t.Errorf("got run %q, %d promises left", first, b.promises(t))
	}
}

func leavesYoung(t *testing.T, b *bundle) {
	x := b.upload(t)
	b.look(t)
	if b.run(t, "extraction-"+x.ID) != "" {
		t.Error("the relay was quicker than the API may be")
	}
}

func skipsDeleted(t *testing.T, b *bundle) {
	x := b.upload(t)
	b.later()
	entries, err := b.Store.ClaimOutbox(t.Context(), 1, 0)
	if err != nil || len(entries) != 1 {
		t.Fatalf("got %v, %v", entries, err)
	}
	if _, err := b.store.DeleteExtraction(t.Context(), b.caller, x.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.keep(t.Context(), entries[0]); err != nil || b.run(t, "extraction-"+x.ID) != "" {
		t.Errorf("got %v", err)
	}
}

func deletes(t *testing.T, b *bundle) {
	x := b.upload(t)
	b.later()
	b.look(t)
	entry, err := b.store.DeleteExtraction(t.Context(), b.caller, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	var gone []string
	b.Discard = func(_ context.Context, key string) error {
		gone = append(gone, key)
		return nil
	}
	b.later()
	b.look(t)
	if len(gone) != 1 || gone[0] != entry.Detail || entry.Detail == "" || b.promises(t) != 0 {
		t.Errorf("gone are the bytes %v, want %q", gone, entry.Detail)
	}
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if closed, err := b.Starter.Closed(t.Context(), x.ID); err == nil && closed {
			break
		}
		if time.Since(begun) > testkit.Patience {
			t.Fatal("its run goes on")
		}
	}
}

// reconcilesAll has more rows that only wait than a batch, before one that was
// lost.
func reconcilesAll(t *testing.T, b *bundle) {
	for range relayBatch + 1 {
		b.upload(t)
	}
	for range 3 {
		b.later()
		b.look(t)
	}
	lost := b.upload(t)
	b.later()
	entries, err := b.Store.ClaimOutbox(t.Context(), 10, 0)
	if err != nil || len(entries) != 1 {
		t.Fatalf("got %d promises, %v", len(entries), err)
	}
	if err := b.Store.DeleteOutbox(t.Context(), entries[0].ID); err != nil { // as if its run had been purged
		t.Fatal(err)
	}
	b.clock = b.clock.Add(time.Hour)
	b.reconcile(t.Context())
	if got, err := b.store.GetExtraction(t.Context(), b.caller, lost.ID); err != nil || got.FailureType != models.FailureRunLost {
		t.Errorf("got %+v, %v", got.Extraction, err)
	}
}

// fail makes a failed extraction whose first run was started.
func (b *bundle) fail(t *testing.T) (models.Extraction, string) {
	t.Helper()
	x := b.upload(t)
	b.later()
	b.look(t)
	return x, b.end(t, x)
}

// end fails an extraction whose run was started, and answers that.
func (b *bundle) end(t *testing.T, x models.Extraction) string {
	t.Helper()
	run := b.run(t, "extraction-"+x.ID)
	if _, err := b.Store.Begin(t.Context(), x.ID, run, 1); err != nil {
		t.Fatal(err)
	}
	if err := b.Store.Fail(t.Context(), x.ID, run, models.StatusFailed, models.FailureUnknown, "It failed."); err != nil {
		t.Fatal(err)
	}
	if err := b.client.TerminateWorkflow(t.Context(), "extraction-"+x.ID, "", "the stand-in never ends"); err != nil {
		t.Fatal(err)
	}
	return run
}

func retries(t *testing.T, b *bundle) {
	x, first := b.fail(t)
	if _, err := b.store.RetryExtraction(t.Context(), b.caller, x.ID); err != nil {
		t.Fatal(err)
	}
	b.later()
	b.look(t)
	if run := b.run(t, "extraction-"+x.ID); run == first || b.promises(t) != 0 {
		t.Errorf("got run %s after %s", run, first)
	}
}

func skipsPassed(t *testing.T, b *bundle) {
	x, _ := b.fail(t)
	entry, err := b.store.RetryExtraction(t.Context(), b.caller, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.later()
	b.look(t)
	second := b.run(t, "extraction-"+x.ID)
	if _, err := b.Store.Begin(t.Context(), x.ID, second, 2); err != nil {
		t.Fatal(err)
	}
	if err := b.keep(t.Context(), entry); err != nil || b.run(t, "extraction-"+x.ID) != second {
		t.Errorf("a run in progress was reset: %v", err)
	}
}

func startsDelivery(t *testing.T, b *bundle) {
	d, err := b.store.CreateTest(t.Context(), b.caller, b.hook(t).ID)
	if err != nil {
		t.Fatal(err)
	}
	b.look(t)
	if b.run(t, workflows.DeliveryRunID(d.ID, 1)) == "" || b.promises(t) != 0 {
		t.Error("the delivery was not started")
	}
}

func keepsTrying(t *testing.T, b *bundle) {
	var logs bytes.Buffer
	b.Logger = testkit.LoggerTo(&logs)
	b.upload(t)
	b.later()
	ctx, cancel := context.WithCancel(t.Context())
	there := b.Starter
	b.Starter = &workflows.Starter{Client: closed(t), Namespace: testkit.Namespace}
	b.relay(ctx, newFirstCalls(b.Relay, func() {}))
	cancel()
	if logs.Len() == 0 || b.promises(t) != 1 {
		t.Fatalf("the promise was dropped; logged: %s", logs.String())
	}
	b.later()
	b.Starter = there
	b.look(t)
	if n := b.promises(t); n != 0 {
		t.Errorf("%d promises are left", n)
	}
}

// closed is a client of a server that is away.
func closed(t *testing.T) client.Client {
	t.Helper()
	c, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1", Logger: nil})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func reconciles(t *testing.T, b *bundle) {
	x := b.upload(t)
	b.later()
	b.look(t)
	run := b.run(t, "extraction-"+x.ID)
	if _, err := b.Store.Begin(t.Context(), x.ID, run, 1); err != nil {
		t.Fatal(err)
	}
	if err := b.client.TerminateWorkflow(t.Context(), "extraction-"+x.ID, "", "by an operator"); err != nil {
		t.Fatal(err)
	}
	b.clock = b.clock.Add(staleAfter + time.Second)
	b.reconcile(t.Context())
	got, err := b.store.GetExtraction(t.Context(), b.caller, x.ID)
	if err != nil || got.Status != models.StatusFailed || got.FailureType != models.FailureRunLost || !got.Status.CanRetry() {
		t.Errorf("got %+v, %v", got.Extraction, err)
	}
}

func leavesRunning(t *testing.T, b *bundle) {
	x := b.upload(t)
	b.later()
	b.look(t)
	b.clock = b.clock.Add(time.Hour)
	b.reconcile(t.Context())
	if got, err := b.store.GetExtraction(t.Context(), b.caller, x.ID); err != nil || got.Status != models.StatusUploaded {
		t.Errorf("got %+v, %v", got.Extraction, err)
	}
}

func runs(t *testing.T, b *bundle) {
	x := b.upload(t)
	b.later()
	ctx, cancel := context.WithCancel(t.Context())
	var group errgroup.Group
	group.Go(func() error { return b.Run(ctx) })
	for begun := time.Now(); b.run(t, "extraction-"+x.ID) == ""; time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > testkit.Patience {
			t.Fatal("waited in vain for the relay")
		}
	}
	cancel()
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
