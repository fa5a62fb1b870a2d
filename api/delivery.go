package api

import (
	"context"
	"time"

	"decoded.digital/extractor/models"
)

func deliveryView(d *models.Delivery) Delivery {
	return Delivery{
		ID: d.ID, WebhookID: d.WebhookID, Event: d.EventType, State: d.State, ExtractionID: d.ExtractionID,
		FileName: textOrNull(d.FileName), Sequence: d.Sequence, Round: d.Round, AttemptsInRound: d.Tries, NextAttemptAt: timeOrNull(d.NextAttemptAt),
		CreatedAt: models.FormatTime(d.CreatedAt), UpdatedAt: models.FormatTime(d.UpdatedAt),
	}
}

func attemptView(a *models.DeliveryAttempt) DeliveryAttempt {
	view := DeliveryAttempt{
		Number: a.Number, Error: textOrNull(a.Error), DurationMs: a.Duration.Milliseconds(), Answer: a.Answer, CreatedAt: models.FormatTime(a.CreatedAt),
	}
	if a.StatusCode != 0 {
		view.StatusCode = &a.StatusCode
	}
	return view
}

// ListDeliveries answers GET /webhooks/:id/deliveries.
func (s *Server) ListDeliveries(ctx context.Context, r ListDeliveriesRequestObject) (ListDeliveriesResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "webhook"); err != nil {
		return nil, err
	}
	page, err := s.page(r.Params.Page, r.Params.Limit, r.Params.AsOf)
	if err != nil {
		return nil, err
	}
	filter, err := deliveryFilter(&r.Params)
	if err != nil {
		return nil, err
	}
	rows, total, err := s.Store.ListDeliveries(ctx, caller, r.ID, filter, page)
	if err != nil {
		return nil, err
	}
	return ListDeliveries200JSONResponse{Data: DeliveryList{Items: views(rows, deliveryView), Pagination: pagination(page, total)}}, nil
}

func deliveryFilter(p *ListDeliveriesParams) (models.DeliveryFilter, error) {
	f := models.DeliveryFilter{State: or(p.State), Event: or(p.Event)}
	if f.State != "" && !f.State.Valid() {
		return f, models.Invalid("state must be one of %v", models.DeliveryStates())
	}
	if f.Event != "" && !f.Event.Valid() {
		return f, models.Invalid("event must be one of %v", models.EventTypes())
	}
	var err error
	if f.From, err = timeParameter("from", p.From); err != nil {
		return f, err
	}
	f.Before, err = timeParameter("before", p.Before)
	return f, err
}

// timeParameter reads a time that may be missing.
func timeParameter(name string, text *string) (time.Time, error) {
	if text == nil {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		return time.Time{}, models.Invalid("%s must be a time like %s", name, models.TimeFormat)
	}
	return at.UTC(), nil
}

// GetDelivery answers GET /webhooks/:id/deliveries/:deliveryId.
func (s *Server) GetDelivery(ctx context.Context, r GetDeliveryRequestObject) (GetDeliveryResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validDelivery(r.ID, r.DeliveryID); err != nil {
		return nil, err
	}
	delivery, attempts, err := s.Store.GetDelivery(ctx, caller, r.ID, r.DeliveryID)
	if err != nil {
		return nil, err
	}
	return GetDelivery200JSONResponse{Data: DeliveryDetail{Delivery: deliveryView(&delivery), Attempts: views(attempts, attemptView)}}, nil
}

func validDelivery(webhookID, deliveryID string) error {
	if err := validID(webhookID, "webhook"); err != nil {
		return err
	}
	if !models.ValidID(deliveryID) {
		return models.Invalid("deliveryId: Invalid delivery ID format")
	}
	return nil
}

// Redeliver answers POST /webhooks/:id/deliveries/:deliveryId/redeliver.
func (s *Server) Redeliver(ctx context.Context, r RedeliverRequestObject) (RedeliverResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validDelivery(r.ID, r.DeliveryID); err != nil {
		return nil, err
	}
	delivery, err := s.Store.Redeliver(ctx, caller, r.ID, r.DeliveryID)
	if err != nil {
		return nil, err
	}
	return Redeliver200JSONResponse{Data: deliveryView(&delivery)}, nil
}

// TestWebhook answers POST /webhooks/:id/test.
func (s *Server) TestWebhook(ctx context.Context, r TestWebhookRequestObject) (TestWebhookResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "webhook"); err != nil {
		return nil, err
	}
	delivery, err := s.Store.CreateTest(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	return TestWebhook201JSONResponse{Data: deliveryView(&delivery)}, nil
}

// ReplayWebhook answers POST /webhooks/:id/replay.
func (s *Server) ReplayWebhook(ctx context.Context, r ReplayWebhookRequestObject) (ReplayWebhookResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "webhook"); err != nil {
		return nil, err
	}
	replay := s.Store.ReplayFailed
	switch r.Body.What {
	case "":
		return nil, models.Invalid("what is required: failed or missing")
	case Failed:
	case Missing:
		replay = s.Store.ReplayMissing
	default:
		return nil, models.Invalid("what must be failed or missing")
	}
	if r.Body.Since == "" {
		return nil, models.Invalid("since is required: a time like %s", models.TimeFormat)
	}
	since, err := timeParameter("since", &r.Body.Since)
	if err != nil {
		return nil, err
	}
	if since.Before(s.Now().Add(-models.DeliveryLife)) {
		return nil, models.Invalid("since must be at most 30 days ago: what is older is not kept")
	}
	count, complete, err := replay(ctx, caller, r.ID, since)
	if err != nil {
		return nil, err
	}
	return ReplayWebhook200JSONResponse{Data: Replayed{Count: count, Complete: complete}}, nil
}
