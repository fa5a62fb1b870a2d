package telemetry

import (
	"context"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"decoded.digital/extractor/internal/logs"
)

// carrier takes the ids of log lines from who starts a workflow to its steps,
// so that a worker's line names the request and the tenant. Temporal keeps them
// in the history: they are ids and nothing else.
type carrier struct{}

const idsHeader = "extractor-ids"

type idsKey struct{}

func carried() []string { return []string{logs.RequestID, logs.TenantID} }

func write(w workflow.HeaderWriter, ids map[string]string) error {
	payload, err := converter.GetDefaultDataConverter().ToPayload(ids)
	if err == nil {
		w.Set(idsHeader, payload)
	}
	return err
}

// read answers nil where there are none: a run of before, or of another's hand.
func read(r workflow.HeaderReader) map[string]string {
	payload, found := r.Get(idsHeader)
	var ids map[string]string
	if !found || converter.GetDefaultDataConverter().FromPayload(payload, &ids) != nil {
		return nil
	}
	return ids
}

// Inject is called where a workflow is started.
func (carrier) Inject(ctx context.Context, w workflow.HeaderWriter) error {
	ids := map[string]string{}
	for _, name := range carried() {
		if id := logs.ID(ctx, name); id != "" {
			ids[name] = id
		}
	}
	return write(w, ids)
}

// ExtractToWorkflow is called where a workflow begins.
func (carrier) ExtractToWorkflow(ctx workflow.Context, r workflow.HeaderReader) (workflow.Context, error) {
	return workflow.WithValue(ctx, idsKey{}, read(r)), nil
}

// InjectFromWorkflow is called where a workflow starts a step.
func (carrier) InjectFromWorkflow(ctx workflow.Context, w workflow.HeaderWriter) error {
	ids, _ := ctx.Value(idsKey{}).(map[string]string)
	return write(w, ids)
}

// Extract is called where a step begins.
func (carrier) Extract(ctx context.Context, r workflow.HeaderReader) (context.Context, error) {
	ctx = logs.Begin(ctx)
	for name, id := range read(r) {
		logs.Add(ctx, name, id)
	}
	return ctx, nil
}
