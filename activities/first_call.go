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
	line.Deliveries = first(line.Deliveries, maxBodies)
	return line, err
}

// maxBodies is how much of a line's bodies is held in memory while it is called, in
// bytes.
const maxBodies = 8 << 20

// first are the first of the deliveries whose bodies are no larger than limit
// together, and one at least. The others keep their place in the line.
func first(rows []models.Delivery, limit int) []models.Delivery {
	for i, d := range rows {
		if limit -= len(d.Payload); limit < 0 {
			return rows[:max(1, i)]
		}
	}
	return rows
}

// Call makes a call.
func (f FirstCalls) Call(ctx context.Context, hook *models.Webhook, d *models.Delivery) (store.Call, error) {
	result, err := f.Steps.Webhooks.Send(ctx, hook, d.ID, d.Payload)
	if err != nil {
		return store.Call{}, models.Internal("send the webhook call", err)
	}
	return f.Steps.call(d, result), nil
}
