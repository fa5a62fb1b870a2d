package activities

import (
	"context"
	"math/rand/v2"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"decoded.digital/extractor/internal/webhook"
	"decoded.digital/extractor/models"
)

// TypeDeliveryFailed is the error of an attempt that the receiver did not take.
const TypeDeliveryFailed = "DeliveryFailed"

// DeliverInput is Deliver's.
type DeliverInput struct{ DeliveryID string }

// Deliver makes one attempt at a delivery. Its retries are the schedule: each
// failure names the delay until the next attempt, the last one ends it.
func (a *Activities) Deliver(ctx context.Context, in DeliverInput) error {
	defer startPulse(ctx).stop()
	delivery, hook, err := a.Store.LoadDelivery(ctx, in.DeliveryID)
	if err != nil {
		return classify(err)
	}
	payload, err := a.payload(ctx, &delivery)
	if err != nil {
		return classify(err)
	}
	result, err := a.Webhooks.Send(ctx, &hook, delivery.ID, payload)
	if err != nil {
		return models.Internal("send the webhook call", err)
	}
	number := int(activity.GetInfo(ctx).Attempt)
	record := models.DeliveryAttempt{
		ID: models.NewID(a.Now()), TenantID: delivery.TenantID, DeliveryID: delivery.ID, Number: number,
		StatusCode: result.StatusCode, Error: result.Error, Duration: result.Duration, CreatedAt: a.Now(),
	}
	if err := a.Store.RecordAttempt(ctx, &record); err != nil {
		return classify(err)
	}
	if result.Delivered() {
		return classify(a.Store.FinishDelivery(ctx, delivery.ID, models.DeliverySucceeded))
	}
	return a.deliverLater(ctx, delivery.ID, number, result)
}

func (a *Activities) deliverLater(ctx context.Context, id string, number int, result webhook.Result) error {
	options := temporal.ApplicationErrorOptions{Category: temporal.ApplicationErrorCategoryBenign}
	if result.Final || number >= len(a.Schedule) {
		if err := a.Store.FinishDelivery(ctx, id, models.DeliveryFailed); err != nil {
			return classify(err)
		}
		options.NonRetryable = true
	} else {
		// ±20 %, so that the calls which failed together do not come back together.
		delay := time.Duration(float64(a.Schedule[number]) * (0.8 + 0.4*rand.Float64())) //nolint:gosec // jitter
		options.NextRetryDelay = max(delay, result.RetryAfter)
	}
	return temporal.NewApplicationErrorWithOptions(result.Error, TypeDeliveryFailed, options)
}

// payload is the body that every attempt sends: rendered once, then kept, so
// that a receiver never sees two bodies under one id.
func (a *Activities) payload(ctx context.Context, d *models.Delivery) ([]byte, error) {
	if len(d.Payload) > 0 {
		return d.Payload, nil
	}
	x, err := a.Store.LoadExtraction(ctx, d.ExtractionID)
	if err != nil {
		return nil, err
	}
	body, err := webhook.Payload(d.EventType, d.CreatedAt, x.View(a.FileURL(x.File)))
	if err != nil {
		return nil, models.Internal("render the webhook's payload", err)
	}
	return a.Store.FixPayload(ctx, d.ID, body)
}
