package llm

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"decoded.digital/extractor/internal/testkit/llmfake"
)

func TestEachCallIsASpanAndItsTokensAreCounted(t *testing.T) {
	t.Parallel()
	replies := []llmfake.Reply{{Text: `{"secret":1}`}, {Stop: "truncated"}, {Stop: "refused"}, {Status: 429}, {Status: 500}}
	client, _ := connect(t, OpenAI, func(n int, _ *llmfake.Request) llmfake.Reply { return replies[n-1] })
	out, measured := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader()
	client, err := Observe(client, OpenAI, llmfake.Model,
		sdktrace.NewTracerProvider(sdktrace.WithSyncer(out)), sdkmetric.NewMeterProvider(sdkmetric.WithReader(measured)))
	if err != nil {
		t.Fatal(err)
	}
	for range replies {
		_, _ = client.Complete(t.Context(), ask(t, client.Limits()))
	}
	spans := out.GetSpans()
	if len(spans) != len(replies) {
		t.Fatalf("got %d spans", len(spans))
	}
	for _, span := range spans {
		for _, a := range span.Attributes {
			if strings.Contains(a.Value.String(), "secret") || strings.Contains(a.Value.String(), "Invoice") {
				t.Errorf("what was asked or answered stands in the span: %v", a)
			}
		}
	}
	want := map[string]int64{
		"answered": 1, "truncated": 1, "refused": 1, "limited": 1, "failed": 1,
		"input": 3 * llmfake.InputTokens, "output": 3 * llmfake.OutputTokens,
	}
	for name, value := range counted(t, measured) {
		if want[name] != value {
			t.Errorf("%s: got %d", name, value)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("not counted: %v", want)
	}
}

// counted are the counters' values by outcome and direction.
func counted(t *testing.T, measured sdkmetric.Reader) map[string]int64 {
	t.Helper()
	var got metricdata.ResourceMetrics
	if err := measured.Collect(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	values := map[string]int64{}
	for _, m := range got.ScopeMetrics[0].Metrics {
		sum, ok := m.Data.(metricdata.Sum[int64])
		if !ok {
			t.Fatalf("got %T", m.Data)
		}
		for _, point := range sum.DataPoints {
			for _, key := range []string{"outcome", "direction"} {
				if value, found := point.Attributes.Value(attribute.Key(key)); found {
					values[value.AsString()] = point.Value
				}
			}
		}
	}
	return values
}
