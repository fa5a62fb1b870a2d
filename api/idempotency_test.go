package api_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"decoded.digital/extractor/api"
	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/models"
)

// repeat posts a template under an Idempotency-Key.
func (s *server) repeat(t *testing.T, as *tenant, key, body string) answer {
	t.Helper()
	return s.do(t, call{method: "POST", path: "/documents", as: as, body: body, header: map[string]string{"Idempotency-Key": key}})
}

// documents counts a tenant's templates.
func (s *server) documents(t *testing.T, as *tenant) any {
	t.Helper()
	return s.do(t, call{method: "GET", path: "/documents", as: as}).value(t, "pagination.totalCount")
}

func TestARepeatedRequestIsDoneOnceAndAnsweredTwice(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a, b := s.onboard(t, "jo@acme.test"), s.onboard(t, "al@other.test")
	first := s.repeat(t, a, "order-1", invoiceBody)
	if first.status != http.StatusCreated || first.header.Get("Idempotency-Replayed") != "" {
		t.Fatalf("got %d %v", first.status, first.header)
	}
	for name, key := range map[string]string{"bare": "order-1", "quoted": `"order-1"`, "spaces": ` order-1 `} {
		again := s.repeat(t, a, key, strings.ReplaceAll(invoiceBody, `,"`, ` , "`))
		if again.status != first.status || again.body != first.body || again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s: got %d %s", name, again.status, again.body)
		}
	}
	if n := s.documents(t, a); n != 1.0 {
		t.Errorf("%v were made", n)
	}
	if other := s.repeat(t, b, "order-1", invoiceBody); other.status != http.StatusCreated || other.body == first.body {
		t.Errorf("another tenant's key: %d %s", other.status, other.body)
	}
	if other := s.do(t, call{method: "POST", path: "/webhooks", as: a, body: `{"name":"n","url":"https://x.test"}`, header: map[string]string{"Idempotency-Key": "order-1"}}); other.status != http.StatusCreated {
		t.Errorf("another route's key: %d %s", other.status, other.body)
	}
	if changed := s.repeat(t, a, "order-1", strings.Replace(invoiceBody, "Bills", "Bills!", 1)); changed.status != http.StatusUnprocessableEntity {
		t.Errorf("another body: %d %s", changed.status, changed.body)
	}
	s.clock.pass(24*time.Hour + time.Second)
	if later := s.repeat(t, a, "order-1", invoiceBody); later.header.Get("Idempotency-Replayed") != "" || s.documents(t, a) != 2.0 {
		t.Errorf("a day later: %d %s", later.status, later.body)
	}
}

func TestARefusalIsRepeatedToo(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	first := s.repeat(t, a, "k", `{"name":"x"}`)
	again := s.repeat(t, a, "k", `{"name":"x"}`)
	if first.status != http.StatusBadRequest || again.body != first.body || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("got %d %s, then %d %s", first.status, first.body, again.status, again.body)
	}
}

func TestABadIdempotencyKeyIsToldWhy(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	for name, key := range map[string]string{"empty": `""`, "long": strings.Repeat("k", 256), "no ASCII": "ключ"} {
		if got := s.repeat(t, a, key, invoiceBody); got.status != http.StatusBadRequest || !strings.Contains(got.body, "Idempotency-Key must") {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if n := s.documents(t, a); n != 0.0 {
		t.Errorf("%v were made", n)
	}
}

// gate holds a run's start until it is opened.
type gate struct {
	*runner
	reached, open chan struct{}
}

func (g *gate) Start(ctx context.Context, x models.ExtractionDetail) error {
	close(g.reached)
	<-g.open
	return g.runner.Start(ctx, x)
}

func TestARequestInFlightIsNotDoneAgain(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	held := &gate{runner: s.runner, reached: make(chan struct{}), open: make(chan struct{})}
	s.Runner = held
	body, kind := multipartOf(t, "a.pdf", sample(t))
	post := call{method: "POST", path: "/extract", as: a, body: body, header: map[string]string{"Content-Type": kind, "Idempotency-Key": "k"}}
	var first answer
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		first = s.do(t, post)
	}()
	select {
	case <-held.reached:
	case <-sent:
		t.Fatalf("it was not held: %d %s", first.status, first.body)
	}
	if got := s.do(t, post); got.status != http.StatusConflict || !strings.Contains(got.body, "is being answered") {
		t.Errorf("in flight: %d %s", got.status, got.body)
	}
	close(held.open)
	<-sent
	again := s.do(t, post)
	if first.status != http.StatusOK || again.body != first.body || len(s.runner.calls) != 1 {
		t.Errorf("got %d %s, then %d %s", first.status, first.body, again.status, again.body)
	}
}

func TestAnUploadIsKnownByItsBytesAndFields(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	document := s.document(t, a)
	send := func(name string, content []byte, fields ...string) answer {
		body, kind := multipartOf(t, name, content, fields...) // its boundary is another each time
		return s.do(t, call{method: "POST", path: "/extract", as: a, body: body, header: map[string]string{"Content-Type": kind, "Idempotency-Key": "k"}})
	}
	first := send("a.pdf", sample(t))
	if again := send("a.pdf", sample(t)); again.body != first.body || again.status != http.StatusOK {
		t.Errorf("the same: %d %s", again.status, again.body)
	}
	for name, other := range map[string]answer{
		"another name":  send("b.pdf", sample(t)),
		"another file":  send("a.pdf", append(sample(t), '\n')),
		"another field": send("a.pdf", sample(t), "documentId", document),
	} {
		if other.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, other.status, other.body)
		}
	}
	if len(s.runner.calls) != 1 {
		t.Errorf("got %v", s.runner.calls)
	}
}

// brokenBlobs stores nothing.
type brokenBlobs struct{ blob.Store }

func (brokenBlobs) Put(context.Context, string, io.Reader) error {
	return errors.New("the disk is full")
}

func TestAnAnswerThatMayChangeIsNotKept(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	intake := *s.Intake
	intake.Blobs = brokenBlobs{}
	s.Intake = &intake
	body, kind := multipartOf(t, "a.pdf", sample(t))
	post := call{method: "POST", path: "/extract", as: a, body: body, header: map[string]string{"Content-Type": kind, "Idempotency-Key": "k"}}
	if got := s.do(t, post); got.status != http.StatusServiceUnavailable {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	intake.Blobs = s.blobs
	if got := s.do(t, post); got.status != http.StatusOK || got.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("when it works again: %d %s", got.status, got.body)
	}
}

// dying is a process that ends after the commit, before the answer.
type dying struct{ *runner }

func (dying) Start(context.Context, models.ExtractionDetail) error { panic("killed") }

func TestARequestThatLostItsAnswerIsNotDoneTwice(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	body, kind := multipartOf(t, "a.pdf", sample(t))
	post := call{method: "POST", path: "/extract", as: a, body: body, header: map[string]string{"Content-Type": kind, "Idempotency-Key": "k"}}
	s.Runner = dying{s.runner}
	if got := s.do(t, post); got.status != http.StatusInternalServerError {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	s.Runner = s.runner
	list := s.do(t, call{method: "GET", path: "/extractions", as: a})
	again := s.do(t, post)
	if again.status != http.StatusOK || !strings.Contains(list.body, again.text(t, "extractionId")) {
		t.Errorf("got %d %s; made was %s", again.status, again.body, list.body)
	}
	if list := s.do(t, call{method: "GET", path: "/extractions", as: a}); list.value(t, "pagination.totalCount") != 1.0 {
		t.Errorf("got %s", list.body)
	}
}

func TestAnAnswerWithAnAddressIsReplayedWhole(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *api.Config) {
		c.FileURL = func(models.File) string { return "https://files.test/a?sig=1&se=2&sp=r" }
	})
	a := s.onboard(t, "jo@acme.test")
	listener := httptest.NewServer(s)
	t.Cleanup(listener.Close)
	body, kind := multipartOf(t, "a.pdf", sample(t))
	var first string
	for range 2 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, listener.URL+"/api/embed/extract", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{"X-API-Key": a.key, "X-User-Email": a.email, "Content-Type": kind, "Idempotency-Key": "k"} {
			request.Header.Set(name, value)
		}
		response, err := listener.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(response.Body)
		if err = errors.Join(err, response.Body.Close()); err != nil || !strings.Contains(string(answer), "a?sig=1&se=2") {
			t.Fatalf("got %s, %v", answer, err)
		}
		if first == "" {
			first = string(answer)
		}
		if string(answer) != first {
			t.Errorf("got %s, first %s", answer, first)
		}
	}
}
