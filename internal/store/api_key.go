package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"decoded.digital/extractor/models"
)

// CreateAPIKey writes a new key.
func (s *Store) CreateAPIKey(ctx context.Context, caller models.Caller, k *models.APIKey) error {
	k.TenantID = caller.TenantID
	return translate(s.db.WithContext(ctx).Create(k).Error, "API key")
}

// GetAPIKey reads a key.
func (s *Store) GetAPIKey(ctx context.Context, caller models.Caller, id string) (models.APIKey, error) {
	var k models.APIKey
	err := s.of(ctx, caller).Where("id = ?", id).Take(&k).Error
	return k, translate(err, "API key")
}

// ListAPIKeys reads every key, newest first.
func (s *Store) ListAPIKeys(ctx context.Context, caller models.Caller) ([]models.APIKey, error) {
	var rows []models.APIKey
	err := s.of(ctx, caller).Order("created_at DESC, id DESC").Find(&rows).Error
	return rows, translate(err, "API key")
}

// UpdateAPIKey replaces what of a key can be changed: name, activity, expiry
// and domains.
func (s *Store) UpdateAPIKey(ctx context.Context, caller models.Caller, k *models.APIKey) error {
	k.UpdatedAt = s.now()
	changed := s.of(ctx, caller).Model(&models.APIKey{}).Where("id = ?", k.ID).
		Select("Name", "IsActive", "ExpiresAt", "AllowedDomains", "UpdatedAt").Updates(k)
	return found(changed, "API key")
}

// DeleteAPIKey deletes a key and the sessions that it made.
func (s *Store) DeleteAPIKey(ctx context.Context, caller models.Caller, id string) error {
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := tx.Where("api_key_id = ? AND tenant_id = ?", id, caller.TenantID).Delete(&models.Session{}).Error; err != nil {
			return err
		}
		return found(tx.Where("id = ? AND tenant_id = ?", id, caller.TenantID).Delete(&models.APIKey{}), "API key")
	})
	return translate(err, "API key")
}

// FindAPIKey finds a key by its keyed hash, disabled and expired ones too.
func (s *System) FindAPIKey(ctx context.Context, hash string) (models.APIKey, error) {
	var key models.APIKey
	err := s.db.WithContext(ctx).Where("hash = ?", hash).Take(&key).Error
	return key, translate(err, "API key")
}

// AddUsage adds to a key's count of requests; last is when the last of them
// came. A key that is deleted meanwhile is no error.
func (s *System) AddUsage(ctx context.Context, id string, count int64, last time.Time) error {
	err := s.db.WithContext(ctx).Model(&models.APIKey{}).Where("id = ?", id).UpdateColumns(map[string]any{
		"usage_count":  gorm.Expr("usage_count + ?", count),
		"last_used_at": gorm.Expr("CASE WHEN last_used_at > ? THEN last_used_at ELSE ? END", last, last),
	}).Error
	return translate(err, "API key")
}
