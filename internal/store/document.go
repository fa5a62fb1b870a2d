package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

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

// DeleteDocument deletes a template; what it extracted stays. Webhooks that are
// for it stay for the others, or are switched off where it was the last.
func (s *Store) DeleteDocument(ctx context.Context, caller models.Caller, id string) error {
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := found(tx.Where("id = ? AND tenant_id = ?", id, caller.TenantID).Delete(&models.Document{}), "Document"); err != nil {
			return err
		}
		var hooks []models.Webhook
		// Ids are hex digits: as a JSON string one stands for itself alone.
		selected := s.lock(tx).Where("tenant_id = ? AND scope = ? AND document_ids LIKE ?", caller.TenantID, models.ScopeSelected, `%"`+id+`"%`)
		if err := selected.Order("id").Find(&hooks).Error; err != nil {
			return err
		}
		for i := range hooks {
			if err := s.dropDocument(tx, &hooks[i], id); err != nil {
				return err
			}
		}
		return nil
	})
	return translate(err, "Document")
}

func (s *Store) dropDocument(tx *gorm.DB, w *models.Webhook, documentID string) error {
	wasActive := w.IsActive
	w.DocumentIDs = slices.DeleteFunc(w.DocumentIDs, func(id string) bool { return id == documentID })
	w.UpdatedAt = s.now()
	if len(w.DocumentIDs) == 0 {
		w.SwitchOff(models.StopNoDocuments)
	}
	if err := tx.Model(w).Select("DocumentIDs", "IsActive", "StopReason", "UpdatedAt").UpdateColumns(w).Error; err != nil {
		return err
	}
	if wasActive && !w.IsActive {
		return s.tellOthers(tx, w)
	}
	return nil
}

// ListDocumentsOf reads every template of a tenant, oldest first.
func (s *System) ListDocumentsOf(ctx context.Context, tenantID string) ([]models.Document, error) {
	var rows []models.Document
	err := s.db.WithContext(ctx).Where("tenant_id = ?", tenantID).Order("created_at, id").Find(&rows).Error
	return rows, translate(err, "Document")
}

// PastFilesOf lists the blob keys of the files from which a tenant's template was
// filled last, the newest first.
func (s *System) PastFilesOf(ctx context.Context, tenantID, documentID string, limit int) ([]string, error) {
	var keys []string
	err := s.db.WithContext(ctx).Model(&models.Extraction{}).
		Joins("JOIN files ON files.id = extractions.file_id").
		Where("extractions.tenant_id = ? AND extractions.document_id = ? AND extractions.status = ?", tenantID, documentID, models.StatusCompleted).
		Order("extractions.created_at DESC, extractions.id DESC").Limit(limit).Pluck("files.blob_key", &keys).Error
	return keys, translate(err, "Extraction")
}
