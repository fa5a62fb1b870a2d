package testkit

import (
	"testing"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
)

// patience is how long a test environment of Temporal waits on the clock of the
// wall. The SDK's own 3 s for a test, and 1 s for a workflow to yield, are over
// on a machine that is busy with other tests.
const patience = 2 * time.Minute

// NewWorkflowEnvironment answers an environment that runs workflows and skips
// the time that they wait.
func NewWorkflowEnvironment(t *testing.T) *testsuite.TestWorkflowEnvironment {
	return suite(t).NewTestWorkflowEnvironment().SetTestTimeout(patience).
		SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: patience})
}

// NewActivityEnvironment answers an environment that runs activities.
func NewActivityEnvironment(t *testing.T) *testsuite.TestActivityEnvironment {
	return suite(t).NewTestActivityEnvironment().SetTestTimeout(patience)
}

func suite(t *testing.T) *testsuite.WorkflowTestSuite {
	s := &testsuite.WorkflowTestSuite{}
	s.SetLogger(log.NewStructuredLogger(Logger(t)))
	return s
}
