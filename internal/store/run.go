package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"decoded.digital/extractor/models"
)

// Result is what an extraction found.
type Result struct {
	Data     map[string]any
	Evidence map[string]models.Evidence
	Checks   []models.Check
	// Suggested is a template for the document, where none fits.
	Suggested *models.DocumentDraft
	Usage     *models.Usage // nil: no language model was asked
}

// LoadExtraction reads an extraction for its run, with its file and template.
func (s *System) LoadExtraction(ctx context.Context, id string) (models.ExtractionDetail, error) {
	var row struct {
		models.Extraction
		File models.File `gorm:"embedded;embeddedPrefix:f_"`
	}
	err := s.db.WithContext(ctx).Table("extractions AS x").Select("x.*, "+fileColumns).
		Joins("JOIN files f ON f.id = x.file_id AND f.tenant_id = x.tenant_id").Where("x.id = ?", id).Take(&row).Error
	if err != nil {
		return models.ExtractionDetail{}, translate(err, "Extraction")
	}
	x := models.ExtractionDetail{Extraction: row.Extraction, File: row.File}
	if x.DocumentID != nil {
		var documents []models.Document // none where it was deleted
		err := s.db.WithContext(ctx).Where("id = ? AND tenant_id = ?", *x.DocumentID, x.TenantID).Limit(1).Find(&documents).Error
		if err != nil {
			return models.ExtractionDetail{}, translate(err, "Document")
		}
		for i := range documents {
			x.Document = &documents[i]
		}
	}
	return x, nil
}

func (s *System) extraction(ctx context.Context, id string) (models.Extraction, error) {
	var x models.Extraction
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&x).Error
	return x, translate(err, "Extraction")
}

// LoadFileOf reads the file of an extraction; NotFound once that was deleted.
func (s *System) LoadFileOf(ctx context.Context, id string) (models.File, error) {
	var f models.File
	err := s.db.WithContext(ctx).Where("id = (SELECT file_id FROM extractions WHERE id = ?)", id).Take(&f).Error
	return f, translate(err, "Extraction")
}

// Begin makes runID the owner of the row, at analyzing, whoever made the run: a
// start, a retry or an operator's reset. begunAt, in Unix nanoseconds, grows
// from run to run, so a late Begin of an older run is a Conflict. Only a reset
// that passed no retry of ours adds an attempt here; a run whose worker died
// begins again, later, and adds none.
func (s *System) Begin(ctx context.Context, id, runID string, begunAt int64) (models.Extraction, error) {
	var x models.Extraction
	taken := s.db.WithContext(ctx).Model(&x).Clauses(clause.Returning{}).Where("id = ? AND run_begun_at < ?", id, begunAt).
		Updates(map[string]any{
			"run_id": runID, "run_begun_at": begunAt, "status": models.StatusAnalyzing,
			"attempt":      gorm.Expr("CASE WHEN status = ? OR run_id = ? THEN attempt ELSE attempt + 1 END", models.StatusUploaded, runID),
			"error":        nil,
			"failure_type": "",
			"completed_at": nil,
			"updated_at":   s.now(),
		})
	if taken.Error != nil {
		return models.Extraction{}, translate(taken.Error, "Extraction")
	}
	if taken.RowsAffected == 1 {
		return x, nil
	}
	x, err := s.extraction(ctx, id)
	if err == nil && x.RunID != runID {
		return x, models.Conflict("a newer run has the extraction")
	}
	return x, err
}

// Adopt makes runID the owner of the row, at a status in progress: an operator
// reset a run to a point behind its beginning, so that the new run's history has
// another's Begin. at is as Begin's begunAt. Repeated, or where a newer run has
// the row, it changes nothing: the next write tells.
func (s *System) Adopt(ctx context.Context, id, runID string, at int64, to models.Status) error {
	err := s.db.WithContext(ctx).Model(&models.Extraction{}).Where("id = ? AND run_id <> ? AND run_begun_at < ?", id, runID, at).
		Updates(map[string]any{
			"run_id": runID, "run_begun_at": at, "status": to,
			"attempt":      gorm.Expr("CASE WHEN status IN ? THEN attempt ELSE attempt + 1 END", inProgress()),
			"error":        nil,
			"failure_type": "",
			"completed_at": nil,
			"updated_at":   s.now(),
		}).Error
	return translate(err, "Extraction")
}

func inProgress() []models.Status {
	return []models.Status{models.StatusUploaded, models.StatusAnalyzing, models.StatusAnalyzed, models.StatusExtracting}
}

// SaveAnalysis keeps what the analysis found and moves on to extracting, in one
// write: nobody could see the status between them. Like every write of a run it
// is a compare-and-set: what this run has done before, or has gone past, is a
// success that changes nothing; a row that it lost is a Conflict.
func (s *System) SaveAnalysis(ctx context.Context, id, runID string, documentID *string, pageCount int) error {
	_, err := s.change(s.db.WithContext(ctx), id, runID, []models.Status{models.StatusAnalyzing}, models.StatusExtracting,
		&models.Extraction{DocumentID: documentID, PageCount: pageCount}, "DocumentID", "PageCount")
	return err
}

// Complete keeps the result and writes a delivery, with its promise, for each
// webhook that is to be told, as one. It answers whether there was one.
func (s *System) Complete(ctx context.Context, id, runID string, r Result) (promised bool, err error) {
	now := s.now()
	return s.finish(ctx, id, runID, []models.Status{models.StatusExtracting}, models.StatusCompleted, models.EventExtractionCompleted,
		&models.Extraction{Data: r.Data, Evidence: r.Evidence, Checks: r.Checks, Suggested: r.Suggested, Usage: r.Usage, CompletedAt: &now},
		"Data", "Evidence", "Checks", "Suggested", "Usage", "CompletedAt")
}

// Fail keeps why the extraction failed and writes the deliveries, as one.
func (s *System) Fail(ctx context.Context, id, runID string, to models.Status, kind models.FailureType, message string) error {
	_, err := s.finish(ctx, id, runID, inProgress(), to, models.EventExtractionFailed,
		&models.Extraction{Error: &message, FailureType: kind}, "Error", "FailureType")
	return err
}

// FailLost fails an extraction whose run is closed or gone. runID is the run
// that was looked at: if another took the row since, it is a Conflict.
func (s *System) FailLost(ctx context.Context, id, runID, message string) error {
	return s.Fail(ctx, id, runID, models.StatusFailed, models.FailureRunLost, message)
}

func (s *System) finish(ctx context.Context, id, runID string, from []models.Status, to models.Status, event models.EventType, values *models.Extraction, columns ...string) (promised bool, err error) {
	var changed bool
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
		if changed, err = s.change(tx, id, runID, from, to, values, columns...); err != nil {
			return err
		}
		x := models.Extraction{ID: id}
		if changed {
			err = tx.Model(&x).Clauses(newsColumns()).UpdateColumn("sequence", gorm.Expr("sequence + 1")).Error
		} else {
			err = tx.Take(&x).Error
		}
		if err != nil {
			return err
		}
		promised, err = s.promiseDeliveries(tx, &x, event)
		return err
	})
	if err == nil && changed {
		s.countExtraction(ctx, to, values.FailureType, 1)
	}
	return promised, translate(err, "Extraction")
}

// newsColumns are those that a delivery takes from the extraction.
func newsColumns() clause.Returning {
	return clause.Returning{Columns: []clause.Column{{Name: "tenant_id"}, {Name: "document_id"}, {Name: "attempt"}, {Name: "sequence"}}}
}

// change moves the row from one of the statuses to another and sets columns of
// values, fenced by the run. It answers whether the row was changed, or had been
// by this run before.
func (s *System) change(db *gorm.DB, id, runID string, from []models.Status, to models.Status, values *models.Extraction, columns ...string) (bool, error) {
	if values == nil {
		values = &models.Extraction{}
	}
	values.Status, values.UpdatedAt = to, s.now()
	changed := db.Model(&models.Extraction{}).Where("id = ? AND run_id = ? AND status IN ?", id, runID, from).
		Select(append([]string{"Status", "UpdatedAt"}, columns...)).Updates(values)
	if changed.Error != nil {
		return false, translate(changed.Error, "Extraction")
	}
	if changed.RowsAffected == 1 {
		return true, nil
	}
	var x models.Extraction
	if err := db.Where("id = ?", id).Take(&x).Error; err != nil {
		return false, translate(err, "Extraction")
	}
	if x.RunID == runID && x.Status.Reached(to) {
		return false, nil
	}
	return false, models.Conflict("the extraction is %q and no longer this run's", x.Status)
}

// ListStale reads extractions in progress that nothing has changed since before
// and that no outbox entry is about to start, in the order of their ids, from
// the one behind after on.
func (s *System) ListStale(ctx context.Context, before time.Time, after string, limit int) ([]models.Extraction, error) {
	var rows []models.Extraction
	err := s.db.WithContext(ctx).
		Where("status IN ?", inProgress()).
		Where("updated_at < ? AND id > ? AND NOT EXISTS (SELECT 1 FROM outbox WHERE subject_id = extractions.id)", before, after).
		Order("id").Limit(limit).Find(&rows).Error
	return rows, translate(err, "Extraction")
}
