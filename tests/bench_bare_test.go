package tests

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/models"
)

// bare is what Temporal itself takes: a workflow with as many steps as an
// extraction has, of the same kinds, on as many queues, which shows as much in
// the UI; but its steps do nothing. Its worker is this process, its server the
// product's.
type bare struct{ client client.Client }

const (
	bareRuns    = "bare"
	bareReading = "bare-reading"
	bareModel   = "bare-model"
)

func startBare(b *testing.B, address string) *bare {
	b.Helper()
	c, err := client.Dial(client.Options{HostPort: address, Logger: log.NewStructuredLogger(testkit.Logger(b))})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	for _, queue := range []string{bareRuns, bareReading, bareModel} {
		w := worker.New(c, queue, worker.Options{})
		w.RegisterWorkflow(bareExtraction)
		w.RegisterActivity(nothing)
		if err := w.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(w.Stop)
	}
	return &bare{c}
}

// run starts one and waits until it is closed.
func (x *bare) run(ctx context.Context) error {
	id, tenant := models.NewID(time.Now()), models.NewID(time.Now())
	started, err := x.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: "bare-" + id, TaskQueue: bareRuns, Priority: temporal.Priority{PriorityKey: 3, FairnessKey: tenant}, StaticSummary: "bare",
		TypedSearchAttributes: temporal.NewSearchAttributes(bareTenant.ValueSet(tenant), bareStatus.ValueSet("uploaded"),
			bareSource.ValueSet("embed"), bareUploaded.ValueSet(time.Now())),
	}, bareExtraction)
	if err != nil {
		return err
	}
	return started.Get(ctx, nil)
}

var (
	bareTenant   = temporal.NewSearchAttributeKeyKeyword("TenantId")
	bareStatus   = temporal.NewSearchAttributeKeyKeyword("ExtractionStatus")
	bareTemplate = temporal.NewSearchAttributeKeyKeyword("TemplateId")
	bareSource   = temporal.NewSearchAttributeKeyKeyword("Source")
	bareUploaded = temporal.NewSearchAttributeKeyTime("UploadedAt")
	barePages    = temporal.NewSearchAttributeKeyInt64("PageCount")
)

// nothing takes and answers as much as a step does.
func nothing(_ context.Context, id string) (string, error) { return id, nil }

// bareExtraction has the steps of workflows.Extraction.
func bareExtraction(ctx workflow.Context) error {
	id := workflow.GetInfo(ctx).WorkflowExecution.ID
	for _, step := range []func() error{
		func() error { return bareWrite(ctx, id) },
		func() error { return workflow.UpsertTypedSearchAttributes(ctx, bareStatus.ValueSet("analyzing")) },
		func() error { return bareStep(ctx, bareReading, id) },
		func() error { return bareStep(ctx, bareModel, id) },
		func() error { return bareWrite(ctx, id) },
		func() error { return bareShow(ctx, "extracting", id) },
		func() error { return bareStep(ctx, bareModel, id) },
		func() error { return bareShow(ctx, "completed", id) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func bareWrite(ctx workflow.Context, id string) error {
	options := workflow.LocalActivityOptions{StartToCloseTimeout: 10 * time.Second, Summary: "nothing"}
	return workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(ctx, options), nothing, id).Get(ctx, nil)
}

func bareStep(ctx workflow.Context, queue, id string) error {
	options := workflow.ActivityOptions{
		TaskQueue: queue, StartToCloseTimeout: 5 * time.Minute, ScheduleToCloseTimeout: 30 * time.Minute,
		HeartbeatTimeout: 10 * time.Second, Summary: "nothing",
	}
	return workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), nothing, id).Get(ctx, nil)
}

func bareShow(ctx workflow.Context, status, template string) error {
	return workflow.UpsertTypedSearchAttributes(ctx, bareStatus.ValueSet(status), bareTemplate.ValueSet(template), barePages.ValueSet(1))
}
