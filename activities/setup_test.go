package activities

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.uber.org/goleak"

	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/internal/outbound"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/internal/reader/parse"
	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/internal/understand"
	"decoded.digital/extractor/internal/webhook"
	"decoded.digital/extractor/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const runID = "run"

// inProcess reads without a wall, which the pool's own tests are about.
type inProcess struct{ *parse.Reader }

func (r inProcess) Picture(ctx context.Context, fileType string, _ int64, open func(context.Context) (io.ReadCloser, error), page, turn int) ([]byte, error) {
	file, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return r.Reader.Picture(fileType, content, page, turn)
}

func (r inProcess) Read(ctx context.Context, fileType string, _ int64, open func(context.Context) (io.ReadCloser, error), progress func(page, of int)) (reader.Result, error) {
	file, err := open(ctx)
	if err != nil {
		return reader.Result{}, err
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		return reader.Result{}, err
	}
	document, err := r.Reader.Read(ctx, fileType, content, progress)
	if err != nil {
		return reader.Result{}, err
	}
	encoded, err := reader.Encode(document)
	return reader.Result{Pages: len(document.Pages), Encoded: encoded}, err
}

// bundle is the real steps over a real store, with one tenant.
type bundle struct {
	*Activities
	*testsuite.TestActivityEnvironment
	tenant *store.Store
	intake *intake.Intake
	caller models.Caller
	begun  atomic.Int64
}

func setup(t *testing.T) *bundle {
	t.Helper()
	clock := func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	disk, err := blob.NewDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pages, err := parse.New(testkit.Cache(t), testkit.OCR(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pages.Close() })
	keys, err := secret.NewKeys(bytes.Repeat([]byte{7}, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{
		tenant: s, intake: &intake.Intake{Store: s, Blobs: disk, Now: clock},
		Activities: &Activities{
			Store: s.System(), Blobs: disk, Reader: inProcess{pages}, Engine: understand.Builtin(engine.New()),
			Webhooks: &webhook.Sender{Client: outbound.NewClient(outbound.Policy{AllowPrivate: true}), Keys: keys, Now: clock},
			Schedule: []time.Duration{0, time.Minute, time.Hour},
			Links:    webhook.Links{PublicURL: "https://extractor.test"}, Now: clock,
		},
		TestActivityEnvironment: testkit.NewActivityEnvironment(t),
	}
	b.RegisterActivity(b.Activities)
	b.onboard(t)
	return b
}

func (b *bundle) onboard(t *testing.T) {
	t.Helper()
	now := b.Now()
	tenant := models.Tenant{ID: models.NewID(now), Name: "Acme", Status: models.TenantActive}
	o := models.Onboarding{
		Tenant: tenant, User: models.User{ID: models.NewID(now), Email: "jo@acme.test"},
		APIKey: models.APIKey{ID: models.NewID(now), TenantID: tenant.ID, AllowedDomains: []string{}},
	}
	if _, err := b.tenant.Onboard(t.Context(), &o); err != nil {
		t.Fatal(err)
	}
	b.caller = models.Caller{TenantID: tenant.ID}
}

// template creates the template of the sample.
func (b *bundle) template(t *testing.T) models.Document {
	t.Helper()
	field := func(key string, kind models.FieldType, children ...models.Field) models.Field {
		return models.Field{Key: key, Type: kind, Description: key, Children: children}
	}
	d := models.Document{ID: models.NewID(b.Now()), Name: "Invoice", Description: "Bills", Fields: []models.Field{
		field("invoice_number", models.TypeString), field("total", models.TypeNumber), field("licence_plate", models.TypeString),
	}}
	if err := b.tenant.CreateDocument(t.Context(), b.caller, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// upload takes a file in and begins its run.
func (b *bundle) upload(t *testing.T, content []byte, documentID string) Run {
	t.Helper()
	up, err := intake.Receive("invoice.pdf", bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer up.Close()
	x, _, err := b.intake.Extract(t.Context(), b.caller, up, intake.Order{DocumentID: documentID, Source: models.SourceEmbed})
	if err != nil {
		t.Fatal(err)
	}
	run := Run{ExtractionID: x.ID, RunID: runID}
	if _, err := b.Begin(t.Context(), BeginInput{Run: run, BegunAt: b.begun.Add(1)}); err != nil {
		t.Fatal(err)
	}
	return run
}

func (b *bundle) get(t *testing.T, run Run) models.ExtractionDetail {
	t.Helper()
	x, err := b.tenant.GetExtraction(t.Context(), b.caller, run.ExtractionID)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func sample(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile("../samples/invoice.pdf")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// do executes a step as a worker does.
func do[Result any](t *testing.T, b *bundle, step, in any) (Result, error) {
	t.Helper()
	var result Result
	value, err := b.ExecuteActivity(step, in)
	if err == nil && value.HasValue() {
		err = value.Get(&result)
	}
	return result, err
}

func applicationError(t *testing.T, err error) *temporal.ApplicationError {
	t.Helper()
	e, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok {
		t.Fatalf("got %v, want an application error", err)
	}
	return e
}
