package workflows

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"decoded.digital/extractor/activities"
)

// QueueMailbox is where mailboxes are read.
const QueueMailbox = "mailbox"

const (
	// mailboxSchedule is the one schedule's id.
	mailboxSchedule = "mailboxes"
	// sweepStarts is how often a sweep is asked for; while one runs, one waits and
	// begins as soon as the first has ended.
	sweepStarts = time.Minute
	// sweepLasts is how long one runs: between two there is a moment in which no
	// mail is seen.
	sweepLasts = 5 * time.Minute
)

// Mailboxes is a sweep: it reads the mailboxes that are due for some minutes.
// Which ones are due stands in the database, so that its history stays the same
// few events however many there are.
func Mailboxes(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: QueueMailbox, StartToCloseTimeout: 3 * sweepLasts, HeartbeatTimeout: workerLost,
		Summary:     "read the mailboxes that are due",
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, MaximumInterval: 10 * time.Second},
	})
	return workflow.ExecuteActivity(ctx, steps().SweepMailboxes, activities.SweepInput{For: sweepLasts}).Get(ctx, nil)
}

// ScheduleMailboxes makes sure that mailboxes are swept; it may be repeated.
func (s *Starter) ScheduleMailboxes(ctx context.Context) error {
	spec := client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: sweepStarts}}}
	action := &client.ScheduleWorkflowAction{ID: mailboxSchedule, Workflow: Mailboxes, TaskQueue: QueueMailbox, StaticSummary: "mailboxes"}
	_, err := s.Client.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: mailboxSchedule, Spec: spec, Action: action, Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE,
		CatchupWindow: time.Minute, TriggerImmediately: true,
	})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		// What another version of the product made is made ours; whether an operator
		// has paused it stays.
		err = s.Client.ScheduleClient().GetHandle(ctx, mailboxSchedule).Update(ctx, client.ScheduleUpdateOptions{
			DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
				schedule := in.Description.Schedule
				schedule.Spec, schedule.Action = &spec, action
				return &client.ScheduleUpdate{Schedule: &schedule}, nil
			},
		})
	}
	if err != nil {
		return fmt.Errorf("schedule the mailboxes: %w", err)
	}
	return nil
}

// UnscheduleMailboxes ends the sweeps where mailboxes are no longer offered.
func (s *Starter) UnscheduleMailboxes(ctx context.Context) error {
	err := s.Client.ScheduleClient().GetHandle(ctx, mailboxSchedule).Delete(ctx)
	if err != nil && !notFound(err) {
		return fmt.Errorf("unschedule the mailboxes: %w", err)
	}
	return nil
}
