package llm

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"decoded.digital/extractor/models"
)

const scope = "decoded.digital/extractor/internal/llm"

// How a call ended, as the metric has it; a refusal by type of failure stands in
// the extraction's row.
const (
	answered    = "answered"
	truncated   = "truncated"
	refusedCall = "refused"
	limited     = "limited"
	failed      = "failed"
)

// Observe is client with a span of each call, and counts of calls and tokens.
// Neither holds anything of what was asked or answered.
func Observe(client Client, provider, model string, traces trace.TracerProvider, meters metric.MeterProvider) (Client, error) {
	meter := meters.Meter(scope)
	calls, err := meter.Int64Counter("extractor_llm_calls", metric.WithDescription("Calls to the model's provider, by outcome."))
	if err != nil {
		return nil, fmt.Errorf("measure the model: %w", err)
	}
	tokens, err := meter.Int64Counter("extractor_llm_tokens", metric.WithDescription("Tokens that the model's provider counted, by direction."))
	if err != nil {
		return nil, fmt.Errorf("measure the model: %w", err)
	}
	// The span's names are OpenTelemetry's conventions for generative AI.
	o := &observed{
		Client: client, tracer: traces.Tracer(scope), calls: calls, tokens: tokens,
		who:  []attribute.KeyValue{attribute.String("provider", provider), attribute.String("model", model)},
		span: []attribute.KeyValue{attribute.String("gen_ai.provider.name", provider), attribute.String("gen_ai.request.model", model)},
	}
	return o, nil
}

type observed struct {
	Client
	tracer trace.Tracer
	calls  metric.Int64Counter
	tokens metric.Int64Counter
	who    []attribute.KeyValue // of metrics
	span   []attribute.KeyValue
}

// Complete makes one completion.
func (o *observed) Complete(ctx context.Context, r *Request) (*Answer, error) {
	ctx, span := o.tracer.Start(ctx, "model call", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(o.span...))
	defer span.End()
	answer, err := o.Client.Complete(ctx, r)
	outcome := outcomeOf(answer, err)
	span.SetAttributes(attribute.String("extractor.outcome", outcome))
	o.calls.Add(ctx, 1, metric.WithAttributes(append(o.who[:len(o.who):len(o.who)], attribute.String("outcome", outcome))...))
	if err != nil {
		span.SetStatus(codes.Error, "")
		return nil, err
	}
	span.SetAttributes(attribute.Int64("gen_ai.usage.input_tokens", answer.InputTokens), attribute.Int64("gen_ai.usage.output_tokens", answer.OutputTokens))
	o.count(ctx, "input", answer.InputTokens)
	o.count(ctx, "output", answer.OutputTokens)
	return answer, nil
}

func (o *observed) count(ctx context.Context, direction string, n int64) {
	o.tokens.Add(ctx, n, metric.WithAttributes(append(o.who[:len(o.who):len(o.who)], attribute.String("direction", direction))...))
}

func outcomeOf(answer *Answer, err error) string {
	if e, ok := errors.AsType[*models.Error](err); ok && e.Type == models.FailureProviderLimited {
		return limited
	}
	switch {
	case err != nil:
		return failed
	case answer.Stop == StopTruncated:
		return truncated
	case answer.Stop == StopRefused:
		return refusedCall
	}
	return answered
}
