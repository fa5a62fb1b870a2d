package store

import (
	"context"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"decoded.digital/extractor/models"
)

// promiseDeliveries writes a delivery for each webhook that is to be told of x, and
// answers whether any is. Repeated, it writes none twice.
func (s *Store) promiseDeliveries(tx *gorm.DB, x *models.Extraction, event models.EventType) (promised bool, err error) {
	hooks, err := s.activeWebhooks(tx, x.TenantID)
	if err != nil {
		return false, err
	}
	for _, hook := range hooks {
		if !hook.Matches(x.DocumentID) {
			continue
		}
		if err := s.promise(tx, s.newDelivery(tx.Statement.Context, &hook, x, event)); err != nil {
			return false, err
		}
		promised = true
	}
	return promised, nil
}

// activeWebhooks reads them for a transaction that writes deliveries for them:
// until it ends none of them is deleted, and one that is being deleted is waited
// for and left out.
func (s *Store) activeWebhooks(tx *gorm.DB, tenantID string) ([]models.Webhook, error) {
	var hooks []models.Webhook
	query := tx
	if s.postgres() {
		query = tx.Clauses(clause.Locking{Strength: "KEY SHARE"})
	}
	err := query.Where("tenant_id = ? AND is_active = ?", tenantID, true).Find(&hooks).Error
	return hooks, err
}

// newDelivery is the news of how x ended, for hook.
func (s *Store) newDelivery(ctx context.Context, hook *models.Webhook, x *models.Extraction, event models.EventType) models.Delivery {
	d := s.newEvent(ctx, hook, event)
	d.ExtractionID, d.Attempt, d.Sequence = &x.ID, x.Attempt, x.Sequence
	return d
}

// newEvent is an event of no extraction, for hook.
func (s *Store) newEvent(ctx context.Context, hook *models.Webhook, event models.EventType) models.Delivery {
	now := s.now()
	return models.Delivery{
		ID: models.NewID(now), TenantID: hook.TenantID, WebhookID: hook.ID, EventType: event,
		State: models.DeliveryPending, Round: 1, TraceParent: traceParent(ctx), CreatedAt: now, UpdatedAt: now,
	}
}

// promise writes a delivery, unless the webhook was told before: into its webhook's
// line, or with the promise of a run if a user asked for it.
func (s *Store) promise(tx *gorm.DB, d models.Delivery) error {
	created := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&d)
	if created.Error != nil || created.RowsAffected == 0 || !d.Manual {
		return created.Error
	}
	entry := s.deliveryEntry(tx.Statement.Context, &d)
	return tx.Create(&entry).Error
}

// deliveryEntry is the promise of a delivery's run.
func (s *Store) deliveryEntry(ctx context.Context, d *models.Delivery) models.OutboxEntry {
	entry := s.newEntry(ctx, d.TenantID, models.OutboxStartDelivery, d.ID, d.Attempt, 0)
	if d.Round > 1 {
		entry.Detail = strconv.Itoa(d.Round)
	}
	return entry
}

// tellOthers writes to the tenant's other webhooks that hook was switched off.
func (s *Store) tellOthers(tx *gorm.DB, hook *models.Webhook) error {
	hooks, err := s.activeWebhooks(tx, hook.TenantID)
	if err != nil {
		return err
	}
	for _, other := range hooks {
		if other.ID == hook.ID {
			continue
		}
		d := s.newEvent(tx.Statement.Context, &other, models.EventWebhookDisabled)
		d.SubjectID, d.Detail = hook.ID, string(hook.StopReason)
		if err := s.promise(tx, d); err != nil {
			return err
		}
	}
	return nil
}

// LoadDelivery reads a delivery and its webhook.
func (s *System) LoadDelivery(ctx context.Context, id string) (models.Delivery, models.Webhook, error) {
	var d models.Delivery
	var w models.Webhook
	db := s.db.WithContext(ctx)
	if err := db.Where("id = ?", id).Take(&d).Error; err != nil {
		return d, w, translate(err, "Delivery")
	}
	err := db.Where("id = ?", d.WebhookID).Take(&w).Error
	return d, w, translate(err, "Webhook")
}

// LoadWebhook reads a webhook of a tenant for an event that tells of it.
func (s *System) LoadWebhook(ctx context.Context, tenantID, id string) (models.Webhook, error) {
	return s.GetWebhook(ctx, models.Caller{TenantID: tenantID}, id)
}

// ListLostDeliveries reads deliveries that should have a run, that nothing was to
// happen to since before and whose run no outbox entry is about to start, in the
// order of their ids, from the one behind after on.
func (s *System) ListLostDeliveries(ctx context.Context, before time.Time, after string, limit int) ([]models.Delivery, error) {
	var rows []models.Delivery
	err := s.db.WithContext(ctx).
		Where("state = ? AND (tries > 0 OR manual) AND COALESCE(next_attempt_at, updated_at) < ? AND id > ?", models.DeliveryPending, before, after).
		Where("NOT EXISTS (SELECT 1 FROM outbox WHERE subject_id = deliveries.id)").
		Order("id").Limit(limit).Find(&rows).Error
	return rows, translate(err, "Delivery")
}

// FailLostDelivery ends a delivery whose run is closed or gone, unless it went on
// since.
func (s *System) FailLostDelivery(ctx context.Context, d *models.Delivery) error {
	changed := s.db.WithContext(ctx).Model(&models.Delivery{}).
		Where("id = ? AND state = ? AND round = ? AND tries = ?", d.ID, models.DeliveryPending, d.Round, d.Tries).
		Updates(map[string]any{"state": models.DeliveryFailed, "next_attempt_at": nil, "updated_at": s.now()})
	if changed.RowsAffected == 1 {
		s.countDelivery(ctx, models.DeliveryFailed, 1)
	}
	return translate(changed.Error, "Delivery")
}

// DeleteOldDeliveries deletes attempts, deliveries that have ended, and bodies that
// nobody sends, once they are older than models.DeliveryLife.
func (s *System) DeleteOldDeliveries(ctx context.Context) error {
	before := s.now().Add(-models.DeliveryLife)
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		ended := tx.Model(&models.Delivery{}).Select("id").Where("created_at < ? AND updated_at < ? AND state <> ?", before, before, models.DeliveryPending)
		if err := s.deleteDeliveries(tx, ended); err != nil {
			return err
		}
		if err := tx.Where("created_at < ?", before).Delete(&models.DeliveryAttempt{}).Error; err != nil {
			return err
		}
		return tx.Where("created_at < ?", before).
			Where("NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.id = event_bodies.subject_id OR d.extraction_id = event_bodies.subject_id)").
			Delete(&models.EventBody{}).Error
	})
	return translate(err, "Delivery")
}
