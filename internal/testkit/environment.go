package testkit

import (
	"testing"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
)

// Patience is how long a test waits for what is to happen before it fails.
// Machines that run tests are busy with others, and no test is slower for it: it
// goes on as soon as it can.
const Patience = 4 * time.Minute

// NewWorkflowEnvironment answers an environment that runs workflows and skips
// the time that they wait. The SDK's own 3 s for a test, and 1 s for a workflow
// to yield, are soon over.
func NewWorkflowEnvironment(t *testing.T) *testsuite.TestWorkflowEnvironment {
	return suite(t).NewTestWorkflowEnvironment().SetTestTimeout(Patience).
		SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: Patience})
}

// NewActivityEnvironment answers an environment that runs activities.
func NewActivityEnvironment(t *testing.T) *testsuite.TestActivityEnvironment {
	return suite(t).NewTestActivityEnvironment().SetTestTimeout(Patience)
}

func suite(t *testing.T) *testsuite.WorkflowTestSuite {
	s := &testsuite.WorkflowTestSuite{}
	s.SetLogger(log.NewStructuredLogger(Logger(t)))
	return s
}
