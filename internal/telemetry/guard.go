package telemetry

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// shown are the only attributes that leave the process: ids, enums, counts. A
// library's new attribute, which may hold an address or a query, needs a line
// here first.
func shown() []attribute.Key {
	return []attribute.Key{
		"http.request.method", "http.route", "http.response.status_code",
		"extractor.request_id", "extractor.tenant_id", "extractor.extraction_id",
		"db.system.name", "db.operation.name", "db.collection.name",
		"temporalWorkflowID", "temporalRunID", "temporalActivityID",
		"gen_ai.provider.name", "gen_ai.request.model", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "extractor.outcome",
	}
}

// Guard lets nothing out but what shown lists. An error's text is held back,
// too: a database quotes values in it, a client addresses. It stands in the log,
// under the trace's id.
func Guard(next sdktrace.SpanExporter) sdktrace.SpanExporter {
	return guard{SpanExporter: next, shown: shown()}
}

type guard struct {
	sdktrace.SpanExporter
	shown []attribute.Key
}

func (g guard) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	guarded := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, span := range spans {
		guarded[i] = guardedSpan{span, g.shown}
	}
	return g.SpanExporter.ExportSpans(ctx, guarded)
}

type guardedSpan struct {
	sdktrace.ReadOnlySpan
	shown []attribute.Key
}

func (s guardedSpan) Attributes() []attribute.KeyValue {
	return slices.DeleteFunc(slices.Clone(s.ReadOnlySpan.Attributes()), func(a attribute.KeyValue) bool {
		return !slices.Contains(s.shown, a.Key)
	})
}

// Events are recorded errors.
func (guardedSpan) Events() []sdktrace.Event { return nil }

func (s guardedSpan) Status() sdktrace.Status {
	return sdktrace.Status{Code: s.ReadOnlySpan.Status().Code}
}
