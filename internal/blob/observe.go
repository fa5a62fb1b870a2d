package blob

import (
	"context"
	"io"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"decoded.digital/extractor/models"
)

// Observe makes a span of each call to s that moves bytes. Keys stay out of it.
func Observe(s Store, traces trace.TracerProvider) Store {
	return observed{Store: s, tracer: traces.Tracer("decoded.digital/extractor/internal/blob")}
}

type observed struct {
	Store
	tracer trace.Tracer
}

func (o observed) Put(ctx context.Context, key string, content io.Reader) error {
	ctx, span := o.start(ctx, "blob put")
	return end(span, o.Store.Put(ctx, key, content))
}

func (o observed) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	within, span := o.start(ctx, "blob get")
	content, err := o.Store.Get(within, key) // within outlives the span: what is read later still belongs to it
	return content, end(span, err)
}

func (o observed) Delete(ctx context.Context, key string) error {
	ctx, span := o.start(ctx, "blob delete")
	return end(span, o.Store.Delete(ctx, key))
}

func (o observed) start(ctx context.Context, name string) (context.Context, trace.Span) {
	return o.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient))
}

// end marks the span of a call that failed; that there is nothing under a key
// is an answer.
func end(span trace.Span, err error) error {
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		span.SetStatus(codes.Error, "")
	}
	span.End()
	return err
}
