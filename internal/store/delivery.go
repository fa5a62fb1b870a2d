package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"decoded.digital/extractor/models"
)

// promiseDeliveries writes a delivery and its outbox entry for each webhook that
// is to be told of x. Repeated, it writes none twice.
func (s *Store) promiseDeliveries(tx *gorm.DB, x *models.Extraction, event models.EventType) error {
	var hooks []models.Webhook
	if err := tx.Where("tenant_id = ? AND is_active = ?", x.TenantID, true).Find(&hooks).Error; err != nil {
		return err
	}
	for _, hook := range hooks {
		if !hook.Matches(x.DocumentID) {
			continue
		}
		now := s.now()
		delivery := models.Delivery{
			ID: models.NewID(now), TenantID: x.TenantID, WebhookID: hook.ID, ExtractionID: x.ID, Attempt: x.Attempt,
			EventType: event, State: models.DeliveryPending, CreatedAt: now, UpdatedAt: now,
		}
		created := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&delivery)
		if created.Error != nil {
			return created.Error
		}
		if created.RowsAffected == 0 {
			continue
		}
		entry := s.newEntry(tx.Statement.Context, x.TenantID, models.OutboxStartDelivery, delivery.ID, x.Attempt, 0)
		if err := tx.Create(&entry).Error; err != nil {
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

// FixPayload keeps the body that every attempt sends, if none is kept yet, and
// answers the one that is.
func (s *System) FixPayload(ctx context.Context, id string, payload []byte) ([]byte, error) {
	db := s.db.WithContext(ctx)
	// A nil payload is NULL in Postgres and empty in SQLite.
	err := db.Model(&models.Delivery{}).Where("id = ? AND (payload IS NULL OR LENGTH(payload) = 0)", id).Update("payload", payload).Error
	if err != nil {
		return nil, translate(err, "Delivery")
	}
	var d models.Delivery
	err = db.Where("id = ?", id).Take(&d).Error
	return d.Payload, translate(err, "Delivery")
}

// RecordAttempt keeps what came of one call.
func (s *System) RecordAttempt(ctx context.Context, a *models.DeliveryAttempt) error {
	return translate(s.db.WithContext(ctx).Create(a).Error, "Delivery attempt")
}

// FinishDelivery keeps how a delivery ended.
func (s *System) FinishDelivery(ctx context.Context, id string, state models.DeliveryState) error {
	err := s.db.WithContext(ctx).Model(&models.Delivery{}).Where("id = ?", id).
		Updates(map[string]any{"state": state, "updated_at": s.now()}).Error
	if err == nil {
		s.countDelivery(ctx, state, 1)
	}
	return translate(err, "Delivery")
}
