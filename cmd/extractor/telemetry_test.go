package main

import (
	"bytes"
	"strings"
	"testing"

	"decoded.digital/extractor/internal/testkit"
)

func TestTemporalsWarningsNameTheExtraction(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	q := quiet{testkit.LoggerTo(&out)}
	q.Info("chatter")
	q.Debug("chatter")
	q.Error("Activity error.", "WorkflowID", "extraction-507f1f77bcf86cd799439011") // the worker's to log
	q.Error("Workflow panic", "WorkflowID", "extraction-507f1f77bcf86cd799439011", "RunID", "r")
	q.Warn("Failed to poll for task.", "WorkflowID", "webhook-1", "odd")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "extractionId=507f1f77bcf86cd799439011") || strings.Contains(lines[1], "extractionId") {
		t.Errorf("got\n%s", out.String())
	}
}
