package webhook

import (
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

const scope = "decoded.digital/extractor/internal/webhook"

// How an attempt ended, as the metric has it.
const (
	delivered   = "delivered"   // 2xx
	refused     = "refused"     // any other answer
	unreachable = "unreachable" // no answer
)

// Observe is client with a span and a count of each call. The receiver gets the
// trace's id, so that a host application that traces finds its own request
// again; the address, which may hold a secret, stays out of the span.
func Observe(client *http.Client, traces trace.TracerProvider, meters metric.MeterProvider) (*http.Client, error) {
	attempts, err := meters.Meter(scope).Int64Counter("extractor_webhook_attempts",
		metric.WithDescription("Calls to webhooks, by outcome."))
	if err != nil {
		return nil, fmt.Errorf("measure the webhooks: %w", err)
	}
	o := observed{next: client.Transport, tracer: traces.Tracer(scope), attempts: attempts}
	for _, outcome := range []string{delivered, refused, unreachable} {
		o.count(&http.Request{}, outcome, 0)
	}
	with := *client
	with.Transport = o
	return &with, nil
}

type observed struct {
	next     http.RoundTripper
	tracer   trace.Tracer
	attempts metric.Int64Counter
}

// RoundTrip makes one call.
func (o observed) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, span := o.tracer.Start(r.Context(), "webhook call", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("http.request.method", r.Method)))
	defer span.End()
	r = r.Clone(ctx)
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(r.Header))
	response, err := o.next.RoundTrip(r)
	if err != nil {
		o.count(r, unreachable, 1)
		span.SetStatus(codes.Error, "")
		return nil, err
	}
	span.SetAttributes(attribute.Int("http.response.status_code", response.StatusCode))
	if response.StatusCode < 200 || response.StatusCode > 299 {
		o.count(r, refused, 1)
		span.SetStatus(codes.Error, "")
		return response, nil
	}
	o.count(r, delivered, 1)
	return response, nil
}

func (o observed) count(r *http.Request, outcome string, n int64) {
	o.attempts.Add(r.Context(), n, metric.WithAttributes(attribute.String("outcome", outcome)))
}
