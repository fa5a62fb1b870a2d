package workflows

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
)

// Queues are the task queues that every worker polls.
func Queues() []string { return []string{QueueExtraction, QueueReading, QueueModel, QueueWebhooks} }

// Inspect says where the run of an extraction stands, in words for an operator.
func (s *Starter) Inspect(ctx context.Context, extractionID string) (string, error) {
	described, err := s.Client.DescribeWorkflowExecution(ctx, ExtractionRunID(extractionID), "")
	if notFound(err) {
		return "Temporal has no run of it", nil
	}
	if err != nil {
		return "", fmt.Errorf("describe the run of extraction %s: %w", extractionID, err)
	}
	if status := described.WorkflowExecutionInfo.Status; status != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return "its run is " + strings.ToLower(status.String()), nil
	}
	if task := described.PendingWorkflowTask; task != nil && task.State == enums.PENDING_WORKFLOW_TASK_STATE_SCHEDULED {
		return "its run waits for a worker of task queue " + QueueExtraction, nil
	}
	for _, step := range described.PendingActivities {
		return inspectStep(step), nil
	}
	return "its run is between two steps", nil
}

// inspectStep says what a step does, or what it waits for.
func inspectStep(step *workflowpb.PendingActivityInfo) string {
	name := step.ActivityType.GetName()
	text := fmt.Sprintf("step %s, attempt %d", name, step.Attempt)
	switch {
	case step.State == enums.PENDING_ACTIVITY_STATE_STARTED:
		text += ", runs on " + step.LastWorkerIdentity
	case step.LastFailure != nil:
		text += ", waits to be tried again"
	default:
		text += ", waits for a worker"
	}
	if progress := ""; converter.GetDefaultDataConverter().FromPayloads(step.HeartbeatDetails, &progress) == nil && progress != "" {
		text += ", at " + progress
	}
	if step.LastFailure != nil {
		text += ", failed before: " + step.LastFailure.Message
	}
	return text
}

// Pollers counts, by task queue, the workers that poll for what is put into it.
func (s *Starter) Pollers(ctx context.Context) (map[string]int, error) {
	pollers := map[string]int{}
	queues := Queues()
	if s.Mailboxes {
		queues = append(queues, QueueMailbox)
	}
	for _, queue := range queues {
		kind := enums.TASK_QUEUE_TYPE_ACTIVITY
		// The steps of the first are local activities; for those of the second a worker
		// that has one does not poll.
		if queue == QueueExtraction || queue == QueueMailbox {
			kind = enums.TASK_QUEUE_TYPE_WORKFLOW
		}
		described, err := s.Client.DescribeTaskQueue(ctx, queue, kind)
		if err != nil {
			return nil, fmt.Errorf("describe task queue %s: %w", queue, err)
		}
		pollers[queue] = len(described.GetPollers())
	}
	return pollers, nil
}

// Retention is for how long the namespace keeps the histories of closed runs: a
// retry after that starts anew, and what happened before can't be seen.
func (s *Starter) Retention(ctx context.Context) (time.Duration, error) {
	described, err := s.Client.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: s.Namespace})
	if err != nil {
		return 0, fmt.Errorf("describe namespace %s: %w", s.Namespace, err)
	}
	return described.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(), nil
}

// CheckSearchAttributes names the first search attribute that the namespace
// lacks, or has with another type.
func (s *Starter) CheckSearchAttributes(ctx context.Context) error {
	have, err := s.Client.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: s.Namespace})
	if err != nil {
		return fmt.Errorf("list the search attributes: %w", err)
	}
	for name, kind := range SearchAttributes() {
		if got := have.CustomAttributes[name]; got != kind {
			return fmt.Errorf("search attribute %s of namespace %s has type %s, must have %s: rename or remove it", name, s.Namespace, got, kind)
		}
	}
	return nil
}
