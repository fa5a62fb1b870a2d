package activities

import (
	"context"
	"math/rand/v2"
	"time"

	"go.temporal.io/sdk/temporal"

	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/internal/webhook"
	"decoded.digital/extractor/models"
)

// The errors of a delivery that goes on later.
const (
	TypeDeliveryFailed = "DeliveryFailed" // the receiver did not take the call
	TypeDeliveryWaits  = "DeliveryWaits"  // no call was made: others of the same webhook are, or its breaker is open
)

// callLease is how long a call keeps its place without word from its worker:
// a little more than it may take.
const callLease = 20 * time.Second

// DeliverInput is Deliver's. Round is 0 in runs of before there were rounds.
type DeliverInput struct {
	DeliveryID string
	Round      int
}

// Deliver makes one attempt at a delivery. Its retries are the schedule: each
// failure names the delay until the next attempt, the last one ends it. A worker
// may die between any two of its steps: what was not written down is done again,
// with the same bytes under the same id.
func (a *Activities) Deliver(ctx context.Context, in DeliverInput) error {
	defer startPulse(ctx).stop()
	turn, err := a.Store.BeginCall(ctx, in.DeliveryID, max(1, in.Round), callLease)
	if err != nil {
		return classify(ctx, err)
	}
	if turn.Over {
		return over(&turn.Delivery, max(1, in.Round))
	}
	if turn.Wait > 0 {
		// Those that wait for one moment do not come at one moment.
		return later("the webhook's turn has not come", TypeDeliveryWaits, turn.Wait+rand.N(turn.Wait/4+time.Second)) //nolint:gosec // jitter
	}
	payload, err := a.payload(ctx, &turn.Delivery)
	if err != nil {
		return classify(ctx, err)
	}
	result, err := a.Webhooks.Send(ctx, &turn.Webhook, turn.Delivery.ID, payload)
	if err != nil {
		return models.Internal("send the webhook call", err)
	}
	call := a.call(&turn.Delivery, result)
	if err := a.Store.EndCall(ctx, &turn.Delivery, call); err != nil {
		return classify(ctx, err)
	}
	a.promised()
	switch {
	case result.Delivered():
		return nil
	case call.Next > 0:
		return later(result.Error, TypeDeliveryFailed, call.Next)
	}
	return givenUp(result.Error)
}

// over ends a run as its delivery has ended, so that row and run agree.
func over(d *models.Delivery, round int) error {
	if d.State == models.DeliveryFailed && d.Round == round {
		return givenUp("the delivery has failed: its attempts say why")
	}
	return nil
}

func givenUp(why string) error {
	return temporal.NewApplicationErrorWithOptions(why, TypeDeliveryFailed, temporal.ApplicationErrorOptions{
		NonRetryable: true, Category: temporal.ApplicationErrorCategoryBenign,
	})
}

func later(why, kind string, delay time.Duration) error {
	return temporal.NewApplicationErrorWithOptions(why, kind, temporal.ApplicationErrorOptions{
		NextRetryDelay: delay, Category: temporal.ApplicationErrorCategoryBenign,
	})
}

// call is what an attempt makes of its delivery.
func (a *Activities) call(d *models.Delivery, result webhook.Result) store.Call {
	now := a.Now()
	c := store.Call{Gone: result.Gone, Attempt: models.DeliveryAttempt{
		ID: models.NewID(now), StatusCode: result.StatusCode, Error: result.Error, Answer: result.Answer, Duration: result.Duration, CreatedAt: now,
	}}
	if step := d.Tries + 1; !result.Delivered() && !result.Final && !result.Gone && step < len(a.Schedule) {
		c.Next = nextDelay(a.Schedule[step], result.RetryAfter)
	}
	return c
}

// nextDelay is ±20 % of the schedule's step, so that the calls which failed
// together do not come back together. A receiver's wish wins, up to twice the
// step: it may not keep a delivery longer than that. Temporal has no delay of 0.
func nextDelay(step, wish time.Duration) time.Duration {
	if wish > 0 {
		return max(min(max(wish, step), 2*step), time.Millisecond)
	}
	return max(time.Duration(float64(step)*(0.8+0.4*rand.Float64())), time.Millisecond) //nolint:gosec // jitter
}

// payload is the body that every attempt sends: rendered once, then kept, so
// that a receiver never sees two bodies under one id.
func (a *Activities) payload(ctx context.Context, d *models.Delivery) ([]byte, error) {
	fixed, err := a.Store.FixBodies(ctx, []models.Delivery{*d}, a.render)
	if err == nil && len(fixed) == 0 {
		err = models.NotFound("Extraction")
	}
	if err != nil {
		return nil, err
	}
	return fixed[0].Payload, nil
}

// render writes the body of the event that a delivery tells of, which is of x or
// of no extraction.
func (a *Activities) render(ctx context.Context, d *models.Delivery, x *models.ExtractionDetail) ([]byte, error) {
	switch d.EventType {
	case models.EventWebhookTest:
		return webhook.Test(d)
	case models.EventWebhookDisabled:
		w, err := a.Store.LoadWebhook(ctx, d.TenantID, d.SubjectID)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return nil, err
		}
		return webhook.Disabled(d, &w) // of one that was deleted since, its id is left
	case models.EventExtractionCompleted, models.EventExtractionFailed:
	}
	if x == nil {
		return nil, models.NotFound("Extraction")
	}
	return webhook.Extraction(d, x, a.Links)
}

// promised says that the outbox may hold something new.
func (a *Activities) promised() {
	if a.Promised != nil {
		a.Promised()
	}
}
