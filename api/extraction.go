package api

import (
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/models"
)

type extractAnswer struct {
	Success      bool   `json:"success"`
	ExtractionID string `json:"extractionId"`
	FileName     string `json:"fileName"`
	FileType     string `json:"fileType"`
	FileURL      string `json:"fileUrl"`
	Status       string `json:"status"`
	Message      string `json:"message"`
}

// extract takes a file in. The answer is a promise that the outbox keeps, so it
// is a success even while Temporal is away.
func (s *server) extract(c *gin.Context, caller models.Caller) (extractAnswer, error) {
	upload, err := readUpload(c)
	if err != nil {
		return extractAnswer{}, err
	}
	ctx := c.Request.Context()
	x, entry, err := s.Intake.Accept(ctx, caller, upload)
	if err != nil {
		return extractAnswer{}, err
	}
	s.runNow(ctx, entry, func() error { return s.Runner.Start(ctx, x) })
	return extractAnswer{
		Success: true, ExtractionID: x.ID, FileName: x.File.Name, FileType: x.File.Type, FileURL: s.fileURL(x.File),
		Status: "processing", Message: "File uploaded and extraction started",
	}, nil
}

// runNow does what the outbox entry promises at once; what fails is left to the
// relay.
func (s *server) runNow(ctx context.Context, entry models.OutboxEntry, run func() error) {
	err := run()
	if err == nil {
		err = s.Store.System().DeleteOutbox(ctx, entry.ID)
	}
	if err != nil {
		s.Logger.WarnContext(ctx, "left to the relay", "kind", entry.Kind, "id", entry.SubjectID, "error", err)
	}
}

// readUpload finds the file and the fields of a multipart body.
func readUpload(c *gin.Context) (intake.Upload, error) {
	// The parts around the file are small; the file's own size is intake's to judge.
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, intake.MaxFileSize+1<<20)
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return intake.Upload{}, models.Invalid("the body must be multipart/form-data with a part named file")
	}
	upload := intake.Upload{Source: models.SourceEmbed}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return upload, models.Invalid("the multipart body ended early or is larger than 11 MB")
		}
		if err := readPart(part, &upload); err != nil {
			return upload, err
		}
	}
	if upload.Content == nil {
		return upload, models.Invalid("file is required: send it as the part named file")
	}
	return upload, nil
}

func readPart(part *multipart.Part, upload *intake.Upload) error {
	content, err := io.ReadAll(io.LimitReader(part, intake.MaxFileSize+1))
	if err != nil {
		return models.Invalid("the multipart body ended early or is larger than 11 MB")
	}
	switch part.FormName() {
	case "file":
		upload.Name, upload.Content = part.FileName(), strings.NewReader(string(content))
	case "documentId":
		upload.DocumentID = strings.TrimSpace(string(content))
		if upload.DocumentID != "" && !models.ValidID(upload.DocumentID) {
			return models.Invalid("Invalid document ID format")
		}
	}
	return nil
}

// extractionItem is an extraction in a list: without data, evidence and the
// template's fields.
type extractionItem struct {
	ID           string        `json:"id"`
	LegacyID     string        `json:"_id"`
	FileName     string        `json:"fileName"`
	FileType     string        `json:"fileType"`
	FileSize     int64         `json:"fileSize"`
	FileURL      string        `json:"fileUrl"`
	Status       models.Status `json:"status"`
	DocumentID   *string       `json:"documentId"`
	DocumentName *string       `json:"documentName"`
	Error        *string       `json:"error"`
	Source       models.Source `json:"source"`
	AppName      string        `json:"appName"`
	CreatedAt    string        `json:"createdAt"`
	UpdatedAt    string        `json:"updatedAt"`
}

func (s *server) extractionItem(x *models.ExtractionDetail) extractionItem {
	item := extractionItem{
		ID: x.ID, LegacyID: x.ID, FileName: x.File.Name, FileType: x.File.Type, FileSize: x.File.Size, FileURL: s.fileURL(x.File),
		Status: x.Status, DocumentID: x.DocumentID, Error: x.Error, Source: x.Source, AppName: x.AppName,
		CreatedAt: models.FormatTime(x.CreatedAt), UpdatedAt: models.FormatTime(x.UpdatedAt),
	}
	if x.Document != nil {
		item.DocumentName = &x.Document.Name
	}
	return item
}

func (s *server) listExtractions(c *gin.Context, caller models.Caller) (list[extractionItem], error) {
	page, err := queryPage(c)
	if err != nil {
		return list[extractionItem]{}, err
	}
	filter := models.ExtractionFilter{Status: models.Status(c.Query("status")), DocumentID: c.Query("documentId"), Search: c.Query("search")}
	if filter.Status != "" && !filter.Status.Valid() {
		return list[extractionItem]{}, models.Invalid("status must be one of %v", models.Statuses())
	}
	if filter.DocumentID != "" && !models.ValidID(filter.DocumentID) {
		return list[extractionItem]{}, models.Invalid("Invalid document ID format")
	}
	rows, total, err := s.Store.ListExtractions(c.Request.Context(), caller, filter, page)
	if err != nil {
		return list[extractionItem]{}, err
	}
	return newList(rows, total, page, s.extractionItem), nil
}

func (s *server) getExtraction(c *gin.Context, caller models.Caller) (models.ExtractionView, error) {
	id, err := pathID(c, "extraction")
	if err != nil {
		return models.ExtractionView{}, err
	}
	x, err := s.Store.GetExtraction(c.Request.Context(), caller, id)
	if err != nil {
		return models.ExtractionView{}, err
	}
	return x.View(s.fileURL(x.File)), nil
}

// deleteExtraction removes rows and bytes; the run, if there is one, finds its
// row gone and ends.
func (s *server) deleteExtraction(c *gin.Context, caller models.Caller) (deletedAnswer, error) {
	id, err := pathID(c, "extraction")
	if err != nil {
		return deletedAnswer{}, err
	}
	ctx := c.Request.Context()
	x, err := s.Store.DeleteExtraction(ctx, caller, id)
	if err != nil {
		return deletedAnswer{}, err
	}
	if x.Status.InProgress() {
		if err := s.Runner.Cancel(ctx, id); err != nil {
			s.Logger.WarnContext(ctx, "cancel the run of a deleted extraction", "id", id, "error", err)
		}
	}
	for _, key := range []string{x.File.BlobKey, x.File.BlobKey + ".pages"} {
		if err := s.Blobs.Delete(ctx, key); err != nil {
			s.Logger.ErrorContext(ctx, "delete a blob", "id", id, "error", err)
		}
	}
	return deletedAnswer{Deleted: true, ID: id}, nil
}

type retryAnswer struct {
	Success      bool   `json:"success"`
	ExtractionID string `json:"extractionId"`
	Message      string `json:"message"`
}

func (s *server) retryExtraction(c *gin.Context, caller models.Caller) (retryAnswer, error) {
	id, err := pathID(c, "extraction")
	if err != nil {
		return retryAnswer{}, err
	}
	ctx := c.Request.Context()
	entry, err := s.Store.RetryExtraction(ctx, caller, id)
	if err != nil {
		return retryAnswer{}, err
	}
	x, err := s.Store.GetExtraction(ctx, caller, id)
	if err != nil {
		return retryAnswer{}, err
	}
	s.runNow(ctx, entry, func() error { return s.Runner.Reset(ctx, x) })
	return retryAnswer{Success: true, ExtractionID: id, Message: "Extraction retry initiated"}, nil
}
