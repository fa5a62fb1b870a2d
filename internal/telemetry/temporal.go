package telemetry

import (
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
)

// temporalScope names the SDK as the source of its spans and metrics.
const temporalScope = "go.temporal.io/sdk"

// Temporal makes a client of these options, and every worker over it, trace,
// measure and carry the ids of log lines. Trace ids go through Temporal's
// histories; baggage, which a caller may fill with anything, does not.
func (t *Telemetry) Temporal(o *client.Options) error {
	tracing, err := opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer: t.Traces.Tracer(temporalScope), TextMapPropagator: propagation.TraceContext{},
		DisableBaggage: true, DisableQueryTracing: true, AllowInvalidParentSpans: true,
	})
	if err != nil {
		return fmt.Errorf("trace Temporal: %w", err)
	}
	o.Interceptors = append(o.Interceptors, tracing)
	o.ContextPropagators = append(o.ContextPropagators, carrier{})
	o.MetricsHandler = opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter: t.Meters.Meter(temporalScope), UseMonotonicCounters: true,
		OnError: otel.Handle, // the default is a panic
	})
	return nil
}
