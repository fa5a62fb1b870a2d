package tests

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"decoded.digital/extractor/internal/testkit"
)

// TestDev runs scenarios over `extractor dev`.
func TestDev(t *testing.T) {
	t.Parallel()
	p := build(t, "-race")
	for name, scenario := range map[string]func(*testing.T, *product){
		"the main job, from onboarding to the webhook":              mainJob,
		"a killed server ends its extractions when it is back":      killed,
		"documents that can't be read say why, and may be retried":  unreadable,
		"what is wrong with the surroundings is said in one line":   surroundings,
		"a second start finds its data, and Ctrl-C leaves no child": secondStart,
		"the printed lines work when pasted":                        greeting,
		"a language model fills the template, and is checked":       languageModel,
		"spans, metrics and logs say what happens, and no secret":   telemetry,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scenario(t, p)
		})
	}
}

func devEnvironment(t testing.TB) environment {
	t.Helper()
	return environment{
		"EXTRACTOR_DATA_DIR": dataDir(t), "EXTRACTOR_HTTP_ADDR": "127.0.0.1:0", "EXTRACTOR_DEV_TEMPORAL_PORT": "0",
		"EXTRACTOR_SETUP_KEY": "a setup key of tests",
	}
}

// dataDir is a new data folder with the cache of all tests: to compile pdfium
// for each of them would show nothing.
func dataDir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Symlink(testkit.Cache(t), filepath.Join(dir, "cache")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// startDev starts the product and waits until it is ready.
func (p *product) startDev(t testing.TB, env environment) (*process, string) {
	t.Helper()
	run := p.start(t, "dev", env)
	base := run.await(t, `API +(http://\S+)`)
	awaitReady(t, base)
	return run, base
}

func mainJob(t *testing.T, p *product) {
	env := devEnvironment(t)
	_, base := p.startDev(t, env)
	h := onboard(t, base, env["EXTRACTOR_SETUP_KEY"])
	documentID := h.createDocument(t)
	calls := receive(t, h)

	x := h.await(t, h.upload(t, "invoice.pdf", sample(t, "invoice.pdf")), "completed", 1)
	if x.DocumentID == nil || *x.DocumentID != documentID || x.PageCount != 1 {
		t.Errorf("got template %v and %d pages", x.DocumentID, x.PageCount)
	}
	for key, want := range map[string]any{"invoice_number": "NP-2026-0417", "invoice_date": "2026-11-20"} {
		if x.ExtractedData[key] != want || x.Evidence[key] == nil {
			t.Errorf("%s: got %v with evidence %v, want %v", key, x.ExtractedData[key], x.Evidence[key], want)
		}
	}
	if lines, _ := x.ExtractedData["lines"].([]any); len(lines) != 3 || len(x.Checks) == 0 {
		t.Errorf("got lines %v, checks %v", lines, x.Checks)
	}
	if body := <-calls; !strings.Contains(body, x.ID) || !strings.Contains(body, "NP-2026-0417") {
		t.Errorf("the webhook was told %s", body)
	}
	if status, answer := h.send(t, http.MethodPost, "/api/embed/extractions/"+x.ID+"/retry", http.NoBody); status < 400 {
		t.Errorf("a completed extraction was retried: %d %s", status, answer)
	}
	if status, content := fetch(t, x.FileURL); status != http.StatusOK || content != string(sample(t, "invoice.pdf")) {
		t.Errorf("the file's address answers %d and %d bytes", status, len(content))
	}
	h.call(t, http.MethodDelete, "/api/embed/extractions/"+x.ID, "", http.StatusOK, nil)
	if status, _ := fetch(t, x.FileURL); status != http.StatusNotFound {
		t.Errorf("a deleted extraction's file is still served: %d", status)
	}
}

// receive creates a webhook that is this test, and answers the calls that it
// gets; each is verified by the standard's own library.
func receive(t *testing.T, h *host) <-chan string {
	t.Helper()
	secrets := make(chan string, 1)
	calls := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		secret := <-secrets
		secrets <- secret
		verifier, err := standardwebhooks.NewWebhook(secret)
		if err == nil {
			err = verifier.Verify(body, r.Header)
		}
		if err != nil {
			t.Errorf("the webhook call is not signed as the standard says: %v", err)
		}
		calls <- string(body)
	}))
	t.Cleanup(receiver.Close)
	var hook struct {
		Secret string `json:"secret"`
	}
	h.call(t, http.MethodPost, "/api/embed/webhooks", `{"name":"test","url":"`+receiver.URL+`","scope":"all"}`, http.StatusCreated, &hook)
	secrets <- hook.Secret
	return calls
}

func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	status, content := (&host{base: url}).send(t, http.MethodGet, "", http.NoBody)
	return status, string(content)
}

func killed(t *testing.T, p *product) {
	env := devEnvironment(t)
	run, base := p.startDev(t, env)
	h := onboard(t, base, env["EXTRACTOR_SETUP_KEY"])
	h.createDocument(t)
	var ids []string
	for range 3 {
		ids = append(ids, h.upload(t, "invoice.pdf", sample(t, "invoice.pdf")))
	}
	// So long that it is not done when the server is killed.
	ids = append(ids, h.upload(t, "long.pdf", pagesPDF(200, 5)))
	status := h.get(t, ids[3]).Status
	run.kill()
	if status == "completed" {
		t.Fatal("nothing was in progress when the server was killed: the scenario shows nothing")
	}
	_, h.base = p.startDev(t, env)
	for _, id := range ids {
		h.await(t, id, "completed", 1)
	}
}

func unreadable(t *testing.T, p *product) {
	env := devEnvironment(t)
	_, base := p.startDev(t, env)
	h := onboard(t, base, env["EXTRACTOR_SETUP_KEY"])
	calls := receive(t, h)
	encrypted, err := os.ReadFile("../internal/reader/parse/testdata/encrypted.pdf")
	if err != nil {
		t.Fatal(err)
	}
	whole := sample(t, "invoice.pdf")
	for name, tc := range map[string]struct {
		content []byte
		want    string
	}{
		"broken.pdf":    {append([]byte("%PDF-1.7\n"), whole[100:300]...), "damaged"},
		"truncated.pdf": {whole[:len(whole)/3], "damaged"},
		"encrypted.pdf": {encrypted, "password"},
	} {
		id := h.upload(t, name, tc.content)
		x := h.await(t, id, "analysis failed", 1)
		if x.Error == nil || !strings.Contains(*x.Error, tc.want) {
			t.Errorf("%s: got error %v, want one with %q", name, x.Error, tc.want)
		}
		wantFailureCall(t, <-calls, id)
		h.call(t, http.MethodPost, "/api/embed/extractions/"+id+"/retry", "", http.StatusOK, nil)
		h.await(t, id, "analysis failed", 2)
		wantFailureCall(t, <-calls, id)
	}
}

func wantFailureCall(t *testing.T, call, id string) {
	t.Helper()
	if !strings.Contains(call, "extraction.failed") || !strings.Contains(call, id) {
		t.Errorf("the webhook was told %s", call)
	}
}

func secondStart(t *testing.T, p *product) {
	env := devEnvironment(t)
	delete(env, "EXTRACTOR_SETUP_KEY") // it makes one, and keeps it
	run, base := p.startDev(t, env)
	setupKey := run.await(t, `setup key +(\S+)`)
	h := onboard(t, base, setupKey)
	id := h.upload(t, "invoice.pdf", sample(t, "invoice.pdf"))
	h.await(t, id, "completed", 1)
	if code, took := run.interrupt(t); code != 0 || took > 30*time.Second {
		t.Errorf("Ctrl-C: exit code %d after %s", code, took)
	}
	left := exec.CommandContext(t.Context(), "pgrep", "-fl", env["EXTRACTOR_DATA_DIR"])
	if out, _ := left.Output(); left.ProcessState.ExitCode() != 1 { // 1: no process matches
		t.Errorf("processes are left: %s", out)
	}
	run, h.base = p.startDev(t, env)
	if again := run.await(t, `setup key +(\S+)`); again != setupKey {
		t.Error("the second start has another setup key")
	}
	if x := h.get(t, id); x.Status != "completed" {
		t.Errorf("the second start has the extraction as %q", x.Status)
	}
}

// greeting pastes the two lines that are printed into a shell.
func greeting(t *testing.T, p *product) {
	run, _ := p.startDev(t, devEnvironment(t))
	lines := run.await(t, `(?m)^  (KEY=.*)$`) + "\n" + run.await(t, `(?m)^  (curl .*)$`)
	out, err := exec.CommandContext(t.Context(), "sh", "-c", lines).Output()
	if err != nil || !strings.Contains(string(out), `"success":true`) {
		t.Errorf("got %v, %s", err, out)
	}
}

func surroundings(t *testing.T, p *product) {
	taken := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(taken.Close)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	production := environment{
		"EXTRACTOR_DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "EXTRACTOR_TEMPORAL_ADDRESS": "127.0.0.1:1",
		"EXTRACTOR_ENCRYPTION_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
	}
	for name, tc := range map[string]struct {
		command string
		env     environment
		want    string
	}{
		"API port in use":      {"dev", environment{"EXTRACTOR_HTTP_ADDR": taken.Listener.Addr().String()}, "EXTRACTOR_HTTP_ADDR"},
		"metrics port in use":  {"dev", environment{"EXTRACTOR_METRICS_ADDR": taken.Listener.Addr().String()}, "EXTRACTOR_METRICS_ADDR"},
		"Temporal port in use": {"dev", environment{"EXTRACTOR_DEV_TEMPORAL_PORT": port(taken)}, "EXTRACTOR_DEV_TEMPORAL_PORT"},
		"folder is a file":     {"dev", environment{"EXTRACTOR_DATA_DIR": file}, "EXTRACTOR_DATA_DIR"},
		"bad value":            {"dev", environment{"EXTRACTOR_WEBHOOK_ALLOW_PRIVATE": "maybe"}, "EXTRACTOR_WEBHOOK_ALLOW_PRIVATE must be true or false"},
		"Temporal is away":     {"dev", environment{"EXTRACTOR_TEMPORAL_ADDRESS": "127.0.0.1:1"}, "EXTRACTOR_TEMPORAL_ADDRESS"},
		"database is away":     {"api", production, "EXTRACTOR_DATABASE_URL"},
		"no database named":    {"worker", environment{}, "EXTRACTOR_DATABASE_URL must be set"},
		"migrate without one":  {"migrate", production, "EXTRACTOR_DATABASE_URL"},
		"nothing to ask":       {"health", environment{"EXTRACTOR_HTTP_ADDR": "127.0.0.1:1"}, "nothing answers on 127.0.0.1:1"},
		"no such command":      {"serve", environment{}, "extractor help"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := devEnvironment(t)
			for name, value := range tc.env {
				env[name] = value
			}
			run := p.start(t, tc.command, env)
			code, said := run.wait(t), run.out.String()
			if code != 1 || strings.Count(said, "\n") != 0 || !strings.Contains(said, tc.want) {
				t.Errorf("got exit code %d and\n%s\nwant 1 and one line with %q", code, said, tc.want)
			}
		})
	}
}

func port(s *httptest.Server) string {
	address := s.Listener.Addr().String()
	return address[strings.LastIndex(address, ":")+1:]
}
