package api

import (
	"context"
	"errors"
	"time"

	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/internal/logs"
	"decoded.digital/extractor/models"
)

// Extract answers POST /extract. The answer is a promise that the outbox keeps,
// so it is a success even while Temporal is away.
func (s *Server) Extract(ctx context.Context, r ExtractRequestObject) (ExtractResponseObject, error) {
	form, err := s.received(ctx, r.Body)
	if err != nil {
		return nil, err
	}
	defer form.close()
	ctx, caller := requestOf(ctx)
	order := intake.Order{ID: subjectID(ctx), Source: models.SourceEmbed, DocumentID: form.fields["documentId"]}
	x, entry, err := s.Intake.Extract(ctx, caller, form.upload, order)
	if err != nil {
		return nil, err
	}
	s.runNow(ctx, entry, func(ctx context.Context) error { return s.Runner.Start(ctx, x) })
	return Extract200JSONResponse{Data: s.started(&x, "File uploaded and extraction started")}, nil
}

// promptly is how long a client waits for what the relay can do as well.
const promptly = 3 * time.Second

// runNow does what the outbox entry promises at once, whether or not the client
// waits for it; what fails is left to the relay. A request that was done before,
// and lost its answer, has no entry.
func (s *Server) runNow(ctx context.Context, entry models.OutboxEntry, run func(context.Context) error) {
	if entry.ID == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), promptly)
	defer cancel()
	logs.Add(ctx, logs.ExtractionID, entry.ExtractionID())
	err := run(ctx)
	if err == nil {
		err = s.Store.System().DeleteOutbox(ctx, entry.ID)
	}
	if err != nil {
		s.Logger.WarnContext(ctx, "left to the relay", "kind", entry.Kind, "id", entry.SubjectID, "error", err)
	}
}

func (s *Server) started(x *models.ExtractionDetail, message string) Started {
	return Started{
		Success: true, ExtractionID: x.ID, FileName: x.File.Name, FileType: x.File.Type, FileURL: s.FileURL(x.File),
		Status: Processing, Message: message,
	}
}

// ListExtractions answers GET /extractions.
func (s *Server) ListExtractions(ctx context.Context, r ListExtractionsRequestObject) (ListExtractionsResponseObject, error) {
	ctx, caller := requestOf(ctx)
	page, err := s.page(r.Params.Page, r.Params.Limit, r.Params.AsOf)
	if err != nil {
		return nil, err
	}
	filter := models.ExtractionFilter{Status: or(r.Params.Status), DocumentID: or(r.Params.DocumentID)}
	if filter.Search, err = search(r.Params.Search); err != nil {
		return nil, err
	}
	if filter.Status != "" && !filter.Status.Valid() {
		return nil, models.Invalid("status must be one of %v", models.Statuses())
	}
	if filter.DocumentID != "" && !models.ValidID(filter.DocumentID) {
		return nil, models.Invalid("documentId: Invalid document ID format")
	}
	rows, total, err := s.Store.ListExtractions(ctx, caller, filter, page)
	if err != nil {
		return nil, err
	}
	if total == 0 && filter.DocumentID != "" { // what a deleted document extracted is still listed
		if _, err := s.Store.GetDocument(ctx, caller, filter.DocumentID); err != nil {
			return nil, err
		}
	}
	return ListExtractions200JSONResponse{Data: ExtractionList{Items: views(rows, s.extractionItem), Pagination: pagination(page, total)}}, nil
}

func (s *Server) extractionItem(x *models.ExtractionSummary) ExtractionItem {
	return ExtractionItem{
		ID: x.ID, UnderscoreID: x.ID, FileID: x.File.ID, FileName: x.File.Name, FileType: x.File.Type, FileSize: x.File.Size,
		FileURL: s.FileURL(x.File), Status: x.Status, DocumentID: x.DocumentID, DocumentName: x.DocumentName, Error: x.Error, Email: x.Email,
		Source: x.Source, AppName: x.AppName, CreatedAt: models.FormatTime(x.CreatedAt), UpdatedAt: models.FormatTime(x.UpdatedAt),
	}
}

// GetExtraction answers GET /extractions/:id.
func (s *Server) GetExtraction(ctx context.Context, r GetExtractionRequestObject) (GetExtractionResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "extraction"); err != nil {
		return nil, err
	}
	x, err := s.Store.GetExtraction(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	view := x.View(s.FileURL(x.File))
	if s.RunURL != nil && caller.Role.AtLeast(models.RoleAdmin) {
		view.WorkflowURL = s.RunURL(x.ID)
	}
	return GetExtraction200JSONResponse{Data: view}, nil
}

// DeleteExtraction answers DELETE /extractions/:id. Whatever the run still
// writes meets no row.
func (s *Server) DeleteExtraction(ctx context.Context, r DeleteExtractionRequestObject) (DeleteExtractionResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "extraction"); err != nil {
		return nil, err
	}
	entry, err := s.Store.DeleteExtraction(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	s.runNow(ctx, entry, func(ctx context.Context) error {
		return errors.Join(s.Runner.Cancel(ctx, r.ID), s.Intake.Discard(ctx, entry.Detail))
	})
	return DeleteExtraction200JSONResponse{Data: Deleted{Deleted: true, ID: r.ID}}, nil
}

// RetryExtraction answers POST /extractions/:id/retry.
func (s *Server) RetryExtraction(ctx context.Context, r RetryExtractionRequestObject) (RetryExtractionResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "extraction"); err != nil {
		return nil, err
	}
	entry, err := s.Store.RetryExtraction(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	x, err := s.Store.GetExtraction(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	s.runNow(ctx, entry, func(ctx context.Context) error { return s.Runner.Reset(ctx, x, entry.Detail) })
	return RetryExtraction200JSONResponse{Data: Retried{Success: true, ExtractionID: r.ID, Message: "Extraction retry initiated"}}, nil
}
