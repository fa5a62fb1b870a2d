package store

import (
	"context"

	"decoded.digital/extractor/models"
)

// LoadFile reads a file for who has its signed address.
func (s *System) LoadFile(ctx context.Context, id string) (models.File, error) {
	var f models.File
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&f).Error
	return f, translate(err, "File")
}
