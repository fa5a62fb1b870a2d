package store

import (
	"context"

	"gorm.io/gorm"

	"decoded.digital/extractor/models"
)

// CreateSession writes a session, and deletes the tenant's sessions that have
// expired.
func (s *Store) CreateSession(ctx context.Context, caller models.Caller, x *models.Session) error {
	x.TenantID, x.APIKeyID, x.UserID = caller.TenantID, caller.APIKeyID, caller.UserID
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := tx.Where("tenant_id = ? AND expires_at < ?", caller.TenantID, s.now()).Delete(&models.Session{}).Error; err != nil {
			return err
		}
		return tx.Create(x).Error
	})
	return translate(err, "Session")
}

// FindSession finds a session by its keyed hash, with the API key that made it;
// expired ones too.
func (s *System) FindSession(ctx context.Context, hash string) (models.Session, models.APIKey, error) {
	var x models.Session
	var key models.APIKey
	db := s.db.WithContext(ctx)
	if err := db.Where("hash = ?", hash).Take(&x).Error; err != nil {
		return x, key, translate(err, "Session")
	}
	err := db.Where("id = ?", x.APIKeyID).Take(&key).Error
	return x, key, translate(err, "Session")
}
