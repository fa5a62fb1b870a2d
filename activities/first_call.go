package activities

import (
	"context"
	"time"

	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
)

// FirstCallsFor is how long after Take calls may be begun: the last of them has
// ended, within its own limit, before the line is given to another process.
const (
	FirstCallsFor   = 2 * time.Second
	firstCallsLease = FirstCallsFor + callLease
)

// FirstCalls makes deliveries' first attempts. They are no steps of a run: a
// delivery that its receiver takes at once needs none.
type FirstCalls struct{ Steps *Activities }

// Take takes a webhook's line, and fixes what its calls send.
func (f FirstCalls) Take(ctx context.Context, webhookID string) (store.Line, error) {
	line, err := f.Steps.Store.TakeLine(ctx, webhookID, firstCallsLease)
	if err != nil || len(line.Deliveries) == 0 {
		return line, err
	}
	line.Deliveries, err = f.Steps.Store.FixBodies(ctx, line.Deliveries, f.Steps.render)
	return line, err
}

// Call makes a call.
func (f FirstCalls) Call(ctx context.Context, hook *models.Webhook, d *models.Delivery) (store.Call, error) {
	result, err := f.Steps.Webhooks.Send(ctx, hook, d.ID, d.Payload)
	if err != nil {
		return store.Call{}, models.Internal("send the webhook call", err)
	}
	return f.Steps.call(d, result), nil
}
