package api_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"decoded.digital/extractor/models"
)

// stream is a client of server-sent events.
type stream struct {
	lines *bufio.Scanner
	end   context.CancelFunc
}

// follow opens an extraction's events over a real connection; seen is the last
// event's id.
func (s *server) follow(t *testing.T, as *tenant, id, seen string) *stream {
	t.Helper()
	listener := httptest.NewServer(s)
	t.Cleanup(listener.Close)
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, listener.URL+"/api/embed/extractions/"+id+"/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-API-Key", as.key)
	request.Header.Set("X-User-Email", as.email)
	if seen != "" {
		request.Header.Set("Last-Event-ID", seen)
	}
	response, err := listener.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = response.Body.Close() })
	if kind := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("got %d %s", response.StatusCode, kind)
	}
	return &stream{lines: bufio.NewScanner(response.Body), end: cancel}
}

// next is the next event as one line, or "end".
func (s *stream) next() string {
	var event []string
	for s.lines.Scan() {
		if s.lines.Text() == "" {
			return strings.Join(event, " ")
		}
		event = append(event, s.lines.Text())
	}
	return "end"
}

func TestAPageFollowsAnExtractionToItsEnd(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	id := s.extraction(t, a)
	events := s.follow(t, a, id, "")
	if first := events.next(); !strings.HasPrefix(first, "id: 1-uploaded event: status data: {") || !strings.Contains(first, `"status":"uploaded"`) {
		t.Errorf("got %s", first)
	}
	s.fail(t, id)
	last := events.next()
	if strings.HasPrefix(last, "id: 1-analyzing") { // the steps before may or may not be seen
		last = events.next()
	}
	if !strings.HasPrefix(last, "id: 1-analysis failed event: status") || !strings.Contains(last, `"error":"The PDF is damaged."`) {
		t.Errorf("got %s", last)
	}
	if end := events.next(); end != "end" {
		t.Errorf("it goes on with %s", end)
	}
}

func TestAPageThatComesBackIsToldWhatItHasNotSeen(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	id := s.extraction(t, a)
	s.fail(t, id)
	if next := s.follow(t, a, id, "1-uploaded").next(); !strings.HasPrefix(next, "id: 1-analysis failed") {
		t.Errorf("a state that it has not seen: %s", next)
	}
	if next := s.follow(t, a, id, "1-analysis failed").next(); next != "end" {
		t.Errorf("a state that it has seen: %s", next)
	}
}

func TestEventsEndWithTheirExtraction(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	id := s.extraction(t, a)
	events := s.follow(t, a, id, "")
	events.next()
	if got := s.do(t, call{method: "DELETE", path: "/extractions/" + id, as: a}); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if end := events.next(); end != "end" {
		t.Errorf("it goes on with %s", end)
	}
}

func TestEventsEndWhenTheServerShutsDown(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	events := s.follow(t, a, s.extraction(t, a), "")
	events.next()
	s.EndStreams()
	if end := events.next(); end != "end" {
		t.Errorf("it goes on with %s", end)
	}
}

func TestEventsAreForTheTenant(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a, b := s.onboard(t, "jo@acme.test"), s.onboard(t, "al@other.test")
	at := "/extractions/" + s.extraction(t, a) + "/events"
	s.run(t, map[string]scenario{
		"another tenant": {call{method: "GET", path: at, as: b}, 404, []string{"Extraction not found"}, nil},
		"nobody":         {call{method: "GET", path: at}, 401, nil, nil},
		"unknown":        {call{method: "GET", path: "/extractions/" + models.NewID(s.clock.Now()) + "/events", as: a}, 404, nil, nil},
	})
}
