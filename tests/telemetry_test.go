package tests

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// The trace of a host application that uploads a file.
const (
	callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	callersSpan  = "00f067aa0ba902b7"
)

// telemetry looks at all that one process says of itself: its spans, as a
// collector gets them, its metrics and its log.
func telemetry(t *testing.T, p *product) {
	spans := collect(t)
	env := devEnvironment(t)
	env["EXTRACTOR_LOG_FORMAT"], env["EXTRACTOR_METRICS_ADDR"], env["EXTRACTOR_TRACES_URL"] = "json", "127.0.0.1:0", spans.url
	graph, _ := startGraph(t, 1) // its requests are measured, too
	env.offerMail(graph)
	run, base := p.startDev(t, env)
	metrics := "http://" + run.await(t, `"metrics are served","address":"([^"]+)"`) + "/metrics"
	h := onboard(t, base, env["EXTRACTOR_SETUP_KEY"])
	h.createDocument(t)
	parents := h.receiveParents(t)
	id := h.upload(t, "invoice.pdf", sample(t, "invoice.pdf"), "traceparent", "00-"+callersTrace+"-"+callersSpan+"-01", "baggage", "who="+userEmail)
	h.await(t, id, "completed", 1)
	h.await(t, h.upload(t, "document.pdf", []byte("%PDF-1.7\nbroken")), "analysis failed", 1)
	h.send(t, http.MethodGet, "/api/embed/extractions?search=invoice.pdf&apiKey="+h.key+"&userEmail="+userEmail, http.NoBody)
	if parent := <-parents; !strings.Contains(parent, callersTrace) {
		t.Errorf("the webhook's receiver got the trace %q", parent)
	}
	spans.wantOneTrace(t)
	spans.wantNoSecret(t, h)
	wantMeasured(t, metrics)
	wantLogged(t, run, id)
	if code, _ := run.interrupt(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, err := http.Get(metrics); err == nil {
		t.Error("metrics are served after the end")
	}
}

// receiveParents creates a webhook and answers the trace of each of its calls.
func (h *host) receiveParents(t *testing.T) <-chan string {
	t.Helper()
	parents := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		parents <- r.Header.Get("traceparent")
	}))
	t.Cleanup(receiver.Close)
	h.call(t, http.MethodPost, "/api/embed/webhooks", `{"name":"test","url":"`+receiver.URL+`/secret-path","scope":"all"}`, http.StatusCreated, nil)
	return parents
}

// collected is what a collector got.
type collected struct {
	url   string
	mutex sync.Mutex
	spans []*otlp.Span
}

func collect(t *testing.T) *collected {
	t.Helper()
	c := &collected{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var sent collector.ExportTraceServiceRequest
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = proto.Unmarshal(body, &sent)
		}
		if err != nil {
			t.Errorf("what was sent are no spans: %v", err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.mutex.Lock()
		defer c.mutex.Unlock()
		for _, resource := range sent.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
	}))
	t.Cleanup(server.Close)
	c.url = server.URL + "/v1/traces"
	return c
}

// ofCaller is the caller's trace, by the ids of its spans.
func (c *collected) ofCaller() map[string]*otlp.Span {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	spans := map[string]*otlp.Span{}
	for _, span := range c.spans {
		if hex.EncodeToString(span.TraceId) == callersTrace {
			spans[hex.EncodeToString(span.SpanId)] = span
		}
	}
	return spans
}

// wantOneTrace waits until the caller's trace goes from its request through the
// runs and their steps to database, blobs and receiver, each below the one that
// it is part of.
func (c *collected) wantOneTrace(t *testing.T) {
	t.Helper()
	eventually(t, "the trace is whole", func() error {
		spans := c.ofCaller()
		paths := map[string]bool{}
		for _, span := range spans {
			path, err := pathOf(spans, span)
			if err != nil {
				return err
			}
			paths[path] = true
		}
		request, run := "POST /api/embed/extract", "StartWorkflow:Extraction > RunWorkflow:Extraction"
		for _, want := range []string{
			request, request + " > database insert", request + " > blob put", request + " > " + run,
			request + " > " + run + " > StartActivity:Begin > RunActivity:Begin > database update",
			request + " > " + run + " > StartActivity:Read > RunActivity:Read > blob get",
			request + " > " + run + " > StartActivity:Extract > RunActivity:Extract > database update",
		} {
			if !paths[want] {
				return fmt.Errorf("%s is missing in %v", want, paths)
			}
		}
		for path := range paths { // the relay made the call
			if strings.HasSuffix(path, "RunActivity:Extract > webhook call") {
				return nil
			}
		}
		return fmt.Errorf("the webhook call is missing in %v", paths)
	})
}

// pathOf is the names of the spans that this one is below, from the request on.
func pathOf(spans map[string]*otlp.Span, span *otlp.Span) (string, error) {
	parent := hex.EncodeToString(span.ParentSpanId)
	if parent == callersSpan {
		return span.Name, nil
	}
	above, found := spans[parent]
	if !found {
		return "", errors.New("the span above " + span.Name + " is missing")
	}
	path, err := pathOf(spans, above)
	return path + " > " + span.Name, err
}

func (c *collected) wantNoSecret(t *testing.T, h *host) {
	t.Helper()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, span := range c.spans {
		said := span.String()
		for _, secret := range []string{h.key, userEmail, "secret-path", "SELECT", "password"} {
			if strings.Contains(said, secret) {
				t.Errorf("%q stands in the span %s", secret, said)
			}
		}
		if loggedSecret.MatchString(said) || len(span.Events) > 0 {
			t.Errorf("a secret or an error's text stands in the span %s", said)
		}
	}
}

// wantLogged reads the log: every line is JSON, and the upload's names the trace,
// the tenant and the extraction.
func wantLogged(t *testing.T, run *process, id string) {
	t.Helper()
	found := false
	for line := range strings.Lines(run.out.String()) {
		if !logLine.MatchString(line) {
			continue
		}
		var said map[string]any
		if err := json.NewDecoder(bytes.NewBufferString(line)).Decode(&said); err != nil {
			t.Errorf("%v in %s", err, line)
		}
		if said["route"] == "/api/embed/extract" && said["extractionId"] == id {
			found = true
			for name, want := range map[string]any{"msg": "request", "trace_id": callersTrace, "status": 200.0, "method": "POST"} {
				if said[name] != want {
					t.Errorf("%s: got %v, want %v", name, said[name], want)
				}
			}
			if said["tenantId"] == nil || said["requestId"] == nil {
				t.Errorf("ids are missing in %s", line)
			}
		}
	}
	if !found {
		t.Errorf("the upload's line is missing in\n%s", run.out.String())
	}
}
