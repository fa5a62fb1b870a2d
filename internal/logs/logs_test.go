package logs

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/trace"
)

func jsonLogger(t *testing.T) (*slog.Logger, func() map[string]any) {
	t.Helper()
	var out bytes.Buffer
	logger, err := New(&out, "json")
	if err != nil {
		t.Fatal(err)
	}
	return logger, func() map[string]any {
		t.Helper()
		var line map[string]any
		if err := json.Unmarshal(out.Bytes(), &line); err != nil {
			t.Fatalf("%v in %s", err, out.String())
		}
		return line
	}
}

func want(t *testing.T, line map[string]any, values map[string]any) {
	t.Helper()
	for name, value := range values {
		if line[name] != value {
			t.Errorf("%s: got %v, want %v", name, line[name], value)
		}
	}
}

func TestALineCarriesTheIdsOfItsContext(t *testing.T) {
	t.Parallel()
	logger, line := jsonLogger(t)
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	ctx := trace.ContextWithSpanContext(Begin(t.Context()), span)
	Add(ctx, RequestID, "r")
	Add(ctx, TenantID, "t")
	logger.With("part", "api").InfoContext(ctx, "hello", "n", 1)
	want(t, line(), map[string]any{
		"msg": "hello", "part": "api", "n": 1.0, "requestId": "r", "tenantId": "t", "trace_id": span.TraceID().String(),
	})
}

func TestWhatIsLearnedWithinIsSeenOutside(t *testing.T) {
	t.Parallel()
	logger, line := jsonLogger(t)
	outside := Begin(t.Context())
	within, cancel := context.WithCancel(outside)
	defer cancel()
	Add(within, ExtractionID, "old")
	Add(within, ExtractionID, "new")
	Add(within, TenantID, "")
	logger.InfoContext(outside, "the end")
	if got := ID(outside, ExtractionID) + ID(outside, TenantID); got != "new" {
		t.Errorf("got %s", got)
	}
	want(t, line(), map[string]any{"extractionId": "new", "tenantId": nil, "trace_id": nil})
}

func TestAStepWithinKeepsItsOwnIds(t *testing.T) {
	t.Parallel()
	logger, line := jsonLogger(t)
	request := Begin(t.Context())
	Add(request, RequestID, "r")
	step := Begin(request)
	Add(step, ExtractionID, "x")
	logger.InfoContext(request, "the request")
	want(t, line(), map[string]any{"requestId": "r", "extractionId": nil})
}

func TestAContextWithoutIdsAddsNone(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger, err := New(&out, "text")
	if err != nil {
		t.Fatal(err)
	}
	Add(t.Context(), RequestID, "lost")
	logger.WithGroup("g").InfoContext(t.Context(), "plain", "n", 1)
	if got := out.String(); !strings.HasSuffix(got, "level=INFO msg=plain g.n=1\n") {
		t.Errorf("got %s", got)
	}
	if _, err := New(&out, "xml"); err == nil {
		t.Error("a format that does not exist was taken")
	}
}

func TestManyMayAddAndLogAtOnce(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger, err := New(&out, "json")
	if err != nil {
		t.Fatal(err)
	}
	ctx := Begin(t.Context())
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			Add(ctx, ExtractionID, "x")
			logger.InfoContext(ctx, "at once")
		})
	}
	group.Wait()
	if lines := strings.Count(out.String(), `"extractionId":"x"`); lines != 50 {
		t.Errorf("got %d lines", lines)
	}
}
