package worker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"decoded.digital/extractor/internal/logs"
	"decoded.digital/extractor/internal/telemetry"
	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/models"
)

// failing has steps that fail once, each in a way of its own.
type failing struct{}

func (*failing) Broken(context.Context) error { return errors.New("the disk is full") }

func (*failing) BadDocument(context.Context) error {
	return temporal.NewApplicationErrorWithOptions("a password is needed", "DocumentEncrypted",
		temporal.ApplicationErrorOptions{Category: temporal.ApplicationErrorCategoryBenign})
}

func failingSteps(ctx workflow.Context) error {
	once := &temporal.RetryPolicy{MaximumAttempts: 1}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, RetryPolicy: once})
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute, RetryPolicy: once})
	_ = workflow.ExecuteActivity(ctx, (*failing)(nil).Broken).Get(ctx, nil)
	_ = workflow.ExecuteLocalActivity(ctx, (*failing)(nil).Broken).Get(ctx, nil)
	_ = workflow.ExecuteActivity(ctx, (*failing)(nil).BadDocument).Get(ctx, nil)
	return nil
}

// observedClient is a client as the product makes it.
func observedClient(t *testing.T, address string) client.Client {
	t.Helper()
	quiet := testkit.LoggerTo(io.Discard)
	tm, err := telemetry.New(t.Context(), telemetry.Options{Part: "test", Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	options := client.Options{HostPort: address, Logger: log.NewStructuredLogger(quiet)}
	if err := tm.Temporal(&options); err != nil {
		t.Fatal(err)
	}
	c, err := client.DialContext(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestAFailedStepIsLoggedOnceWithItsIds(t *testing.T) {
	t.Parallel()
	_, address := testkit.StartTemporal(t)
	c := observedClient(t, address)
	ctx := logs.Begin(t.Context())
	logs.Add(ctx, logs.TenantID, "507f1f77bcf86cd799439012")
	logs.Add(ctx, logs.RequestID, "507f1f77bcf86cd799439013")
	var out bytes.Buffer // read after the worker has ended
	w := worker.New(c, "steps", worker.Options{Interceptors: []interceptor.WorkerInterceptor{&observer{logger: testkit.LoggerTo(&out)}}})
	w.RegisterWorkflow(failingSteps)
	w.RegisterActivity(&failing{})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: "extraction-507f1f77bcf86cd799439011", TaskQueue: "steps",
	}, failingSteps)
	if err == nil {
		err = run.Get(t.Context(), nil)
	}
	w.Stop()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("got\n%s", out.String())
	}
	for _, line := range lines {
		for _, part := range []string{"step=Broken", "try=1", "the disk is full", "extractionId=507f1f77bcf86cd799439011", "tenantId=507f1f77bcf86cd799439012", "requestId=507f1f77bcf86cd799439013"} {
			if !strings.Contains(line, part) {
				t.Errorf("%s is missing in %s", part, line)
			}
		}
	}
}

func TestAPromiseIsKeptWithinItsTrace(t *testing.T) {
	t.Parallel()
	entry := models.OutboxEntry{TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
	span := trace.SpanContextFromContext(within(t.Context(), &entry))
	if span.TraceID().String() != "4bf92f3577b34da6a3ce929d0e0e4736" || !span.IsRemote() || !span.IsSampled() {
		t.Errorf("got %+v", span)
	}
	if span := trace.SpanContextFromContext(within(t.Context(), &models.OutboxEntry{})); span.IsValid() {
		t.Errorf("without a trace: got %+v", span)
	}
}
