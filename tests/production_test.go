package tests

import (
	"maps"
	"net/http"
	"testing"

	"decoded.digital/extractor/internal/testkit"
)

// cluster is the production parts: Postgres, Azure Blob Storage and Temporal,
// with API and workers as processes of their own.
type cluster struct {
	*product
	env environment
}

// TestProduction runs scenarios over `extractor api` and `extractor worker`.
func TestProduction(t *testing.T) {
	t.Parallel()
	_, temporal := testkit.StartTemporal(t)
	c := &cluster{product: build(t, "-race"), env: environment{
		"EXTRACTOR_HTTP_ADDR": "127.0.0.1:0", "EXTRACTOR_DATA_DIR": dataDir(t),
		"EXTRACTOR_DATABASE_URL": testkit.StartPostgres(t).NewDatabase(t), "EXTRACTOR_BLOB_URL": testkit.StartAzurite(t),
		"EXTRACTOR_TEMPORAL_ADDRESS": temporal, "EXTRACTOR_WEBHOOK_ALLOW_PRIVATE": "true",
		"EXTRACTOR_SETUP_KEY": "a setup key of tests", "EXTRACTOR_ENCRYPTION_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
	}}
	migrated := c.start(t, "migrate", c.env)
	if code := migrated.wait(t); code != 0 {
		t.Fatalf("migrate: exit code %d", code)
	}
	_, base := c.startPart(t, "api")
	t.Run("an API without a worker is not ready, and keeps its promises", func(t *testing.T) { c.noWorker(t, base) })
	t.Run("a killed worker's extractions are another's", func(t *testing.T) { c.killedWorker(t, base) })
}

// startPart starts the API or a worker and answers its address.
func (c *cluster) startPart(t *testing.T, part string) (*process, string) {
	t.Helper()
	run := c.start(t, part, c.env)
	return run, "http://" + run.await(t, `is ready","address":"([^"]+)"`)
}

func (c *cluster) health(t *testing.T, base string) int {
	t.Helper()
	env := maps.Clone(c.env)
	env["EXTRACTOR_HTTP_ADDR"] = base[len("http://"):]
	return c.start(t, "health", env).wait(t)
}

func (c *cluster) noWorker(t *testing.T, base string) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/readyz", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusServiceUnavailable || c.health(t, base) != 1 {
		t.Errorf("readyz: got %d without a worker", response.StatusCode)
	}
	h := onboard(t, base, c.env["EXTRACTOR_SETUP_KEY"])
	h.createDocument(t)
	calls := receive(t, h)
	id := h.upload(t, "invoice.pdf", sample(t, "invoice.pdf"))

	worker, workerBase := c.startPart(t, "worker")
	x := h.await(t, id, "completed", 1)
	if x.ExtractedData["invoice_number"] != "NP-2026-0417" {
		t.Errorf("got %v", x.ExtractedData)
	}
	<-calls
	for _, part := range []string{base, workerBase} {
		awaitReady(t, part)
		if code := c.health(t, part); code != 0 {
			t.Errorf("health of %s: exit code %d", part, code)
		}
	}
	if code, _ := worker.interrupt(t); code != 0 {
		t.Errorf("the worker's exit code is %d", code)
	}
}

func (c *cluster) killedWorker(t *testing.T, base string) {
	h := onboard(t, base, c.env["EXTRACTOR_SETUP_KEY"])
	h.createDocument(t)
	first, _ := c.startPart(t, "worker")
	var ids []string
	for range 12 {
		ids = append(ids, h.upload(t, "invoice.pdf", sample(t, "invoice.pdf")))
	}
	first.kill()
	c.startPart(t, "worker")
	for _, id := range ids {
		h.await(t, id, "completed", 1)
	}
}
