package store

import (
	"context"

	"decoded.digital/extractor/models"
)

// CreateWebhook writes a new webhook.
func (s *Store) CreateWebhook(ctx context.Context, caller models.Caller, w *models.Webhook) error {
	w.TenantID = caller.TenantID
	return translate(s.db.WithContext(ctx).Create(w).Error, "Webhook")
}

// ListWebhooks reads every webhook, newest first.
func (s *Store) ListWebhooks(ctx context.Context, caller models.Caller) ([]models.Webhook, error) {
	var rows []models.Webhook
	err := s.of(ctx, caller).Order("created_at DESC, id DESC").Find(&rows).Error
	return rows, translate(err, "Webhook")
}
