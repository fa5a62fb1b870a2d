package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"decoded.digital/extractor/models"
)

// startGrace is how long the relay leaves a new entry to the API, which starts
// the run itself.
const startGrace = 5 * time.Second

// CreateExtraction writes file, extraction and the promise to run it as one. A
// file that is there already stays as it is.
func (s *Store) CreateExtraction(ctx context.Context, caller models.Caller, f *models.File, x *models.Extraction) (models.OutboxEntry, error) {
	f.TenantID, x.TenantID = caller.TenantID, caller.TenantID
	f.SearchName = strings.ToLower(f.Name)
	x.SearchName = f.SearchName
	entry := s.newEntry(ctx, caller.TenantID, models.OutboxStartExtraction, x.ID, x.Attempt, startGrace)
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(f).Error; err != nil {
			return err
		}
		if err := tx.Create(x).Error; err != nil {
			return err
		}
		return tx.Create(&entry).Error
	})
	return entry, translate(err, "Extraction")
}

// GetExtraction reads an extraction with its file and template.
func (s *Store) GetExtraction(ctx context.Context, caller models.Caller, id string) (models.ExtractionDetail, error) {
	var x models.Extraction
	if err := s.of(ctx, caller).Where("id = ?", id).Take(&x).Error; err != nil {
		return models.ExtractionDetail{}, translate(err, "Extraction")
	}
	details, err := s.details(ctx, []models.Extraction{x})
	if err != nil {
		return models.ExtractionDetail{}, err
	}
	emails, err := s.emails(ctx, caller.TenantID, []string{id}, true)
	details[0].Email = emails[id]
	return details[0], err
}

// ListExtractions reads a page of extractions, newest first, and how many there
// are in all.
func (s *Store) ListExtractions(ctx context.Context, caller models.Caller, f models.ExtractionFilter, p models.Page) ([]models.ExtractionSummary, int64, error) {
	query := s.of(ctx, caller).Model(&models.Extraction{})
	if f.Status != "" {
		query = query.Where("status = ?", f.Status)
	}
	if f.DocumentID != "" {
		query = query.Where("document_id = ?", f.DocumentID)
	}
	if f.Search != "" {
		query = s.search(query, f.Search)
	}
	ids, total, err := listIDs(query, p)
	if err != nil || len(ids) == 0 {
		return nil, total, translate(err, "Extraction")
	}
	var rows []summaryRow
	err = s.db.WithContext(ctx).Table("extractions AS x").Select(summaryColumns).
		Joins("JOIN files f ON f.id = x.file_id AND f.tenant_id = x.tenant_id").
		Joins("LEFT JOIN documents d ON d.id = x.document_id AND d.tenant_id = x.tenant_id").
		Where("x.tenant_id = ? AND x.id IN ?", caller.TenantID, ids).Order("x.created_at DESC, x.id DESC").Find(&rows).Error
	summaries := make([]models.ExtractionSummary, len(rows))
	for i, r := range rows {
		summaries[i] = models.ExtractionSummary{Extraction: r.Extraction, File: r.File, DocumentName: r.DocumentName}
	}
	if err != nil {
		return nil, total, translate(err, "Extraction")
	}
	emails, err := s.emails(ctx, caller.TenantID, ids, false)
	for i := range summaries {
		summaries[i].Email = emails[summaries[i].ID]
	}
	return summaries, total, err
}

// summaryRow is a row of ListExtractions' query.
type summaryRow struct {
	models.Extraction
	File         models.File `gorm:"embedded;embeddedPrefix:f_"`
	DocumentName *string
}

const summaryColumns = "x.id, x.tenant_id, x.file_id, x.document_id, x.status, x.attempt, x.page_count, x.error, x.source, x.app_name, " +
	"x.created_at, x.updated_at, " + fileColumns + ", d.name AS document_name"

// fileColumns are those of a file beside its extraction.
const fileColumns = "f.id AS f_id, f.tenant_id AS f_tenant_id, f.name AS f_name, f.type AS f_type, f.size AS f_size, f.blob_key AS f_blob_key"

// details adds files and templates to extractions, by one query each.
func (s *Store) details(ctx context.Context, rows []models.Extraction) ([]models.ExtractionDetail, error) {
	var fileIDs, documentIDs []string
	for _, x := range rows {
		fileIDs = append(fileIDs, x.FileID)
		if x.DocumentID != nil {
			documentIDs = append(documentIDs, *x.DocumentID)
		}
	}
	var files []models.File
	var documents []models.Document
	db := s.db.WithContext(ctx)
	if err := db.Where("id IN ?", fileIDs).Find(&files).Error; err != nil {
		return nil, translate(err, "File")
	}
	if len(documentIDs) > 0 {
		if err := db.Where("id IN ?", documentIDs).Find(&documents).Error; err != nil {
			return nil, translate(err, "Document")
		}
	}
	details := make([]models.ExtractionDetail, len(rows))
	for i, x := range rows {
		details[i].Extraction = x
		for _, f := range files {
			if f.ID == x.FileID && f.TenantID == x.TenantID {
				details[i].File = f
			}
		}
		for j, d := range documents {
			if x.DocumentID != nil && d.ID == *x.DocumentID && d.TenantID == x.TenantID {
				details[i].Document = &documents[j]
			}
		}
	}
	return details, nil
}

// DeleteExtraction deletes an extraction with its deliveries, and its file
// unless that was uploaded by itself or another extraction has it, and promises
// that the run ends and the bytes follow, as one.
func (s *Store) DeleteExtraction(ctx context.Context, caller models.Caller, id string) (models.OutboxEntry, error) {
	entry := s.newEntry(ctx, caller.TenantID, models.OutboxDelete, id, 0, startGrace)
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var x models.Extraction
		if err := tx.Where("id = ? AND tenant_id = ?", id, caller.TenantID).Take(&x).Error; err != nil {
			return err
		}
		deliveries := tx.Model(&models.Delivery{}).Select("id").Where("extraction_id = ?", id)
		if err := s.deleteDeliveries(tx, deliveries); err != nil {
			return err
		}
		if err := tx.Where("subject_id = ?", id).Delete(&models.OutboxEntry{}).Error; err != nil {
			return err
		}
		if err := tx.Where("subject_id = ?", id).Delete(&models.EventBody{}).Error; err != nil {
			return err
		}
		if err := forgetEmail(tx, id); err != nil {
			return err
		}
		if err := found(tx.Where("id = ? AND tenant_id = ?", id, caller.TenantID).Delete(&models.Extraction{}), "Extraction"); err != nil {
			return err
		}
		var err error
		if entry.Detail, err = deleteFileOf(tx, &x); err != nil {
			return err
		}
		return tx.Create(&entry).Error
	})
	return entry, translate(err, "Extraction")
}

// deleteFileOf deletes a deleted extraction's file where nothing else needs it,
// and answers where its bytes are.
func deleteFileOf(tx *gorm.DB, x *models.Extraction) (blobKey string, err error) {
	var f models.File
	if err := tx.Where("id = ? AND tenant_id = ?", x.FileID, x.TenantID).Take(&f).Error; err != nil {
		return "", err
	}
	used, err := hasExtractions(tx, f.ID)
	if err != nil || used || f.Standalone {
		return "", err
	}
	return f.BlobKey, tx.Where("id = ? AND tenant_id = ?", f.ID, f.TenantID).Delete(&models.File{}).Error
}

// RetryExtraction takes a failed extraction back to uploaded and promises the
// reset of its run, as one. Of many calls at once one wins; the others, and
// one for an extraction that has not failed, are a Conflict.
func (s *Store) RetryExtraction(ctx context.Context, caller models.Caller, id string) (models.OutboxEntry, error) {
	var entry models.OutboxEntry
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		failed := failedStatuses()
		won := tx.Model(&models.Extraction{}).Where("id = ? AND tenant_id = ? AND status IN ?", id, caller.TenantID, failed).
			Updates(map[string]any{
				"status": models.StatusUploaded, "attempt": gorm.Expr("attempt + 1"), "run_id": "",
				"error": nil, "failure_type": "", "updated_at": s.now(),
			})
		if won.Error != nil {
			return won.Error
		}
		var x models.Extraction
		if err := tx.Where("id = ? AND tenant_id = ?", id, caller.TenantID).Take(&x).Error; err != nil {
			return err
		}
		if won.RowsAffected == 0 {
			return models.Conflict("Only failed extractions can be retried; the status of this one is %q", x.Status)
		}
		entry = s.newEntry(ctx, caller.TenantID, models.OutboxRetryExtraction, id, x.Attempt, startGrace)
		entry.Detail = caller.Name()
		return tx.Create(&entry).Error
	})
	return entry, translate(err, "Extraction")
}
