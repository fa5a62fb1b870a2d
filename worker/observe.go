package worker

import (
	"context"
	"errors"
	"log/slog"

	"go.opentelemetry.io/otel/propagation"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"decoded.digital/extractor/internal/logs"
	"decoded.digital/extractor/models"
	"decoded.digital/extractor/workflows"
)

// observer gives each step the ids that its log lines carry, and logs what
// fails: here it is known whose step it was.
type observer struct {
	interceptor.WorkerInterceptorBase
	logger *slog.Logger
}

// InterceptActivity stands before every step.
func (o *observer) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	s := &step{logger: o.logger}
	s.Next = next
	return s
}

type step struct {
	interceptor.ActivityInboundInterceptorBase
	logger *slog.Logger
}

// ExecuteActivity runs one try of a step.
func (s *step) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	info := activity.GetInfo(ctx)
	ctx = logs.Begin(ctx)
	logs.Add(ctx, logs.ExtractionID, workflows.ExtractionID(info.WorkflowExecution.ID))
	result, err := s.Next.ExecuteActivity(ctx, in)
	if err != nil && ours(err) {
		s.logger.WarnContext(ctx, "a step failed; Temporal tries it again as its workflow says",
			"step", info.ActivityType.Name, "try", info.Attempt, "run", info.WorkflowExecution.ID, "error", err)
	}
	return result, err
}

// ours says whether a step's failure is for an operator to look into: a bad
// document, a receiver that refuses a call, a run that lost its row or was ended
// are not.
func ours(err error) bool {
	if e, ok := errors.AsType[*temporal.ApplicationError](err); ok && e.Category() == temporal.ApplicationErrorCategoryBenign {
		return false
	}
	return !errors.Is(err, context.Canceled)
}

// within is ctx in the trace of what made the promise, with the ids that lines
// about it carry.
func within(ctx context.Context, entry *models.OutboxEntry) context.Context {
	return traced(ctx, entry.TenantID, entry.ExtractionID(), entry.TraceParent)
}

// telling is the same for what a delivery tells.
func telling(ctx context.Context, d *models.Delivery) context.Context {
	var extractionID string
	if d.ExtractionID != nil {
		extractionID = *d.ExtractionID
	}
	return traced(ctx, d.TenantID, extractionID, d.TraceParent)
}

func traced(ctx context.Context, tenantID, extractionID, traceParent string) context.Context {
	ctx = logs.Begin(ctx)
	logs.Add(ctx, logs.TenantID, tenantID)
	logs.Add(ctx, logs.ExtractionID, extractionID)
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": traceParent})
}
