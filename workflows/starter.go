package workflows

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"decoded.digital/extractor/models"
)

// Starter starts, resets and cancels runs. All of it may safely be repeated:
// the API calls it at once, the relay again for what the API did not reach.
type Starter struct {
	Client    client.Client
	Namespace string
	// Mailboxes says that they are offered: a worker polls for their sweeps, too.
	Mailboxes bool
}

// Start begins the run of an extraction, or leaves the one that there is or was:
// a promise that is kept twice must not run what has failed since.
func (s *Starter) Start(ctx context.Context, x models.ExtractionDetail) error {
	return s.start(ctx, x, enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)
}

func (s *Starter) start(ctx context.Context, x models.ExtractionDetail, reuse enumspb.WorkflowIdReusePolicy) error {
	options := client.StartWorkflowOptions{
		ID: ExtractionRunID(x.ID), TaskQueue: QueueExtraction, EnableEagerStart: true,
		WorkflowIDReusePolicy:    reuse,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		Priority:                 temporal.Priority{PriorityKey: 3, FairnessKey: x.TenantID},
		StaticSummary:            fmt.Sprintf("%s, %d kB, by %s", x.File.Type, (x.File.Size+1023)/1024, x.Source),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			tenantID.ValueSet(x.TenantID), extractionStatus.ValueSet(string(models.StatusUploaded)),
			source.ValueSet(string(x.Source)), uploadedAt.ValueSet(x.CreatedAt),
		),
	}
	_, err := s.Client.ExecuteWorkflow(ctx, options, Extraction, ExtractionInput{ExtractionID: x.ID, TenantID: x.TenantID})
	if _, already := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); already {
		return nil
	}
	return err
}

// Reset repeats the run of an extraction from its first task. The caller has
// already won the compare-and-set in the store, which is the gate: Temporal
// itself refuses no reset. Where the history has passed its retention, the
// same workflow id is started anew. who asked for it stands in the new run.
func (s *Starter) Reset(ctx context.Context, x models.ExtractionDetail, who string) error {
	const anew = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY
	id := ExtractionRunID(x.ID)
	described, err := s.Client.DescribeWorkflowExecution(ctx, id, "")
	if notFound(err) {
		return s.start(ctx, x, anew)
	}
	if err != nil {
		return fmt.Errorf("describe run %s: %w", id, err)
	}
	base := described.WorkflowExecutionInfo.Execution.RunId // the run that the event id belongs to
	event, err := s.firstTaskEvent(ctx, id, base)
	if err != nil {
		return err
	}
	_, err = s.Client.ResetWorkflowExecution(ctx, &workflowservice.ResetWorkflowExecutionRequest{
		Namespace:                 s.Namespace,
		WorkflowExecution:         &commonpb.WorkflowExecution{WorkflowId: id, RunId: base},
		WorkflowTaskFinishEventId: event,
		RequestId:                 fmt.Sprintf("%s:retry:%d", id, x.Attempt),
		Reason:                    fmt.Sprintf("retry, attempt %d, by %s", x.Attempt, who),
		Identity:                  who,
		ResetReapplyExcludeTypes: []enumspb.ResetReapplyExcludeType{
			enumspb.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL, enumspb.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE,
		},
	})
	if notFound(err) {
		return s.start(ctx, x, anew)
	}
	return err
}

// firstTaskEvent finds the event to reset to: 3, 4 or 5, depending on how the
// run began, so it is looked up.
func (s *Starter) firstTaskEvent(ctx context.Context, id, run string) (int64, error) {
	history, err := s.Client.WorkflowService().GetWorkflowExecutionHistory(ctx, &workflowservice.GetWorkflowExecutionHistoryRequest{
		Namespace: s.Namespace, Execution: &commonpb.WorkflowExecution{WorkflowId: id, RunId: run}, MaximumPageSize: 20,
	})
	if err != nil {
		return 0, fmt.Errorf("read the history of run %s: %w", id, err)
	}
	var scheduled int64
	for _, event := range history.GetHistory().GetEvents() {
		switch event.EventType { //nolint:exhaustive // the other events say nothing here
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED, enumspb.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
			return event.EventId, nil
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
			if scheduled == 0 {
				scheduled = event.EventId
			}
		}
	}
	if scheduled > 0 {
		return scheduled + 1, nil // closed before any worker took it
	}
	return 0, fmt.Errorf("run %s of %s has no workflow task", run, id)
}

// Cancel asks the run of an extraction to end; one that is gone has ended.
func (s *Starter) Cancel(ctx context.Context, extractionID string) error {
	err := s.Client.CancelWorkflow(ctx, ExtractionRunID(extractionID), "")
	if notFound(err) {
		return nil
	}
	return err
}

// StartDelivery begins the run of a delivery's round after delay, or leaves the
// one that there is or was. Where this process also works, the server hands it the
// first step with the start: a call is then made without a wait for the server's
// queues.
func (s *Starter) StartDelivery(ctx context.Context, tenant, deliveryID string, round int, delay time.Duration) error {
	options := client.StartWorkflowOptions{
		ID: DeliveryRunID(deliveryID, round), TaskQueue: QueueWebhooks, EnableEagerStart: delay == 0, StartDelay: delay,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		Priority:                 temporal.Priority{PriorityKey: 3, FairnessKey: tenant},
		StaticSummary:            "webhook delivery",
		TypedSearchAttributes:    temporal.NewSearchAttributes(tenantID.ValueSet(tenant)),
	}
	_, err := s.Client.ExecuteWorkflow(ctx, options, Delivery, DeliveryInput{DeliveryID: deliveryID, TenantID: tenant, Round: round})
	if _, already := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); already {
		return nil
	}
	return err
}

// DeliveryRunID is the workflow id of a delivery's round: each round is a run of
// its own, so that a delivery that is sent again leaves the first one's history.
func DeliveryRunID(deliveryID string, round int) string {
	if round <= 1 {
		return "webhook-" + deliveryID
	}
	return fmt.Sprintf("webhook-%s-%d", deliveryID, round)
}

// Closed says whether the run of an extraction is over or gone.
func (s *Starter) Closed(ctx context.Context, extractionID string) (bool, error) {
	return s.closed(ctx, ExtractionRunID(extractionID))
}

// DeliveryClosed says whether the run of a delivery's round is over or gone.
func (s *Starter) DeliveryClosed(ctx context.Context, deliveryID string, round int) (bool, error) {
	return s.closed(ctx, DeliveryRunID(deliveryID, round))
}

func (s *Starter) closed(ctx context.Context, runID string) (bool, error) {
	described, err := s.Client.DescribeWorkflowExecution(ctx, runID, "")
	if notFound(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return described.WorkflowExecutionInfo.Status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}

// Ready says whether a worker polls for the steps of an extraction.
func (s *Starter) Ready(ctx context.Context) error {
	pollers, err := s.Pollers(ctx)
	if err != nil {
		return err
	}
	for queue, workers := range pollers {
		if workers == 0 && queue != QueueMailbox {
			return fmt.Errorf("no worker polls task queue %s", queue)
		}
	}
	return nil
}

// ReadyForMail says whether a worker polls for the sweeps of mailboxes.
func (s *Starter) ReadyForMail(ctx context.Context) error {
	pollers, err := s.Pollers(ctx)
	if err == nil && pollers[QueueMailbox] == 0 {
		err = fmt.Errorf("no worker polls task queue %s", QueueMailbox)
	}
	return err
}

// ExtractionRunID is the workflow id of an extraction, the same for all of its
// runs.
func ExtractionRunID(extractionID string) string { return extractionPrefix + extractionID }

const extractionPrefix = "extraction-"

// ExtractionID is the extraction of a workflow's id; empty for other workflows.
func ExtractionID(workflowID string) string {
	id, ok := strings.CutPrefix(workflowID, extractionPrefix)
	if !ok {
		return ""
	}
	return id
}

func notFound(err error) bool {
	_, ok := errors.AsType[*serviceerror.NotFound](err)
	return ok
}
