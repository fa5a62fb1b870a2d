package api_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"decoded.digital/extractor/api"
)

// observedServer records its spans and durations.
func observedServer(t *testing.T) (*server, *tracetest.InMemoryExporter, sdkmetric.Reader) {
	t.Helper()
	spans, measured := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader()
	return newServer(t, func(c *api.Config) {
		c.Traces = sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
		c.Meters = sdkmetric.NewMeterProvider(sdkmetric.WithReader(measured))
	}), spans, measured
}

func attributes(span *tracetest.SpanStub) map[string]string {
	values := map[string]string{}
	for _, a := range span.Attributes {
		values[string(a.Key)] = a.Value.String()
	}
	return values
}

func TestARequestIsASpanOfItsCallersTrace(t *testing.T) {
	t.Parallel()
	s, spans, _ := observedServer(t)
	a := s.onboard(t, "jo@acme.test")
	id := s.extraction(t, a)
	spans.Reset()
	request := httptest.NewRequest(http.MethodGet, "/api/embed/extractions/"+id+"?apiKey="+a.key+"&userEmail="+a.email, http.NoBody)
	request.Header.Set("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	answer := httptest.NewRecorder()
	s.ServeHTTP(answer, request)
	got := spans.GetSpans()
	if answer.Code != http.StatusOK || len(got) != 1 {
		t.Fatalf("got %d and %d spans", answer.Code, len(got))
	}
	span := got[0]
	if span.Name != "GET /api/embed/extractions/:id" || span.SpanContext.TraceID().String() != "4bf92f3577b34da6a3ce929d0e0e4736" ||
		span.Parent.SpanID().String() != "00f067aa0ba902b7" {
		t.Errorf("got %+v", span)
	}
	values := attributes(&span)
	if values["extractor.extraction_id"] != id || values["extractor.tenant_id"] != a.id || values["http.response.status_code"] != "200" ||
		values["extractor.request_id"] != answer.Header().Get("X-Request-Id") {
		t.Errorf("got %v", values)
	}
	line := s.logs.String()[strings.LastIndex(strings.TrimSpace(s.logs.String()), "\n")+1:]
	for _, part := range []string{"trace_id=4bf92f3577b34da6a3ce929d0e0e4736", "extractionId=" + id, "tenantId=" + a.id, "requestId=" + values["extractor.request_id"]} {
		if !strings.Contains(line, part) {
			t.Errorf("%s is missing in the request's line: %s", part, line)
		}
	}
}

func TestAnUploadsLineNamesItsExtraction(t *testing.T) {
	t.Parallel()
	s, spans, _ := observedServer(t)
	a := s.onboard(t, "jo@acme.test")
	id := s.extraction(t, a)
	if !strings.Contains(s.logs.String(), "extractionId="+id) {
		t.Errorf("the extraction is missing in\n%s", s.logs.String())
	}
	upload := slices.IndexFunc(spans.GetSpans(), func(span tracetest.SpanStub) bool {
		return attributes(&span)["extractor.extraction_id"] == id
	})
	if upload < 0 {
		t.Error("the upload's span does not name its extraction")
	}
}

func TestNothingSecretStandsInSpans(t *testing.T) {
	t.Parallel()
	s, spans, _ := observedServer(t)
	a := s.onboard(t, "jo@acme.test")
	s.extraction(t, a)
	for _, c := range []call{
		{method: "GET", path: "/verify?apiKey=" + a.key + "&userEmail=" + a.email},
		{method: "GET", path: "/extractions?search=invoice.pdf", as: a},
		{method: "GET", path: "/" + a.key, as: a},
		{method: "GET", path: "/extractions/invoice.pdf", as: a},
		{method: "BREW", path: "/files", as: a},
		{method: "POST", path: "/webhooks", as: a, body: `{"name":"n","url":"https://hooks.test/secret-path","scope":"all"}`},
	} {
		s.do(t, c)
	}
	for _, span := range spans.GetSpans() {
		said := span.Name
		for name, value := range attributes(&span) {
			said += " " + name + "=" + value
		}
		for _, bad := range []string{a.key, a.email, setupKey, "whsec_", "secret-path", "invoice.pdf", "hooks.test", "BREW", "?"} {
			if strings.Contains(said, bad) {
				t.Errorf("%q stands in a span: %s", bad, said)
			}
		}
	}
}

func TestRequestsAreMeasuredByRouteAndClassOfStatus(t *testing.T) {
	t.Parallel()
	s, spans, measured := observedServer(t)
	a := s.onboard(t, "jo@acme.test")
	s.do(t, call{method: "GET", path: "/verify", as: a})
	s.do(t, call{method: "GET", path: "/nowhere/" + a.id, as: a})
	_ = s.store.Close()
	s.do(t, call{method: "GET", path: "/extractions", as: a})
	probe := httptest.NewRecorder()
	s.ServeHTTP(probe, httptest.NewRequest(http.MethodGet, "/healthz", http.NoBody))
	var all metricdata.ResourceMetrics
	if err := measured.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	got := map[string]uint64{}
	for _, m := range all.ScopeMetrics[0].Metrics {
		histogram, _ := m.Data.(metricdata.Histogram[float64])
		for _, p := range histogram.DataPoints {
			var labels []string
			for _, l := range p.Attributes.ToSlice() {
				labels = append(labels, l.Value.String())
			}
			got[strings.Join(labels, " ")] = p.Count
		}
	}
	for _, want := range []string{"POST /api/embed/onboard 2xx", "GET /api/embed/verify 2xx", "GET  4xx", "GET /api/embed/extractions 5xx"} {
		if got[want] != 1 {
			t.Errorf("%s: got %d of %v", want, got[want], got)
		}
	}
	if len(got) != 4 {
		t.Errorf("got %v", got)
	}
	last := spans.GetSpans()[len(spans.GetSpans())-1]
	if last.Status.Code != codes.Error || last.Status.Description != "" {
		t.Errorf("got %+v", last.Status)
	}
}
