package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"decoded.digital/extractor/activities"
)

// DeliveryInput names the delivery, and its round where that is not the first.
type DeliveryInput struct {
	DeliveryID string
	TenantID   string
	Round      int `json:",omitempty"`
}

// Delivery brings one event to one webhook. It is no child of the extraction,
// which a reset would break, and lives for as long as its schedule does.
func Delivery(ctx workflow.Context, in DeliveryInput) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           QueueWebhooks,
		StartToCloseTimeout: 30 * time.Second, // one call may take 15 s
		HeartbeatTimeout:    workerLost,
		Summary:             "call the webhook",
		// How often and when is the activity's to say (NextRetryDelay); the
		// policy only covers a worker that died in between.
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: 5 * time.Second, MaximumInterval: 10 * time.Minute},
	})
	return workflow.ExecuteActivity(ctx, steps().Deliver, activities.DeliverInput{DeliveryID: in.DeliveryID, Round: in.Round}).Get(ctx, nil)
}
