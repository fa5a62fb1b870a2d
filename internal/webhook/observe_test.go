package webhook

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestEachCallIsASpanAndCounted(t *testing.T) {
	t.Parallel()
	var parents []string
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parents = append(parents, r.Header.Get("traceparent"))
		if r.URL.Query().Get("key") == "refuse" {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	defer receiver.Close()
	out, measured := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader()
	client, err := Observe(&http.Client{Transport: http.DefaultTransport},
		sdktrace.NewTracerProvider(sdktrace.WithSyncer(out)), sdkmetric.NewMeterProvider(sdkmetric.WithReader(measured)))
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{receiver.URL, receiver.URL + "/?key=refuse", "http://127.0.0.1:1/"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if response, err := client.Do(request); err == nil {
			_ = response.Body.Close()
		}
	}
	spans := out.GetSpans()
	if len(spans) != 3 {
		t.Fatalf("got %d spans", len(spans))
	}
	for i, span := range spans {
		if i < len(parents) && !strings.Contains(parents[i], span.SpanContext.TraceID().String()) {
			t.Errorf("the receiver got %s", parents[i])
		}
		for _, a := range span.Attributes {
			if strings.Contains(a.Value.String(), "127.0.0.1") || strings.Contains(a.Value.String(), "refuse") {
				t.Errorf("the address stands in the span: %v", a)
			}
		}
	}
	wantAttempts(t, measured, map[string]int64{delivered: 1, refused: 1, unreachable: 1})
}

func wantAttempts(t *testing.T, measured sdkmetric.Reader, want map[string]int64) {
	t.Helper()
	var got metricdata.ResourceMetrics
	if err := measured.Collect(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	sum, ok := got.ScopeMetrics[0].Metrics[0].Data.(metricdata.Sum[int64])
	if !ok || len(sum.DataPoints) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for _, point := range sum.DataPoints {
		outcome, _ := point.Attributes.Value("outcome")
		if point.Value != want[outcome.AsString()] {
			t.Errorf("%s: got %d", outcome.AsString(), point.Value)
		}
	}
}
