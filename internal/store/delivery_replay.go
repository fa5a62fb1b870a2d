package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"decoded.digital/extractor/models"
)

// MaxReplay is how many deliveries one request sends again.
const MaxReplay = 10_000

// replayBatch is how many rows are written by one statement.
const replayBatch = 500

// ListDeliveries reads a page of a webhook's deliveries, newest first, without
// their payloads, and how many there are in all.
func (s *Store) ListDeliveries(ctx context.Context, caller models.Caller, webhookID string, f models.DeliveryFilter, p models.Page) ([]models.Delivery, int64, error) {
	if _, err := s.GetWebhook(ctx, caller, webhookID); err != nil {
		return nil, 0, err
	}
	query := s.of(ctx, caller).Model(&models.Delivery{}).Where("webhook_id = ?", webhookID)
	if f.State != "" {
		query = query.Where("state = ?", f.State)
	}
	if f.Event != "" {
		query = query.Where("event_type = ?", f.Event)
	}
	if !f.From.IsZero() {
		query = query.Where("created_at >= ?", f.From)
	}
	if !f.Before.IsZero() {
		query = query.Where("created_at < ?", f.Before)
	}
	rows, total, err := list[models.Delivery](s.of(ctx, caller), query, p, "Delivery")
	if err != nil {
		return nil, 0, err
	}
	of := make([]*models.Delivery, len(rows))
	for i := range rows {
		of[i] = &rows[i]
	}
	return rows, total, s.nameFiles(ctx, caller, of)
}

// nameFiles fills in the names of the files that deliveries tell of.
func (s *Store) nameFiles(ctx context.Context, caller models.Caller, deliveries []*models.Delivery) error {
	of := map[string][]*models.Delivery{} // by extraction
	for _, d := range deliveries {
		if d.ExtractionID != nil {
			of[*d.ExtractionID] = append(of[*d.ExtractionID], d)
		}
	}
	if len(of) == 0 {
		return nil
	}
	var rows []struct{ ID, Name string }
	err := s.db.WithContext(ctx).Model(&models.Extraction{}).Select("extractions.id, files.name").
		Joins("JOIN files ON files.id = extractions.file_id").
		Where("extractions.tenant_id = ? AND extractions.id IN ?", caller.TenantID, slices.Collect(maps.Keys(of))).Scan(&rows).Error
	for _, row := range rows {
		for _, d := range of[row.ID] {
			d.FileName = row.Name
		}
	}
	return translate(err, "Delivery")
}

// GetDelivery reads a delivery of a webhook with its attempts, oldest first.
func (s *Store) GetDelivery(ctx context.Context, caller models.Caller, webhookID, id string) (models.Delivery, []models.DeliveryAttempt, error) {
	var d models.Delivery
	if err := s.of(ctx, caller).Where("webhook_id = ? AND id = ?", webhookID, id).Take(&d).Error; err != nil {
		return d, nil, translate(err, "Delivery")
	}
	if err := s.loadBody(ctx, &d); err != nil {
		return d, nil, err
	}
	if err := s.nameFiles(ctx, caller, []*models.Delivery{&d}); err != nil {
		return d, nil, err
	}
	var attempts []models.DeliveryAttempt
	err := s.of(ctx, caller).Where("delivery_id = ?", id).Order("number, id").Find(&attempts).Error
	return d, attempts, translate(err, "Delivery")
}

// CreateTest writes a test event to a webhook, switched off or not.
func (s *Store) CreateTest(ctx context.Context, caller models.Caller, webhookID string) (models.Delivery, error) {
	hook, err := s.GetWebhook(ctx, caller, webhookID)
	if err != nil {
		return models.Delivery{}, err
	}
	d := s.newEvent(ctx, &hook, models.EventWebhookTest)
	d.Manual = true
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error { return s.promise(tx, d) })
	return d, translate(err, "Delivery")
}

// Redeliver sends a delivery that has ended again: under the same id, with the
// same bytes, switched off or not.
func (s *Store) Redeliver(ctx context.Context, caller models.Caller, webhookID, id string) (models.Delivery, error) {
	d, _, err := s.GetDelivery(ctx, caller, webhookID, id)
	if err != nil {
		return d, err
	}
	d.Manual = true
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		changed, err := s.again(tx, []models.Delivery{d}, true)
		if err == nil && changed == 0 {
			return models.Conflict("The delivery is on its way; its next attempt follows by itself")
		}
		return err
	})
	if err != nil {
		return d, translate(err, "Delivery")
	}
	d, _, err = s.GetDelivery(ctx, caller, webhookID, id)
	return d, err
}

// ReplayFailed sends every delivery of a webhook again that has failed since, the
// oldest MaxReplay of them. It answers how many those are, and whether they are
// all.
func (s *Store) ReplayFailed(ctx context.Context, caller models.Caller, webhookID string, since time.Time) (int, bool, error) {
	if _, err := s.replayable(ctx, caller, webhookID); err != nil {
		return 0, false, err
	}
	var rows []models.Delivery
	sent := 0
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		failed := tx.Where("tenant_id = ? AND webhook_id = ? AND state = ? AND created_at >= ?", caller.TenantID, webhookID, models.DeliveryFailed, since)
		if err := failed.Order("created_at, id").Limit(MaxReplay + 1).Find(&rows).Error; err != nil {
			return err
		}
		for batch := range batches(rows) {
			changed, err := s.again(tx, batch, false)
			if err != nil {
				return err
			}
			sent += changed
		}
		return nil
	})
	return sent, len(rows) <= MaxReplay, translate(err, "Delivery")
}

// ReplayMissing writes the deliveries that a webhook was never sent of the
// extractions that have ended since and that it is for, the oldest MaxReplay of
// them. It answers as ReplayFailed does.
func (s *Store) ReplayMissing(ctx context.Context, caller models.Caller, webhookID string, since time.Time) (int, bool, error) {
	hook, err := s.replayable(ctx, caller, webhookID)
	if err != nil {
		return 0, false, err
	}
	var rows []models.Extraction
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		query := tx.Select("id, tenant_id, attempt, sequence, status").
			Where("tenant_id = ? AND status NOT IN ? AND updated_at >= ?", caller.TenantID, inProgress(), since).
			Where("NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.webhook_id = ? AND d.extraction_id = extractions.id AND d.attempt = extractions.attempt)", webhookID)
		if hook.Scope == models.ScopeSelected {
			query = query.Where("document_id IN ?", hook.DocumentIDs)
		}
		if err := query.Order("updated_at, id").Limit(MaxReplay + 1).Find(&rows).Error; err != nil {
			return err
		}
		for batch := range batches(rows) {
			if err := s.catchUp(tx, &hook, batch); err != nil {
				return err
			}
		}
		return nil
	})
	return min(len(rows), MaxReplay), len(rows) <= MaxReplay, translate(err, "Delivery")
}

// replayable reads a webhook, which must be active.
func (s *Store) replayable(ctx context.Context, caller models.Caller, id string) (models.Webhook, error) {
	hook, err := s.GetWebhook(ctx, caller, id)
	if err == nil && !hook.IsActive {
		return hook, models.Conflict("The webhook is switched off; switch it on first: set isActive to true")
	}
	return hook, err
}

// batches are the first MaxReplay rows, replayBatch at a time.
func batches[Row any](rows []Row) func(func([]Row) bool) {
	return func(yield func([]Row) bool) {
		rows = rows[:min(len(rows), MaxReplay)]
		for len(rows) > 0 {
			n := min(len(rows), replayBatch)
			if !yield(rows[:n]) {
				return
			}
			rows = rows[n:]
		}
	}
}

// again begins a new round of deliveries that have ended, and answers how many
// those were.
func (s *Store) again(tx *gorm.DB, rows []models.Delivery, manual bool) (int, error) {
	ids := make([]string, len(rows))
	for i, d := range rows {
		ids[i] = d.ID
	}
	var ended []models.Delivery
	locked := s.lock(tx).Where("id IN ? AND state <> ?", ids, models.DeliveryPending).Find(&ended)
	if locked.Error != nil || len(ended) == 0 {
		return 0, locked.Error
	}
	entries := make([]models.OutboxEntry, len(ended))
	for i, d := range ended {
		ids[i] = d.ID
		d.Round, d.Manual = d.Round+1, manual
		entries[i] = s.deliveryEntry(tx.Statement.Context, &d)
	}
	err := tx.Model(&models.Delivery{}).Where("id IN ?", ids[:len(ended)]).Updates(map[string]any{
		"state": models.DeliveryPending, "round": gorm.Expr("round + 1"), "tries": 0, "manual": manual,
		"next_attempt_at": nil, "updated_at": s.now(),
	}).Error
	if err != nil || !manual {
		return len(ended), err
	}
	return len(ended), tx.Create(&entries).Error
}

// catchUp writes the deliveries of extractions that hook was not told of.
func (s *Store) catchUp(tx *gorm.DB, hook *models.Webhook, rows []models.Extraction) error {
	deliveries := make([]models.Delivery, len(rows))
	for i := range rows {
		event := models.EventExtractionFailed
		if rows[i].Status == models.StatusCompleted {
			event = models.EventExtractionCompleted
		}
		deliveries[i] = s.newDelivery(tx.Statement.Context, hook, &rows[i], event)
	}
	return tx.Create(&deliveries).Error
}
