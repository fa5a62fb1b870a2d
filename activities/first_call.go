package activities

import (
	"context"
	"time"

	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/internal/webhook"
	"decoded.digital/extractor/models"
)

// FirstCallsFor is how long after Begin calls may be begun: the last of them has
// ended, within its own limit, before the places are taken from it.
const (
	FirstCallsFor   = 8 * time.Second
	firstCallsLease = FirstCallsFor + callLease
)

// FirstCalls makes deliveries' first attempts, many at a time. They are no steps
// of a run: a delivery that its receiver takes at once needs none.
type FirstCalls struct{ Steps *Activities }

// Begin takes places for calls of the deliveries with these ids, and fixes what
// they send. Those that it does not answer need runs of their own, or have ended.
func (f FirstCalls) Begin(ctx context.Context, ids []string) ([]store.Turns, error) {
	return f.Steps.Store.BeginCalls(ctx, ids, firstCallsLease, func(d *models.Delivery, x *models.ExtractionDetail) ([]byte, error) {
		return webhook.Extraction(d, x, f.Steps.Links)
	})
}

// Call makes a call.
func (f FirstCalls) Call(ctx context.Context, hook *models.Webhook, d *models.Delivery) (store.Call, error) {
	result, err := f.Steps.Webhooks.Send(ctx, hook, d.ID, d.Payload)
	if err != nil {
		return store.Call{}, models.Internal("send the webhook call", err)
	}
	return f.Steps.call(d, result), nil
}
