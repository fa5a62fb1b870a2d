package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"decoded.digital/extractor/api"
	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/models"
)

const (
	setupKey  = "a setup key of tests"
	publicURL = "https://extractor.test"
)

// server is the API over a real store and real files; the runs are recorded.
type server struct {
	*api.Server
	store  *store.Store
	blobs  *blob.Disk
	keys   *secret.Keys
	runner *runner
	logs   *logs
	clock  *clock
	probe  error // what GET /readyz finds
	// optional is what it finds of a part that may be missing.
	optional error
}

// tenant is a host application's credentials.
type tenant struct{ id, key, keyID, email string }

// runner records what is asked of it.
type runner struct {
	mutex sync.Mutex
	calls []string
	err   error // what it answers
}

func (r *runner) record(call string) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.calls = append(r.calls, call)
	return r.err
}

func (r *runner) Start(_ context.Context, x models.ExtractionDetail) error {
	return r.record("start " + x.ID)
}

func (r *runner) Reset(_ context.Context, x models.ExtractionDetail, who string) error {
	return r.record("reset " + x.ID + " by " + who)
}

func (r *runner) Cancel(_ context.Context, id string) error { return r.record("cancel " + id) }

func newServer(t testing.TB, options ...func(*api.Config)) *server {
	t.Helper()
	return newServerOn(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"), options...)
}

func newServerOn(t testing.TB, database string, options ...func(*api.Config)) *server {
	t.Helper()
	s := &server{runner: &runner{}, logs: &logs{}, clock: &clock{now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)}}
	var err error
	if s.store, err = store.Open(t.Context(), database, s.clock.Now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.store.Close() })
	if err := s.store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.blobs, err = blob.NewDisk(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if s.keys, err = secret.NewKeys(bytes.Repeat([]byte{7}, secret.KeySize)); err != nil {
		t.Fatal(err)
	}
	config := api.Config{
		Store: s.store, Blobs: s.blobs, Intake: &intake.Intake{Store: s.store, Blobs: s.blobs, Now: s.clock.Now}, Runner: s.runner,
		Keys: s.keys, SetupKey: setupKey, PublicURL: publicURL, FileURL: api.FileURL(publicURL, s.keys, s.clock.Now),
		Probes: []api.Probe{
			{Name: "the database", Check: func(context.Context) error { return s.probe }},
			{Name: "what reads pictures", Check: func(context.Context) error { return s.optional }, Optional: true},
		},
		Logger: testkit.LoggerTo(s.logs), Now: s.clock.Now,
	}
	for _, option := range options {
		option(&config)
	}
	s.Server = api.New(config)
	t.Cleanup(func() { s.checkLogs(t) })
	return s
}

// clock is the time of a test, which goes on when the test says so.
type clock struct {
	mutex sync.Mutex
	now   time.Time
}

func (c *clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(d)
}

// logs keeps what was logged.
type logs struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// secrets are what no log may hold: keys, tokens, secrets, queries, and the
// addresses and texts that tests send.
var secrets = regexp.MustCompile(`ext_[0-9A-Za-z]{6}|ems_[0-9A-Za-z]{6}|whsec_|apiKey=|userEmail=|token=|@acme\.test|@other\.test|invoice\.pdf|` + setupKey)

// checkLogs holds for every test of this package.
func (s *server) checkLogs(t testing.TB) {
	t.Helper()
	if found := secrets.FindString(s.logs.String()); found != "" {
		t.Errorf("%q was logged", found)
	}
}

// onboard makes a tenant by the API.
func (s *server) onboard(t testing.TB, email string) *tenant {
	t.Helper()
	body := `{"organizationName":"` + email + ` Ltd","firstName":"Jo","lastName":"Doe","email":"` + email + `"}`
	answer := s.do(t, call{method: "POST", path: "/onboard", body: body, header: map[string]string{"X-Setup-Key": setupKey}})
	if answer.status != http.StatusCreated {
		t.Fatalf("onboard: %d %s", answer.status, answer.body)
	}
	return &tenant{id: answer.text(t, "tenant.id"), key: answer.text(t, "apiKey.key"), keyID: answer.text(t, "apiKey.id"), email: email}
}

// call is one request, below /api/embed unless the path says otherwise.
type call struct {
	method, path string
	as           *tenant
	body         string
	header       map[string]string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (s *server) do(t testing.TB, c call) answer {
	t.Helper()
	path := "/api/embed" + c.path
	if strings.HasPrefix(c.path, "//") {
		path = c.path[1:]
	}
	request := httptest.NewRequestWithContext(t.Context(), c.method, path, strings.NewReader(c.body))
	if c.as != nil {
		request.Header.Set("X-API-Key", c.as.key)
		request.Header.Set("X-User-Email", c.as.email)
	}
	for name, value := range c.header {
		request.Header.Set(name, value)
	}
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, request)
	got := answer{status: recorder.Code, header: recorder.Header(), body: recorder.Body.String()}
	if got.header.Get("X-Request-Id") == "" {
		t.Errorf("%s %s: no X-Request-Id", c.method, c.path)
	}
	checkAnswer(t, request, got)
	return got
}

// value finds a value of the answer's data by its path.
func (a answer) value(t testing.TB, path string) any {
	t.Helper()
	var envelope map[string]any
	if err := json.Unmarshal([]byte(a.body), &envelope); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	value := envelope["data"]
	for key := range strings.SplitSeq(path, ".") {
		object, ok := value.(map[string]any)
		if !ok {
			t.Fatalf("no %s in %s", path, a.body)
		}
		value = object[key]
	}
	return value
}

func (a answer) text(t testing.TB, path string) string {
	t.Helper()
	text, ok := a.value(t, path).(string)
	if !ok {
		t.Fatalf("%s is no text in %s", path, a.body)
	}
	return text
}

// upload sends a file to be extracted, as the guide says.
func (s *server) upload(t *testing.T, as *tenant, name string, content []byte, fields ...string) answer {
	t.Helper()
	return s.uploadTo(t, "/extract", as, name, content, fields...)
}

func (s *server) uploadTo(t *testing.T, path string, as *tenant, name string, content []byte, fields ...string) answer {
	t.Helper()
	body, kind := multipartOf(t, name, content, fields...)
	return s.do(t, call{method: "POST", path: path, as: as, body: body, header: map[string]string{"Content-Type": kind}})
}

// multipartOf is a form with a file and fields, and its content type.
func multipartOf(t *testing.T, name string, content []byte, fields ...string) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = part.Write(content)
	if err = errors.Join(err, form.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String(), form.FormDataContentType()
}

func sample(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile("../samples/invoice.pdf")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// extraction uploads the sample and answers the extraction's id.
func (s *server) extraction(t *testing.T, as *tenant) string {
	t.Helper()
	got := s.upload(t, as, "invoice.pdf", sample(t))
	if got.status != http.StatusOK {
		t.Fatalf("upload: %d %s", got.status, got.body)
	}
	return got.text(t, "extractionId")
}

// fail takes an extraction to a failure, as a run does.
func (s *server) fail(t *testing.T, id string) {
	t.Helper()
	system := s.store.System()
	if _, err := system.Begin(t.Context(), id, "run", s.clock.Now().UnixNano()); err != nil {
		t.Fatal(err)
	}
	if err := system.Fail(t.Context(), id, "run", models.StatusAnalysisFailed, models.FailureDocumentBroken, "The PDF is damaged."); err != nil {
		t.Fatal(err)
	}
}

// deliver ends a delivery as its run does.
func (s *server) deliver(t *testing.T, id string) {
	t.Helper()
	turn, err := s.store.System().BeginCall(t.Context(), id, 1, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	attempt := models.DeliveryAttempt{ID: models.NewID(s.clock.Now()), StatusCode: 503, Error: "the receiver answered 503", Answer: "busy", Duration: 12 * time.Millisecond, CreatedAt: s.clock.Now()}
	if err := s.store.System().EndCall(t.Context(), &turn.Delivery, store.Call{Attempt: attempt}); err != nil {
		t.Fatal(err)
	}
}

func (s *server) promises(t *testing.T) []models.OutboxEntry {
	t.Helper()
	s.clock.pass(time.Minute)
	entries, err := s.store.System().ClaimOutbox(t.Context(), 100, 0)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// scenario is one request and what must and must not stand in its answer.
type scenario struct {
	call
	status int
	want   []string
	not    []string
}

func (s *server) run(t *testing.T, scenarios map[string]scenario) {
	t.Helper()
	for name, tc := range scenarios {
		t.Run(name, func(t *testing.T) {
			got := s.do(t, tc.call)
			if got.status != tc.status {
				t.Errorf("got %d %s, want %d", got.status, got.body, tc.status)
			}
			var envelope map[string]json.RawMessage
			if err := json.Unmarshal([]byte(got.body), &envelope); err != nil || len(envelope) != 2 {
				t.Errorf("the answer is no envelope: %s", got.body)
			}
			if (string(envelope["error"]) == "null") != (tc.status < 400) {
				t.Errorf("error is %s with status %d", envelope["error"], got.status)
			}
			for _, want := range tc.want {
				if !strings.Contains(got.body, want) {
					t.Errorf("no %q in %s", want, got.body)
				}
			}
			not := tc.not
			if tc.status >= 400 { // only there: a token may hold any letters
				not = append(not, "sql", "gorm")
			}
			for _, not := range not {
				if strings.Contains(strings.ToLower(got.body), strings.ToLower(not)) {
					t.Errorf("%q stands in %s", not, got.body)
				}
			}
		})
	}
}
