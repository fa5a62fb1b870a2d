package store

import (
	"context"

	"decoded.digital/extractor/models"
)

// FindAPIKey finds a key by its keyed hash, disabled and expired ones too.
func (s *System) FindAPIKey(ctx context.Context, hash string) (models.APIKey, error) {
	var key models.APIKey
	err := s.db.WithContext(ctx).Where("hash = ?", hash).Take(&key).Error
	return key, translate(err, "API key")
}
