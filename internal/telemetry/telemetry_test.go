package telemetry

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/client"

	"decoded.digital/extractor/internal/testkit"
)

func TestOnlyWhatIsListedLeavesTheProcess(t *testing.T) {
	t.Parallel()
	out := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(Guard(out)))
	_, span := provider.Tracer("t").Start(t.Context(), "GET /x", trace.WithAttributes(
		attribute.String("http.route", "/x"), attribute.String("url.query", "apiKey=secret"), attribute.String("url.path", "/secret"),
	))
	span.RecordError(errors.New("secret"))
	span.SetStatus(codes.Error, "secret")
	span.End()
	spans := out.GetSpans()
	if len(spans) != 1 || len(spans[0].Attributes) != 1 || spans[0].Attributes[0].Value.AsString() != "/x" {
		t.Fatalf("got %+v", spans)
	}
	if got := spans[0]; len(got.Events) != 0 || got.Status.Description != "" || got.Status.Code != codes.Error {
		t.Errorf("got events %v, status %+v", got.Events, got.Status)
	}
}

func start(t *testing.T, url string) *Telemetry {
	t.Helper()
	tm, err := New(t.Context(), Options{Part: "test", TracesURL: url, Logger: testkit.Logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	return tm
}

func scrape(t *testing.T, tm *Telemetry) string {
	t.Helper()
	answer := httptest.NewRecorder()
	tm.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	if answer.Code != http.StatusOK {
		t.Fatalf("got %d", answer.Code)
	}
	return answer.Body.String()
}

func TestMetricsAreNamedAsPrometheusHasIt(t *testing.T) {
	t.Parallel()
	tm := start(t, "")
	defer func() { _ = tm.Close(t.Context()) }()
	counter, err := tm.Meters.Meter("t").Int64Counter("extractor_things")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 2, metric.WithAttributes(attribute.String("kind", "a")))
	took, err := tm.Meters.Meter("t").Float64Histogram("extractor_thing_duration", metric.WithUnit("s"))
	if err != nil {
		t.Fatal(err)
	}
	took.Record(t.Context(), 0.02)
	var options client.Options
	if err := tm.Temporal(&options); err != nil {
		t.Fatal(err)
	}
	options.MetricsHandler.WithTags(map[string]string{"task_queue": "reading"}).Timer("temporal_activity_schedule_to_start_latency").Record(1)
	text := scrape(t, tm)
	for _, line := range []string{
		`extractor_things_total{kind="a"} 2`,
		`extractor_thing_duration_seconds_bucket{le="0.01"} 0`,
		`extractor_thing_duration_seconds_bucket{le="0.025"} 1`,
		`temporal_activity_schedule_to_start_latency_seconds_count{task_queue="reading"} 1`,
		`service_name="extractor-test"`,
		"\ngo_goroutines ", "\nprocess_start_time_seconds ",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("%s is missing in\n%s", line, text)
		}
	}
}

func TestSpansAreSentAtTheEnd(t *testing.T) {
	t.Parallel()
	bodies := make(chan string, 1)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- r.URL.Path + string(body)
	}))
	defer collector.Close()
	tm := start(t, collector.URL+"/v1/traces")
	_, span := tm.Traces.Tracer("t").Start(t.Context(), "the last span")
	span.End()
	if err := tm.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if body := <-bodies; !strings.HasPrefix(body, "/v1/traces") || !strings.Contains(body, "the last span") {
		t.Errorf("got %s", body)
	}
}

func TestWithoutACollectorNothingIsRecorded(t *testing.T) {
	t.Parallel()
	tm := start(t, "")
	_, span := tm.Traces.Tracer("t").Start(t.Context(), "nothing")
	if span.IsRecording() {
		t.Error("it is recorded")
	}
	if err := tm.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
