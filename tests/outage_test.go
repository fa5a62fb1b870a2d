package tests

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/workflows"
)

// outage is a production layout whose parts can be away.
type outage struct {
	*cluster
	*host
	postgres, azurite, temporal *testkit.Service
	client                      client.Client // of Temporal
}

// TestOutages takes away one part after another: what can't be done is refused
// whole, and what was promised is done when the part is back.
func TestOutages(t *testing.T) {
	t.Parallel()
	postgres := testkit.StartPostgres(t)
	azurite, blobs := testkit.StartDurableAzurite(t)
	temporal, address := testkit.StartDurableTemporal(t)
	c, err := client.DialContext(t.Context(), client.Options{HostPort: address, Namespace: testkit.Namespace})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	o := &outage{client: c, postgres: postgres.Service, azurite: azurite, temporal: temporal, cluster: &cluster{product: build(t), env: environment{
		"EXTRACTOR_HTTP_ADDR": "127.0.0.1:0", "EXTRACTOR_DATA_DIR": dataDir(t), "EXTRACTOR_RATE_LIMIT": "off",
		"EXTRACTOR_DATABASE_URL": postgres.NewDatabase(t), "EXTRACTOR_BLOB_URL": blobs, "EXTRACTOR_TEMPORAL_ADDRESS": address,
		"EXTRACTOR_SETUP_KEY": "a setup key of tests", "EXTRACTOR_ENCRYPTION_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
	}}}
	if code := o.start(t, "migrate", o.env).wait(t); code != 0 {
		t.Fatalf("migrate: exit code %d", code)
	}
	_, base := o.startPart(t, "api")
	o.host = onboard(t, base, o.env["EXTRACTOR_SETUP_KEY"])
	o.createDocument(t)
	o.stopsWorker(t)
	o.withoutPostgres(t)
	o.withoutAzurite(t)
	o.withoutTemporal(t)
}

// count is how many extractions there are.
func (o *outage) count(t *testing.T) int {
	t.Helper()
	var list struct {
		Pagination struct {
			TotalCount int `json:"totalCount"`
		} `json:"pagination"`
	}
	o.call(t, http.MethodGet, "/api/embed/extractions", "", http.StatusOK, &list)
	return list.Pagination.TotalCount
}

// refused sends a file, and sees that it is refused for now, as a sentence.
func (o *outage) refused(t *testing.T, away string) {
	t.Helper()
	begun := time.Now()
	status, body := o.sendFile(t, "invoice.pdf", sample(t, "invoice.pdf"))
	var envelope struct {
		Data  any
		Error string
	}
	err := json.Unmarshal(body, &envelope)
	if status != http.StatusServiceUnavailable || err != nil || envelope.Data != nil || !strings.Contains(envelope.Error, "in a moment") {
		t.Errorf("without %s: got %d %s", away, status, body)
	}
	t.Logf("without %s an upload is refused after %s", away, time.Since(begun).Round(time.Millisecond))
}

func (o *outage) withoutPostgres(t *testing.T) {
	t.Helper()
	before := o.count(t)
	o.postgres.Kill()
	o.refused(t, "Postgres")
	if status, body := o.send(t, http.MethodGet, "/api/embed/documents", http.NoBody); status != http.StatusServiceUnavailable {
		t.Errorf("a list without Postgres: %d %s", status, body)
	}
	o.postgres.Start()
	eventually(t, "the API finds Postgres again", func() error {
		if status, _ := o.send(t, http.MethodGet, "/api/embed/documents", http.NoBody); status != http.StatusOK {
			return errors.New(http.StatusText(status))
		}
		return nil
	})
	if after := o.count(t); after != before {
		t.Errorf("%d extractions, %d before the outage", after, before)
	}
}

func (o *outage) withoutAzurite(t *testing.T) {
	t.Helper()
	before := o.count(t)
	o.azurite.Kill()
	o.refused(t, "the file storage")
	if after := o.count(t); after != before {
		t.Errorf("%d extractions, %d before: there is a row without its bytes", after, before)
	}
	o.azurite.Start()
	o.await(t, o.upload(t, "invoice.pdf", sample(t, "invoice.pdf")), "completed", 1)
}

func (o *outage) withoutTemporal(t *testing.T) {
	t.Helper()
	o.temporal.Kill()
	begun := time.Now()
	id := o.upload(t, "invoice.pdf", sample(t, "invoice.pdf"))
	t.Logf("without Temporal an upload is promised after %s", time.Since(begun).Round(time.Millisecond))
	if x := o.get(t, id); x.Status != "uploaded" {
		t.Errorf("without Temporal it is %q", x.Status)
	}
	o.temporal.Start()
	o.await(t, id, "completed", 1)
}

// stopsWorker ends a worker in the midst of a document, as a platform does: the
// step is finished, or is another worker's.
func (o *outage) stopsWorker(t *testing.T) {
	t.Helper()
	first, _ := o.startPart(t, "worker")
	id := o.upload(t, "slow.pdf", slowPDF())
	where := &workflows.Starter{Client: o.client, Namespace: testkit.Namespace}
	eventually(t, "the worker is in the midst of the document", func() error {
		said, err := where.Inspect(t.Context(), id)
		if err == nil && !strings.Contains(said, ", at page ") {
			err = errors.New(said)
		}
		return err
	})
	begun := time.Now()
	if err := first.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	if code := first.wait(t); code != 0 {
		t.Errorf("the worker's exit code is %d", code)
	}
	t.Logf("a worker in the midst of a document ended %s after SIGTERM", time.Since(begun).Round(time.Millisecond))
	o.startPart(t, "worker")
	o.await(t, id, "completed", 1)
}
