package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"decoded.digital/extractor/models"
)

// CreateWebhook writes a new webhook; a document of it that the tenant does not
// have is NotFound.
func (s *Store) CreateWebhook(ctx context.Context, caller models.Caller, w *models.Webhook) error {
	if err := s.haveDocuments(ctx, caller, w.DocumentIDs); err != nil {
		return err
	}
	w.TenantID = caller.TenantID
	if w.OldSecrets == nil {
		w.OldSecrets = []models.OldSecret{} // a list of none, not NULL
	}
	return translate(s.db.WithContext(ctx).Create(w).Error, "Webhook")
}

// GetWebhook reads a webhook.
func (s *Store) GetWebhook(ctx context.Context, caller models.Caller, id string) (models.Webhook, error) {
	var w models.Webhook
	err := s.of(ctx, caller).Where("id = ?", id).Take(&w).Error
	return w, translate(err, "Webhook")
}

// ListWebhooks reads every webhook, newest first.
func (s *Store) ListWebhooks(ctx context.Context, caller models.Caller) ([]models.Webhook, error) {
	var rows []models.Webhook
	err := s.of(ctx, caller).Order("created_at DESC, id DESC").Find(&rows).Error
	return rows, translate(err, "Webhook")
}

// UpdateWebhook replaces what of a webhook can be changed: all but its secret.
// Its health is replaced with health alone: calls go on while it is changed.
func (s *Store) UpdateWebhook(ctx context.Context, caller models.Caller, w *models.Webhook, health bool) error {
	if err := s.haveDocuments(ctx, caller, w.DocumentIDs); err != nil {
		return err
	}
	w.UpdatedAt = s.now()
	columns := []string{"Name", "URL", "Scope", "DocumentIDs", "UpdatedAt"}
	if health {
		columns = append(columns, append(healthColumns(), "IsActive", "StopReason")...)
	}
	changed := s.of(ctx, caller).Model(&models.Webhook{}).Where("id = ?", w.ID).Select(columns).Updates(w)
	return found(changed, "Webhook")
}

// RotateSecret gives a webhook another (sealed) secret; see Webhook.Rotate.
func (s *Store) RotateSecret(ctx context.Context, caller models.Caller, id string, secret []byte) (models.Webhook, error) {
	var w models.Webhook
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := s.lock(tx).Where("id = ? AND tenant_id = ?", id, caller.TenantID).Take(&w).Error; err != nil {
			return err
		}
		if err := w.Rotate(secret, s.now()); err != nil {
			return err
		}
		w.UpdatedAt = s.now()
		return tx.Model(&w).Select("Secret", "OldSecrets", "UpdatedAt").UpdateColumns(&w).Error
	})
	return w, translate(err, "Webhook")
}

// DeleteWebhook deletes a webhook with its deliveries; those on their way end.
func (s *Store) DeleteWebhook(ctx context.Context, caller models.Caller, id string) error {
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var locked []string // no delivery is written for it from here on
		if err := s.lockToDelete(tx).Model(&models.Webhook{}).Where("id = ? AND tenant_id = ?", id, caller.TenantID).Pluck("id", &locked).Error; err != nil {
			return err
		}
		deliveries := tx.Model(&models.Delivery{}).Select("id").Where("webhook_id = ? AND tenant_id = ?", id, caller.TenantID)
		if err := s.deleteDeliveries(tx, deliveries); err != nil {
			return err
		}
		return found(tx.Where("id = ? AND tenant_id = ?", id, caller.TenantID).Delete(&models.Webhook{}), "Webhook")
	})
	return translate(err, "Webhook")
}

// deleteDeliveries deletes the deliveries whose ids the query selects.
func (s *Store) deleteDeliveries(tx, ids *gorm.DB) error {
	var locked []string // what a call writes down it writes before, or not at all
	if err := s.lockToDelete(tx).Model(&models.Delivery{}).Where("id IN (?)", ids).Pluck("id", &locked).Error; err != nil {
		return err
	}
	if err := tx.Where("delivery_id IN (?)", ids).Delete(&models.DeliveryAttempt{}).Error; err != nil {
		return err
	}
	if err := tx.Where("subject_id IN (?)", ids).Delete(&models.OutboxEntry{}).Error; err != nil {
		return err
	}
	if err := tx.Where("subject_id IN (?)", ids).Delete(&models.EventBody{}).Error; err != nil {
		return err
	}
	return tx.Where("id IN (?)", ids).Delete(&models.Delivery{}).Error
}

// lockToDelete reads rows that are to be deleted, so that nothing comes to refer to
// them.
func (s *Store) lockToDelete(tx *gorm.DB) *gorm.DB {
	if s.postgres() {
		return tx.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	return tx
}

// haveDocuments is NotFound unless every id is a document of the tenant.
func (s *Store) haveDocuments(ctx context.Context, caller models.Caller, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	var known []string
	if err := s.of(ctx, caller).Model(&models.Document{}).Where("id IN ?", ids).Pluck("id", &known).Error; err != nil {
		return translate(err, "Document")
	}
	have := make(map[string]bool, len(known))
	for _, id := range known {
		have[id] = true
	}
	for _, id := range ids {
		if !have[id] {
			return models.NotFound("Document " + id)
		}
	}
	return nil
}
