package workflows

import (
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/worker"
)

// TestReplay runs today's code over the histories of yesterday's runs: a change
// that would break a run in flight fails here. A history is added, never edited.
func TestReplay(t *testing.T) {
	t.Parallel()
	histories, err := filepath.Glob("testdata/*.json")
	if err != nil || len(histories) == 0 {
		t.Fatalf("no histories: %v", err)
	}
	// a slow machine is no deadlock
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DisableDeadlockDetection: true})
	if err != nil {
		t.Fatal(err)
	}
	replayer.RegisterWorkflow(Extraction)
	replayer.RegisterWorkflow(Delivery)
	replayer.RegisterWorkflow(Mailboxes)
	for _, history := range histories {
		if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, history); err != nil {
			t.Errorf("%s: %v", history, err)
		}
	}
}
