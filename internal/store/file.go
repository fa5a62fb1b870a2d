package store

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"decoded.digital/extractor/models"
)

// CreateFile writes a file that is uploaded by itself.
func (s *Store) CreateFile(ctx context.Context, caller models.Caller, f *models.File) error {
	f.TenantID, f.SearchName = caller.TenantID, strings.ToLower(f.Name)
	return translate(s.db.WithContext(ctx).Create(f).Error, "File")
}

// GetFile reads a file.
func (s *Store) GetFile(ctx context.Context, caller models.Caller, id string) (models.File, error) {
	var f models.File
	err := s.of(ctx, caller).Where("id = ?", id).Take(&f).Error
	return f, translate(err, "File")
}

// ListFiles reads a page of files, newest first, and how many there are in all.
func (s *Store) ListFiles(ctx context.Context, caller models.Caller, f models.FileFilter, p models.Page) ([]models.File, int64, error) {
	query := s.of(ctx, caller).Model(&models.File{})
	if f.Type != "" {
		query = query.Where("type = ?", f.Type)
	}
	if f.Search != "" {
		query = s.search(query, f.Search)
	}
	return list[models.File](s.of(ctx, caller), query, p, "File")
}

// DeleteFile deletes a file that no extraction has, and promises that its bytes
// follow.
func (s *Store) DeleteFile(ctx context.Context, caller models.Caller, id string) (models.OutboxEntry, error) {
	var f models.File
	entry := s.newEntry(ctx, caller.TenantID, models.OutboxDelete, id, 0, startGrace)
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := tx.Where("id = ? AND tenant_id = ?", id, caller.TenantID).Take(&f).Error; err != nil {
			return err
		}
		used, err := hasExtractions(tx, id)
		if err != nil {
			return err
		}
		if used {
			return models.Conflict("The file belongs to an extraction; delete that first")
		}
		if err := tx.Where("id = ? AND tenant_id = ?", id, caller.TenantID).Delete(&models.File{}).Error; err != nil {
			return err
		}
		entry.Detail = f.BlobKey
		return tx.Create(&entry).Error
	})
	return entry, translate(err, "File")
}

func hasExtractions(tx *gorm.DB, fileID string) (bool, error) {
	var count int64
	err := tx.Model(&models.Extraction{}).Where("file_id = ?", fileID).Limit(1).Count(&count).Error
	return count > 0, err
}

// LoadFile reads a file for who has its signed address.
func (s *System) LoadFile(ctx context.Context, id string) (models.File, error) {
	var f models.File
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&f).Error
	return f, translate(err, "File")
}
