// Package telemetry makes what the other packages trace and measure with, and
// takes both out of the process: spans to a collector, metrics to /metrics. It
// knows nothing of the product; what a span or a metric means stands where it
// is made.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	promexporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Options says what leaves the process.
type Options struct {
	Part      string // of the product: api, worker or dev; spans carry it
	TracesURL string // of a collector; empty: spans are not recorded
	Logger    *slog.Logger
}

// Telemetry is what a process traces and measures with.
type Telemetry struct {
	Traces  trace.TracerProvider
	Meters  metric.MeterProvider
	handler http.Handler
	end     []func(context.Context) error
}

// New makes it. Close must be called, so that the last spans are sent.
func New(ctx context.Context, o Options) (*Telemetry, error) {
	// The exporters tell no one else when a collector is away or a gauge can't be
	// read; the default would write lines of its own format.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		o.Logger.WarnContext(context.WithoutCancel(ctx), "telemetry", "error", err)
	}))
	who, err := resource.New(ctx, resource.WithFromEnv(), resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "extractor-"+o.Part)))
	if err != nil {
		return nil, fmt.Errorf("describe the process: %w", err)
	}
	t := &Telemetry{Traces: noop.NewTracerProvider()}
	if err := t.measure(who); err != nil {
		return nil, fmt.Errorf("measure: %w", err)
	}
	if o.TracesURL != "" {
		if err := t.trace(ctx, who, o.TracesURL); err != nil {
			return nil, fmt.Errorf("trace: %w", err)
		}
	}
	return t, nil
}

// Handler answers GET /metrics.
func (t *Telemetry) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", t.handler)
	return mux
}

// Close sends what was recorded and not yet sent, for as long as ctx allows.
func (t *Telemetry) Close(ctx context.Context) error {
	var errs []error
	for _, end := range t.end {
		errs = append(errs, end(ctx))
	}
	return errors.Join(errs...)
}

func (t *Telemetry) trace(ctx context.Context, who *resource.Resource, url string) error {
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(url))
	if err != nil {
		return err
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(Guard(exporter)), sdktrace.WithResource(who))
	t.Traces = provider
	t.end = append(t.end, provider.Shutdown)
	return nil
}

// buckets are bounds of durations in seconds: a query takes milliseconds, a
// large document minutes.
func buckets() []float64 {
	return []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}
}

func (t *Telemetry) measure(who *resource.Resource) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	exporter, err := promexporter.New(promexporter.WithRegisterer(registry), promexporter.WithoutScopeInfo())
	if err != nil {
		return err
	}
	// The default bounds are meant for milliseconds.
	seconds := sdkmetric.NewView(
		sdkmetric.Instrument{Kind: sdkmetric.InstrumentKindHistogram, Unit: "s"},
		sdkmetric.Stream{Aggregation: sdkmetric.AggregationExplicitBucketHistogram{Boundaries: buckets()}},
	)
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter), sdkmetric.WithResource(who), sdkmetric.WithView(seconds))
	t.Meters = provider
	t.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
	t.end = append(t.end, provider.Shutdown)
	return nil
}
