package workflows

import (
	"context"
	"testing"

	"go.temporal.io/sdk/activity"

	"decoded.digital/extractor/activities"
	"decoded.digital/extractor/internal/testkit"
)

func TestASweepThatIsLostIsSweptAgain(t *testing.T) {
	t.Parallel()
	env := testkit.NewWorkflowEnvironment(t)
	sweeps := 0
	env.RegisterActivityWithOptions(func(context.Context, activities.SweepInput) error {
		if sweeps++; sweeps == 1 {
			return context.DeadlineExceeded
		}
		return nil
	}, activity.RegisterOptions{Name: "SweepMailboxes"})
	env.ExecuteWorkflow(Mailboxes)
	if err := env.GetWorkflowError(); err != nil || sweeps != 2 {
		t.Errorf("%d sweeps, %v", sweeps, err)
	}
}

func TestMailboxesAreScheduledOnceAndNoLongerWhereNotOffered(t *testing.T) {
	t.Parallel()
	c, _ := testkit.StartTemporal(t)
	s := &Starter{Client: c, Namespace: "default"}
	for range 2 { // each worker does it
		if err := s.ScheduleMailboxes(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	described, err := c.ScheduleClient().GetHandle(t.Context(), mailboxSchedule).Describe(t.Context())
	if err != nil || len(described.Schedule.Spec.Intervals) != 1 || described.Schedule.Spec.Intervals[0].Every != sweepStarts {
		t.Fatalf("%+v, %v", described, err)
	}
	for range 2 {
		if err := s.UnscheduleMailboxes(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.ScheduleClient().GetHandle(t.Context(), mailboxSchedule).Describe(t.Context()); err == nil {
		t.Error("it still is scheduled")
	}
}
