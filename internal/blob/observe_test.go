package blob

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// broken fails every upload.
type broken struct{ Store }

func (broken) Put(context.Context, string, io.Reader) error { return errors.New("secret") }

func TestEachCallIsASpanWithoutItsKey(t *testing.T) {
	t.Parallel()
	disk, err := NewDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	out := tracetest.NewInMemoryExporter()
	traces := sdktrace.NewTracerProvider(sdktrace.WithSyncer(out))
	s := Observe(disk, traces)
	if err := s.Put(t.Context(), "secret", strings.NewReader("secret")); err != nil {
		t.Fatal(err)
	}
	content, err := s.Get(t.Context(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(content.Close(), s.Delete(t.Context(), "secret"), s.Ping(t.Context())); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "secret"); err == nil {
		t.Error("what was deleted is there")
	}
	if err := Observe(broken{disk}, traces).Put(t.Context(), "secret", strings.NewReader("")); err == nil {
		t.Error("a failure was swallowed")
	}
	want := []struct {
		name string
		code codes.Code
	}{
		{"blob put", codes.Unset},
		{"blob get", codes.Unset},
		{"blob delete", codes.Unset},
		{"blob get", codes.Unset},
		{"blob put", codes.Error},
	}
	spans := out.GetSpans()
	if len(spans) != len(want) {
		t.Fatalf("got %d spans, want %d", len(spans), len(want))
	}
	for i, span := range spans {
		if span.Name != want[i].name || span.Status.Code != want[i].code || len(span.Attributes) != 0 || len(span.Events) != 0 || span.Status.Description != "" {
			t.Errorf("span %d: got %+v", i, span)
		}
	}
}
