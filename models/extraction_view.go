package models

import (
	"time"
)

// TimeFormat is how every time is written on the wire: UTC, ISO 8601 with
// milliseconds.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// FormatTime writes t as TimeFormat.
func FormatTime(t time.Time) string { return t.UTC().Format(TimeFormat) }

// ExtractionView is an extraction as the host application sees it: the detail
// answer of GET /extractions/:id and the data of a webhook call are this one
// shape. The guide shows id in some answers and _id in others; both stand in
// all of them.
type ExtractionView struct {
	ID            string         `json:"id"`
	LegacyID      string         `json:"_id"`
	FileID        string         `json:"fileId"`
	FileName      string         `json:"fileName"`
	FileType      string         `json:"fileType"`
	FileSize      int64          `json:"fileSize"`
	FileURL       string         `json:"fileUrl"`
	Status        Status         `json:"status"`
	Attempt       int            `json:"attempt"`
	PageCount     int            `json:"pageCount"`
	ExtractedData map[string]any `json:"extractedData"`
	// SuggestedTemplate is a template for a document that none fits, ready for POST
	// /documents.
	SuggestedTemplate *DocumentDraft      `json:"suggestedTemplate,omitempty"`
	Evidence          map[string]Evidence `json:"evidence"`
	Checks            []Check             `json:"checks"`
	Usage             *Usage              `json:"usage"` // null: no language model was asked
	Error             *string             `json:"error"`
	Failure           *FailureView        `json:"failure"`
	WorkflowURL       string              `json:"workflowUrl,omitempty"` // for owners and admins
	DocumentID        *string             `json:"documentId"`
	Document          *DocumentView       `json:"document"`
	Source            Source              `json:"source"`
	AppName           string              `json:"appName"`
	Email             *EmailView          `json:"email"`
	CreatedAt         string              `json:"createdAt"`
	UpdatedAt         string              `json:"updatedAt"`
}

// FailureView is what kind of failure an extraction ended with.
type FailureView struct {
	Type       FailureType `json:"type"`
	RetryHelps bool        `json:"retryHelps"`
}

// EmailView is the e-mail that brought a file, in Microsoft Graph's shape as
// the guide has it. Body stands in the detail answer alone.
type EmailView struct {
	From         EmailAddress   `json:"from"`
	ToRecipients []EmailAddress `json:"toRecipients"`
	CcRecipients []EmailAddress `json:"ccRecipients"`
	Subject      string         `json:"subject"`
	BodyPreview  string         `json:"bodyPreview"`
	Body         *EmailBody     `json:"body,omitempty"`
}

// EmailAddress is a sender or recipient.
type EmailAddress struct {
	EmailAddress struct {
		Name    string `json:"name"`
		Address string `json:"address"`
	} `json:"emailAddress"`
}

// EmailBody is an e-mail's text as it came.
type EmailBody struct {
	ContentType string `json:"contentType"`
	Content     string `json:"content"`
}

// DocumentView is a template as the host application sees it.
type DocumentView struct {
	ID          string  `json:"id"`
	LegacyID    string  `json:"_id"`
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Fields      []Field `json:"fields"`
	CreatedAt   string  `json:"createdAt"`
	UpdatedAt   string  `json:"updatedAt"`
}

// DocumentDraft is a template that is not stored: what POST /documents takes.
type DocumentDraft struct {
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Fields      []Field `json:"fields"`
}

// Draft is the template without what a store adds to it.
func (d *Document) Draft() *DocumentDraft {
	return &DocumentDraft{Name: d.Name, Description: d.Description, Fields: d.Fields}
}

// View is the detail as the host application sees it; fileURL is where its
// bytes can be fetched for a while.
func (d *ExtractionDetail) View(fileURL string) ExtractionView {
	v := ExtractionView{
		ID: d.ID, LegacyID: d.ID, FileID: d.File.ID, FileName: d.File.Name, FileType: d.File.Type,
		FileSize: d.File.Size, FileURL: fileURL, Status: d.Status, Attempt: d.Attempt, PageCount: d.PageCount,
		ExtractedData: d.Data, SuggestedTemplate: d.Suggested, Evidence: d.Evidence, Checks: d.Checks, Usage: d.Usage, Error: d.Error, DocumentID: d.DocumentID,
		Source: d.Source, AppName: d.AppName, CreatedAt: FormatTime(d.CreatedAt), UpdatedAt: FormatTime(d.UpdatedAt),
	}
	if d.FailureType != "" {
		v.Failure = &FailureView{Type: d.FailureType, RetryHelps: d.FailureType.RetryHelps()}
	}
	v.Email = d.Email
	if d.Document != nil {
		document := d.Document.View()
		v.Document = &document
	}
	return v
}

// View is the template as the host application sees it.
func (d *Document) View() DocumentView {
	return DocumentView{
		ID: d.ID, LegacyID: d.ID, Name: d.Name, Description: d.Description, Fields: d.Fields,
		CreatedAt: FormatTime(d.CreatedAt), UpdatedAt: FormatTime(d.UpdatedAt),
	}
}
