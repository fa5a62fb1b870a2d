// Package workflows decides the order of the steps and nothing else: what a
// step does stands in activities, what a row may become in the store.
package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"decoded.digital/extractor/activities"
	"decoded.digital/extractor/models"
)

// The task queues. Each kind of work has its own, so that one that is slow or
// short of quota does not hold up the others.
const (
	QueueExtraction = "extraction" // workflow tasks and their local activities
	QueueReading    = "reading"    // CPU
	QueueModel      = "model"      // understanding: a provider's quota, where there is one
	QueueWebhooks   = "webhooks"   // customers' servers
)

// ExtractionInput names the extraction; all else is read from its row.
type ExtractionInput struct {
	ExtractionID string
	TenantID     string
}

// ExtractionResult is what the Temporal UI shows of a run that completed.
type ExtractionResult struct {
	DocumentID string // empty: no template fits
	PageCount  int
}

// Extraction takes one file from uploaded to completed. It has no children and
// no signals, so that a reset to its first task repeats it whole.
func Extraction(ctx workflow.Context, in ExtractionInput) (ExtractionResult, error) {
	r := run{Run: activities.Run{ExtractionID: in.ExtractionID, RunID: workflow.GetInfo(ctx).WorkflowExecution.RunID}}
	if err := r.begin(ctx); err != nil {
		return r.result, r.fail(ctx, models.StatusFailed, err)
	}
	if err := r.analyze(ctx); err != nil {
		return r.result, r.fail(ctx, models.StatusAnalysisFailed, err)
	}
	if err := r.saveAnalysis(ctx); err != nil {
		return r.result, r.fail(ctx, models.StatusFailed, err)
	}
	if err := r.extract(ctx); err != nil {
		return r.result, r.fail(ctx, models.StatusExtractionFailed, err)
	}
	return r.result, r.show(ctx, models.StatusCompleted)
}

// run is one run's state: everything in it is derived from history.
type run struct {
	activities.Run
	begun  activities.BeginResult
	result ExtractionResult
}

// step names the run to a step, at the moment that the step is scheduled.
func (r *run) step(ctx workflow.Context) activities.Run {
	in := r.Run
	if r.begun.RunID != "" && r.begun.RunID != r.RunID {
		in.AdoptAt = workflow.Now(ctx).UnixNano()
	}
	return in
}

// The methods of a nil pointer name the activities; the worker has the real one.
func steps() *activities.Activities { return nil }

func (r *run) begin(ctx workflow.Context) error {
	in := activities.BeginInput{Run: r.Run, BegunAt: workflow.Now(ctx).UnixNano()}
	err := workflow.ExecuteLocalActivity(rowWrite(ctx, "take the row"), steps().Begin, in).Get(ctx, &r.begun)
	if err != nil {
		return err
	}
	return r.show(ctx, models.StatusAnalyzing)
}

func (r *run) analyze(ctx workflow.Context) error {
	var pages activities.ReadResult
	if err := workflow.ExecuteActivity(reading(ctx), steps().Read, r.step(ctx)).Get(ctx, &pages); err != nil {
		return err
	}
	r.result.PageCount = pages.PageCount
	var choice activities.AnalyzeResult
	options := understanding(ctx, "choose the template")
	if err := workflow.ExecuteActivity(options, steps().Analyze, r.step(ctx)).Get(ctx, &choice); err != nil {
		return err
	}
	r.result.DocumentID = choice.DocumentID
	return nil
}

func (r *run) saveAnalysis(ctx workflow.Context) error {
	in := activities.SaveAnalysisInput{Run: r.step(ctx), DocumentID: r.result.DocumentID, PageCount: r.result.PageCount}
	if err := workflow.ExecuteLocalActivity(rowWrite(ctx, "keep the analysis"), steps().SaveAnalysis, in).Get(ctx, nil); err != nil {
		return err
	}
	return r.show(ctx, models.StatusExtracting)
}

func (r *run) extract(ctx workflow.Context) error {
	return workflow.ExecuteActivity(understanding(ctx, "fill the template's fields"), steps().Extract, r.step(ctx)).Get(ctx, nil)
}

// fail writes the failure to the row and returns the error, so that row and run
// agree. A run that lost its row writes nothing.
func (r *run) fail(ctx workflow.Context, status models.Status, cause error) error {
	if superseded(cause) {
		return cause
	}
	in := activities.FailInput{Run: r.step(ctx), Status: status}
	in.FailureType, in.Message = reason(cause)
	// A cancelled run must still say so.
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	err := workflow.ExecuteLocalActivity(rowWrite(ctx, "write the failure"), steps().Fail, in).Get(ctx, nil)
	if superseded(err) { // deleted, or another run's: there is nothing to write
		return cause
	}
	if err != nil {
		return err
	}
	if err := r.show(ctx, status, failureType.ValueSet(string(in.FailureType))); err != nil {
		return err
	}
	if temporal.IsCanceledError(cause) {
		return cause
	}
	return ended(in, cause)
}

// ended is what the run ends with: operators read the sentence and the type in
// the list of events, and the cause below.
func ended(in activities.FailInput, cause error) error {
	options := temporal.ApplicationErrorOptions{NonRetryable: true, Cause: cause}
	if !in.FailureType.RetryHelps() { // the document's affair: it pages nobody
		options.Category = temporal.ApplicationErrorCategoryBenign
	}
	return temporal.NewApplicationErrorWithOptions(in.Message, string(in.FailureType), options)
}

func superseded(err error) bool {
	e, ok := errors.AsType[*temporal.ApplicationError](err)
	return ok && e.Type() == activities.TypeSuperseded
}

// reason is the type of a failure and the sentence for the user. An error that
// was not made for users is not shown to them.
func reason(cause error) (models.FailureType, string) {
	if e, ok := errors.AsType[*temporal.ApplicationError](cause); ok && models.FailureType(e.Type()).Valid() {
		return models.FailureType(e.Type()), e.Message()
	}
	if temporal.IsCanceledError(cause) {
		return models.FailureCancelled, "Processing was cancelled. Please retry."
	}
	if _, ok := errors.AsType[*temporal.TimeoutError](cause); ok {
		return models.FailureTimedOut, "Processing took too long. Please retry."
	}
	return models.FailureUnknown, "Something went wrong while processing the document. Please retry."
}

// show tells the Temporal UI where the run stands.
func (r *run) show(ctx workflow.Context, status models.Status, more ...temporal.SearchAttributeUpdate) error {
	updates := append([]temporal.SearchAttributeUpdate{extractionStatus.ValueSet(string(status))}, more...)
	if r.result.PageCount > 0 {
		updates = append(updates, pageCount.ValueSet(int64(r.result.PageCount)))
	}
	if r.result.DocumentID != "" {
		updates = append(updates, templateID.ValueSet(r.result.DocumentID))
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**%s** · attempt %d · pages: %d", status, r.begun.Attempt, r.result.PageCount))
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}

// rowWrite is for the writes of a status: local, because a hop to the server
// costs more than the write. The database may be away for a while; the row must
// not stay behind for it.
func rowWrite(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 10 * time.Second,
		Summary:             summary,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 100 * time.Millisecond, MaximumInterval: 20 * time.Second},
	})
}

// workerLost is after how much silence a worker is taken for dead, and its step
// given to another.
const workerLost = 10 * time.Second

// untilMended is how long a step is tried: through any outage that somebody
// mends the same day. A step decides itself what no repetition helps against.
const untilMended = 12 * time.Hour

// trying begins a step again after an outage of any length at most 20 s late. A
// panic is a mistake of ours that comes again: it ends the run at once.
func trying() *temporal.RetryPolicy {
	return &temporal.RetryPolicy{
		InitialInterval: time.Second, MaximumInterval: 20 * time.Second,
		NonRetryableErrorTypes: []string{"PanicError"}, // temporal.PanicError's
	}
}

// reading allows for the largest document.
func reading(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: QueueReading, StartToCloseTimeout: 5 * time.Minute, ScheduleToCloseTimeout: untilMended,
		HeartbeatTimeout: workerLost, Summary: "read the file's pages", RetryPolicy: trying(),
	})
}

// understanding allows for a model provider's slow answers, several of them for
// a long document, and for its limits.
func understanding(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: QueueModel, StartToCloseTimeout: 15 * time.Minute, ScheduleToCloseTimeout: untilMended,
		HeartbeatTimeout: workerLost, Summary: summary, RetryPolicy: trying(),
	})
}
