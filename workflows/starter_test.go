package workflows

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/models"
)

// cluster is a real server and a starter; its workflows end as their
// extraction's id says.
type cluster struct {
	client.Client
	*Starter
}

// TestStarter runs over one real server; each test has an extraction of its own.
func TestStarter(t *testing.T) {
	t.Parallel()
	c, _ := testkit.StartTemporal(t)
	cl := &cluster{Client: c, Starter: &Starter{Client: c, Namespace: testkit.Namespace}}
	for range 2 { // a second start finds them
		if err := RegisterSearchAttributes(t.Context(), c, testkit.Namespace); err != nil {
			t.Fatal(err)
		}
	}
	if err := cl.Ready(t.Context()); err == nil {
		t.Error("it is ready without a worker")
	}
	t.Cleanup(startWorkers(t, c))
	await(t, "the workers poll", func() error { return cl.Ready(t.Context()) })
	t.Run("of many starts one begins", cl.startsOnce)
	t.Run("a start that comes late runs nothing again", cl.startsLate)
	t.Run("a run is found by its search attributes and read by its summary", cl.searchable)
	t.Run("a reset begins anew, however the run ended", cl.resets)
	t.Run("a reset that is repeated is one", cl.resetsOnce)
	t.Run("a purged history begins anew", cl.purged)
	t.Run("a run that no worker took can be reset", cl.neverTaken)
	t.Run("cancel ends a run, and may be repeated", cl.cancels)
	t.Run("a delivery starts once", cl.delivers)
	t.Run("a search attribute of another type is named", cl.wrongType)
}

// startWorkers polls with stand-ins for the workflows: what they do is
// extraction_test's.
func startWorkers(t *testing.T, c client.Client) (stop func()) {
	t.Helper()
	var workers []worker.Worker
	for _, queue := range []string{QueueExtraction, QueueReading, QueueModel, QueueWebhooks} {
		w := worker.New(c, queue, worker.Options{})
		w.RegisterWorkflowWithOptions(standIn, workflow.RegisterOptions{Name: "Extraction"})
		w.RegisterWorkflowWithOptions(func(workflow.Context, DeliveryInput) error { return nil }, workflow.RegisterOptions{Name: "Delivery"})
		w.RegisterActivity(func(context.Context) error { return nil })
		if err := w.Start(); err != nil {
			t.Fatal(err)
		}
		workers = append(workers, w)
	}
	return func() {
		for _, w := range workers {
			w.Stop()
		}
	}
}

func standIn(ctx workflow.Context, in ExtractionInput) (ExtractionResult, error) {
	switch {
	case strings.HasPrefix(in.ExtractionID, "fails"):
		return ExtractionResult{}, errors.New("failed")
	case strings.HasPrefix(in.ExtractionID, "hangs"):
		return ExtractionResult{}, workflow.Sleep(ctx, time.Hour)
	}
	return ExtractionResult{PageCount: 1}, nil
}

func detail(id string) models.ExtractionDetail {
	return models.ExtractionDetail{
		Extraction: models.Extraction{ID: id, TenantID: "507f1f77bcf86cd799439011", Attempt: 1, Source: models.SourceEmbed, CreatedAt: time.Now()},
		File:       models.File{Name: "secret name.pdf", Type: "application/pdf", Size: 2048},
	}
}

func (c *cluster) start(t *testing.T, id string) models.ExtractionDetail {
	t.Helper()
	x := detail(id)
	if err := c.Start(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	return x
}

func (c *cluster) describe(t *testing.T, id string) *workflowservice.DescribeWorkflowExecutionResponse {
	t.Helper()
	described, err := c.DescribeWorkflowExecution(t.Context(), ExtractionRunID(id), "")
	if err != nil {
		t.Fatal(err)
	}
	return described
}

func (c *cluster) awaitClosed(t *testing.T, id string) string {
	t.Helper()
	await(t, id+" is closed", func() error {
		closed, err := c.Closed(t.Context(), id)
		if err == nil && !closed {
			err = errors.New("it runs")
		}
		return err
	})
	return c.describe(t, id).WorkflowExecutionInfo.Execution.RunId
}

func (c *cluster) startsOnce(t *testing.T) {
	t.Parallel()
	var group errgroup.Group
	for range 8 {
		group.Go(func() error { return c.Start(t.Context(), detail("many")) })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	first := c.awaitClosed(t, "many")
	if again := c.awaitClosed(t, "many"); again != first {
		t.Error("it was begun again")
	}
}

func (c *cluster) startsLate(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"completes-late", "fails-late"} {
		c.start(t, id)
		first := c.awaitClosed(t, id)
		c.start(t, id) // by the relay, whose entry was kept while the database was away
		if again := c.awaitClosed(t, id); again != first {
			t.Errorf("%s: it was begun again", id)
		}
	}
}

func (c *cluster) searchable(t *testing.T) {
	t.Parallel()
	x := c.start(t, "found")
	c.awaitClosed(t, x.ID)
	await(t, "the run is listed", func() error {
		list, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
			Query: `TenantId = "` + x.TenantID + `" AND ExtractionStatus = "uploaded" AND Source = "embed" AND WorkflowId = "extraction-found"`,
		})
		if err == nil && len(list.Executions) != 1 {
			err = errors.New("not found")
		}
		return err
	})
	summary := string(c.describe(t, x.ID).ExecutionConfig.UserMetadata.Summary.Data)
	if summary != `"application/pdf, 2 kB, by embed"` {
		t.Errorf("got summary %s", summary)
	}
	if strings.Contains(c.describe(t, x.ID).String(), "secret name") {
		t.Error("the file's name stands in Temporal in clear")
	}
}

func (c *cluster) resets(t *testing.T) {
	t.Parallel()
	for id, end := range map[string]func(id string) error{
		"completes":       func(string) error { return nil },
		"fails":           func(string) error { return nil },
		"hangs-cancelled": func(id string) error { return c.Cancel(t.Context(), id) },
		"hangs-terminated": func(id string) error {
			return c.TerminateWorkflow(t.Context(), ExtractionRunID(id), "", "by an operator")
		},
	} {
		x := c.start(t, id)
		await(t, id+" was taken", func() error { return taken(c.describe(t, id)) })
		if err := end(id); err != nil {
			t.Fatal(err)
		}
		first := c.awaitClosed(t, id)
		x.Attempt++
		if err := c.Reset(t.Context(), x, "user 1"); err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		if run := c.describe(t, id).WorkflowExecutionInfo.Execution.RunId; run == first {
			t.Errorf("%s: it is still the old run", id)
		}
	}
}

func taken(d *workflowservice.DescribeWorkflowExecutionResponse) error {
	if d.WorkflowExecutionInfo.HistoryLength < 4 {
		return errors.New("no worker has it")
	}
	return nil
}

func (c *cluster) resetsOnce(t *testing.T) {
	t.Parallel()
	x := c.start(t, "fails-once")
	first := c.awaitClosed(t, x.ID)
	x.Attempt++
	var second string
	for range 3 { // the API, and the relay after it
		if err := c.Reset(t.Context(), x, "user 1"); err != nil {
			t.Fatal(err)
		}
		run := c.awaitClosed(t, x.ID)
		if second == "" {
			second = run
		}
		if run == first || run != second {
			t.Errorf("got runs %s, %s, %s", first, second, run)
		}
	}
}

func (c *cluster) purged(t *testing.T) {
	t.Parallel()
	x := c.start(t, "fails-purged")
	run := c.awaitClosed(t, x.ID)
	_, err := c.WorkflowService().DeleteWorkflowExecution(t.Context(), &workflowservice.DeleteWorkflowExecutionRequest{
		Namespace: testkit.Namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: ExtractionRunID(x.ID), RunId: run},
	})
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the history is gone", func() error {
		if _, err := c.DescribeWorkflowExecution(t.Context(), ExtractionRunID(x.ID), ""); !notFound(err) {
			return errors.New("it is there")
		}
		return nil
	})
	if closed, err := c.Closed(t.Context(), x.ID); err != nil || !closed {
		t.Errorf("a run that is gone: closed %v, %v", closed, err)
	}
	x.Attempt++
	if err := c.Reset(t.Context(), x, "user 1"); err != nil {
		t.Fatal(err)
	}
	c.awaitClosed(t, x.ID)
}

func (c *cluster) neverTaken(t *testing.T) {
	t.Parallel()
	x := detail("fails-untaken")
	_, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: ExtractionRunID(x.ID), TaskQueue: "nobody polls this"}, "Extraction", ExtractionInput{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.TerminateWorkflow(t.Context(), ExtractionRunID(x.ID), "", "by an operator"); err != nil {
		t.Fatal(err)
	}
	if err := c.Reset(t.Context(), x, "user 1"); err != nil {
		t.Fatal(err)
	}
	if status := c.describe(t, x.ID).WorkflowExecutionInfo.Status; status != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
		t.Errorf("got %s", status)
	}
}

func (c *cluster) cancels(t *testing.T) {
	t.Parallel()
	x := c.start(t, "hangs")
	if err := c.Cancel(t.Context(), x.ID); err != nil {
		t.Fatal(err)
	}
	c.awaitClosed(t, x.ID)
	if err := c.Cancel(t.Context(), "never-was"); err != nil {
		t.Error(err)
	}
}

func (c *cluster) delivers(t *testing.T) {
	t.Parallel()
	for range 3 {
		if err := c.StartDelivery(t.Context(), "507f1f77bcf86cd799439011", "one", 1, 0); err != nil {
			t.Fatal(err)
		}
	}
}

func (c *cluster) wrongType(t *testing.T) {
	_, err := c.OperatorService().RemoveSearchAttributes(t.Context(), &operatorservice.RemoveSearchAttributesRequest{
		Namespace: testkit.Namespace, SearchAttributes: []string{"PageCount"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
		Namespace: testkit.Namespace, SearchAttributes: map[string]enums.IndexedValueType{"PageCount": enums.INDEXED_VALUE_TYPE_TEXT},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := RegisterSearchAttributes(t.Context(), c, testkit.Namespace); err == nil || !strings.Contains(err.Error(), "PageCount") {
		t.Errorf("got %v", err)
	}
}

func await(t *testing.T, what string, try func() error) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if time.Since(begun) > testkit.Patience {
			t.Fatalf("waited in vain until %s: %v", what, err)
		}
	}
}
