package store

import (
	"context"

	"decoded.digital/extractor/models"
)

// CreateDocument writes a new template.
func (s *Store) CreateDocument(ctx context.Context, caller models.Caller, d *models.Document) error {
	d.TenantID = caller.TenantID
	return translate(s.db.WithContext(ctx).Create(d).Error, "Document")
}

// GetDocument reads a template.
func (s *Store) GetDocument(ctx context.Context, caller models.Caller, id string) (models.Document, error) {
	var d models.Document
	err := s.of(ctx, caller).Where("id = ?", id).Take(&d).Error
	return d, translate(err, "Document")
}

// ListDocuments reads a page of templates, newest first, and how many there are
// in all.
func (s *Store) ListDocuments(ctx context.Context, caller models.Caller, f models.DocumentFilter, p models.Page) ([]models.Document, int64, error) {
	query := s.of(ctx, caller).Model(&models.Document{})
	if f.Search != "" {
		like := pattern(f.Search)
		query = query.Where(`(LOWER(name) LIKE ? ESCAPE '\' OR LOWER(description) LIKE ? ESCAPE '\')`, like, like)
	}
	return list[models.Document](s.of(ctx, caller), query, p, "Document")
}

// UpdateDocument replaces a template's name, description and fields.
func (s *Store) UpdateDocument(ctx context.Context, caller models.Caller, id, name, description string, fields []models.Field) (models.Document, error) {
	changed := s.of(ctx, caller).Model(&models.Document{}).Where("id = ?", id).
		Select("Name", "Description", "Fields", "UpdatedAt").
		Updates(&models.Document{Name: name, Description: description, Fields: fields, UpdatedAt: s.now()})
	if changed.Error != nil {
		return models.Document{}, translate(changed.Error, "Document")
	}
	return s.GetDocument(ctx, caller, id)
}

// DeleteDocument deletes a template; what it extracted stays.
func (s *Store) DeleteDocument(ctx context.Context, caller models.Caller, id string) error {
	return found(s.of(ctx, caller).Where("id = ?", id).Delete(&models.Document{}), "Document")
}

// ListDocumentsOf reads every template of a tenant, oldest first.
func (s *System) ListDocumentsOf(ctx context.Context, tenantID string) ([]models.Document, error) {
	var rows []models.Document
	err := s.db.WithContext(ctx).Where("tenant_id = ?", tenantID).Order("created_at, id").Find(&rows).Error
	return rows, translate(err, "Document")
}
