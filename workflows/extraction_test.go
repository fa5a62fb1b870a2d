package workflows

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"decoded.digital/extractor/activities"
	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/models"
)

// story is a workflow environment that writes down what the steps are told.
type story struct {
	*testsuite.TestWorkflowEnvironment
	steps *activities.Activities
	told  []string
	fail  activities.FailInput
	gone  bool // the row
}

func newStory(t *testing.T) *story {
	t.Helper()
	s := &story{TestWorkflowEnvironment: testkit.NewWorkflowEnvironment(t), steps: steps()}
	s.RegisterActivity(&activities.Activities{})
	tell := func(name string) func(mock.Arguments) { return func(mock.Arguments) { s.told = append(s.told, name) } }
	s.OnActivity(s.steps.Begin, mock.Anything, mock.Anything).Run(tell("Begin")).Return(activities.BeginResult{TenantID: "t", Attempt: 1}, nil).Maybe()
	s.OnActivity(s.steps.SaveAnalysis, mock.Anything, mock.Anything).Run(tell("SaveAnalysis")).Return(nil).Maybe()
	s.OnActivity(s.steps.Fail, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.FailInput) error {
		if s.gone {
			return final(activities.TypeSuperseded, "Extraction not found")
		}
		s.fail = in
		s.told = append(s.told, "Fail")
		return nil
	}).Maybe()
	return s
}

func (s *story) run(t *testing.T) error {
	t.Helper()
	s.ExecuteWorkflow(Extraction, ExtractionInput{ExtractionID: "x", TenantID: "t"})
	if !s.IsWorkflowCompleted() {
		t.Fatal("the workflow did not end")
	}
	return s.GetWorkflowError()
}

func (s *story) onRead(err error) *testsuite.MockCallWrapper {
	return s.OnActivity(s.steps.Read, mock.Anything, mock.Anything).Return(activities.ReadResult{PageCount: 2}, err)
}

func (s *story) onAnalyze(err error) *testsuite.MockCallWrapper {
	return s.OnActivity(s.steps.Analyze, mock.Anything, mock.Anything).Return(activities.AnalyzeResult{DocumentID: "d"}, err)
}

func (s *story) onExtract(err error) *testsuite.MockCallWrapper {
	return s.OnActivity(s.steps.Extract, mock.Anything, mock.Anything).Return(err)
}

func final(kind, message string) error {
	return temporal.NewApplicationErrorWithOptions(message, kind, temporal.ApplicationErrorOptions{NonRetryable: true})
}

func TestAnExtractionGoesFromBeginToCompleted(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.onRead(nil).Once()
	s.onAnalyze(nil).Once()
	s.onExtract(nil).Once()
	if err := s.run(t); err != nil {
		t.Fatal(err)
	}
	var result ExtractionResult
	if err := s.GetWorkflowResult(&result); err != nil || result != (ExtractionResult{DocumentID: "d", PageCount: 2}) {
		t.Errorf("got %+v, %v", result, err)
	}
	if got := strings.Join(s.told, " "); got != "Begin SaveAnalysis" {
		t.Errorf("the row was told %s", got)
	}
}

func TestAStepThatFailsForGoodNamesItsStatus(t *testing.T) {
	t.Parallel()
	bad := final(string(models.FailureDocumentBroken), "The PDF is damaged.")
	for name, tc := range map[string]struct {
		read, extract error
		want          models.Status
	}{
		"reading":    {bad, nil, models.StatusAnalysisFailed},
		"extracting": {nil, bad, models.StatusExtractionFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			s.onRead(tc.read)
			s.onAnalyze(nil).Maybe()
			s.onExtract(tc.extract).Maybe()
			err := s.run(t)
			if e, ok := errors.AsType[*temporal.ApplicationError](err); !ok || e.Message() != "The PDF is damaged." || e.Type() != "DocumentBroken" {
				t.Errorf("the run ends with %v", err)
			}
			if s.fail.Status != tc.want || s.fail.FailureType != models.FailureDocumentBroken || s.fail.Message != "The PDF is damaged." {
				t.Errorf("the row was told %+v", s.fail)
			}
		})
	}
}

func TestAnOutageOfOurPartsIsWaitedOut(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	mended := s.Now().Add(100 * time.Second) // the environment tries ten times at most
	s.OnActivity(s.steps.Read, mock.Anything, mock.Anything).Return(func(context.Context, activities.Run) (activities.ReadResult, error) {
		if s.Now().Before(mended) {
			return activities.ReadResult{}, errors.New("connection refused")
		}
		return activities.ReadResult{PageCount: 2}, nil
	})
	s.onAnalyze(nil)
	s.onExtract(nil)
	if err := s.run(t); err != nil {
		t.Fatal(err)
	}
	if late := s.Now().Sub(mended); late > 20*time.Second {
		t.Errorf("it went on %s after the end of the outage", late)
	}
}

func TestAPanicEndsTheRunAtOnce(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	tried := 0
	s.OnActivity(s.steps.Read, mock.Anything, mock.Anything).Return(func(context.Context, activities.Run) (activities.ReadResult, error) {
		tried++
		panic("index out of range")
	})
	if err := s.run(t); err == nil || tried != 1 {
		t.Errorf("tried %d times, then %v", tried, err)
	}
	if s.fail.FailureType != models.FailureUnknown || strings.Contains(s.fail.Message, "index") {
		t.Errorf("the row was told %+v", s.fail)
	}
}

func TestWhatIsNoUsersAffairIsNotShown(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.onRead(nil)
	s.onAnalyze(nil)
	s.onExtract(errors.New("pq: password authentication failed"))
	if err := s.run(t); err == nil {
		t.Error("the run is green in the Temporal UI")
	}
	if s.fail.Status != models.StatusExtractionFailed || s.fail.FailureType != models.FailureUnknown || strings.Contains(s.fail.Message, "password") {
		t.Errorf("the row was told %+v", s.fail)
	}
}

func TestARunThatLostItsRowWritesNothing(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.onRead(final(activities.TypeSuperseded, "a newer run has the extraction"))
	if err := s.run(t); err == nil {
		t.Error("the run is green in the Temporal UI")
	}
	if got := strings.Join(s.told, " "); got != "Begin" {
		t.Errorf("the row was told %s", got)
	}
}

func TestAFailureThatTriesDidNotMendKeepsItsType(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		want models.FailureType
	}{
		"a provider's limit": {temporal.NewApplicationErrorWithOptions("The model is busy.", string(models.FailureProviderLimited), temporal.ApplicationErrorOptions{}), models.FailureProviderLimited},
		"a step's time":      {temporal.NewTimeoutError(enums.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, nil), models.FailureTimedOut},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			s.onRead(nil)
			s.onAnalyze(nil)
			s.onExtract(tc.err)
			if err := s.run(t); err == nil {
				t.Error("the run is green in the Temporal UI")
			}
			if s.fail.FailureType != tc.want || !s.fail.FailureType.RetryHelps() {
				t.Errorf("the row was told %+v", s.fail)
			}
		})
	}
}

func TestTheRunOfADeletedExtractionEndsCancelled(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.gone = true
	s.onRead(nil).After(time.Hour)
	s.RegisterDelayedCallback(s.CancelWorkflow, time.Second)
	if err := s.run(t); !temporal.IsCanceledError(err) {
		t.Errorf("got %v", err)
	}
}

func TestACancelledRunStillSaysSo(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.onRead(nil).After(time.Hour)
	s.RegisterDelayedCallback(s.CancelWorkflow, time.Second)
	if err := s.run(t); !temporal.IsCanceledError(err) {
		t.Errorf("got %v", err)
	}
	if s.fail.Status != models.StatusAnalysisFailed || s.fail.FailureType != models.FailureCancelled {
		t.Errorf("the row was told %+v", s.fail)
	}
}
