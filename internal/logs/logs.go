// Package logs lets a line say what it is about without each call repeating
// it: the ids that were learned on the way stand in the context, and the
// handler adds them. Only ids belong there, never text of a document.
package logs

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"

	"go.opentelemetry.io/otel/trace"
)

// The ids that a line may carry.
const (
	RequestID    = "requestId"
	TenantID     = "tenantId"
	ExtractionID = "extractionId"
	traceID      = "trace_id" // spelled as OpenTelemetry has it, so that log stores find the trace
)

// New makes a logger that writes lines of the format "json" or "text".
func New(w io.Writer, format string) (*slog.Logger, error) {
	switch format {
	case "json":
		return slog.New(Handler{slog.NewJSONHandler(w, nil)}), nil
	case "text":
		return slog.New(Handler{slog.NewTextHandler(w, nil)}), nil
	}
	return nil, fmt.Errorf("%q is no format of logs", format)
}

// known is what a context's line of work has learned so far.
type known struct {
	mutex sync.Mutex
	ids   []slog.Attr
}

type key struct{}

// Begin opens the set of ids of one line of work, a request or a step. What is
// added to it later is seen by whoever holds this context or one made of it: the
// line at a request's end names the tenant that was only found within.
func Begin(ctx context.Context) context.Context {
	return context.WithValue(ctx, key{}, &known{ids: of(ctx)})
}

// Add notes an id; an empty one is none. Without Begin it does nothing.
func Add(ctx context.Context, name, id string) {
	k, ok := ctx.Value(key{}).(*known)
	if !ok || id == "" {
		return
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.ids = slices.DeleteFunc(k.ids, func(a slog.Attr) bool { return a.Key == name })
	k.ids = append(k.ids, slog.String(name, id))
}

// ID is what was noted under name; empty: nothing.
func ID(ctx context.Context, name string) string {
	for _, a := range of(ctx) {
		if a.Key == name {
			return a.Value.String()
		}
	}
	return ""
}

func of(ctx context.Context) []slog.Attr {
	k, ok := ctx.Value(key{}).(*known)
	if !ok {
		return nil
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return slices.Clone(k.ids)
}

// Handler adds the context's ids, and its trace's, to every line.
type Handler struct{ slog.Handler }

// Handle writes a line.
func (h Handler) Handle(ctx context.Context, line slog.Record) error {
	line.AddAttrs(of(ctx)...)
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		line.AddAttrs(slog.String(traceID, span.TraceID().String()))
	}
	return h.Handler.Handle(ctx, line)
}

// WithAttrs keeps the handler around the one that it makes.
func (h Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return Handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the handler around the one that it makes.
func (h Handler) WithGroup(name string) slog.Handler { return Handler{h.Handler.WithGroup(name)} }
