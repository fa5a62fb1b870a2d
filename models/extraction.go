package models

import (
	"slices"
	"time"
)

// Extraction is one file on its way to typed data. Its rows are changed by
// compare-and-set alone: RunID fences the run that owns it, so a late write of
// an older run changes nothing.
type Extraction struct {
	ID       string `gorm:"primaryKey"`
	TenantID string
	FileID   string
	// SearchName is the file's: a list then searches without a look at its files.
	SearchName string
	// DocumentID is the template: the one that the upload named, or else what
	// the analysis chose; nil while that is open or where none fits.
	DocumentID *string
	// RequestedDocumentID is the template that the upload named; the analysis
	// then has nothing to choose.
	RequestedDocumentID *string
	Status              Status
	Attempt             int // from 1; each retry or reset adds one
	// RunID is the Temporal run that owns the row, empty while none does.
	RunID string
	// RunBegunAt is when that run's code began, in Unix nanoseconds: it grows
	// from reset to reset, so a late Begin of an older run loses. 0: none yet.
	RunBegunAt  int64
	Sequence    int // how often it has ended: the number of the event that told so last
	PageCount   int
	Data        map[string]any      `gorm:"column:extracted_data;serializer:json"`
	Evidence    map[string]Evidence `gorm:"serializer:json"`
	Checks      []Check             `gorm:"serializer:json"`
	Suggested   *DocumentDraft      `gorm:"column:suggested_template;serializer:json"` // where no template fits
	Usage       *Usage              `gorm:"serializer:json"`                           // nil: no model was asked
	Error       *string             // a sentence for the user, nil unless failed
	FailureType FailureType         // empty unless failed
	Source      Source
	AppName     string
	CreatedAt   time.Time
	UpdatedAt   time.Time
	CompletedAt *time.Time
}

// ExtractionDetail is an extraction with what it refers to. Document is nil
// where no template was chosen or the chosen one is deleted.
type ExtractionDetail struct {
	Extraction
	File     File
	Document *Document
	Email    *EmailView // nil unless a mailbox brought it; its body is read where it is asked for
}

// ExtractionSummary is an extraction as lists show it: without its data,
// evidence and checks, which can be large.
type ExtractionSummary struct {
	Extraction
	File         File
	DocumentName *string    // nil as in ExtractionDetail
	Email        *EmailView // without its body
}

// ExtractionFilter narrows a list of extractions; an empty value does not.
type ExtractionFilter struct {
	Status     Status
	DocumentID string
	Search     string // part of the file name, without case
}

// Status is where an extraction stands.
type Status string

// The statuses, as the guide spells them.
const (
	StatusUploaded         Status = "uploaded"
	StatusAnalyzing        Status = "analyzing"
	StatusAnalyzed         Status = "analyzed"
	StatusExtracting       Status = "extracting"
	StatusCompleted        Status = "completed"
	StatusAnalysisFailed   Status = "analysis failed"
	StatusExtractionFailed Status = "extraction failed"
	StatusFailed           Status = "failed"
)

// Statuses lists them in the order of the guide's flow.
func Statuses() []Status {
	return []Status{
		StatusUploaded, StatusAnalyzing, StatusAnalyzed, StatusExtracting, StatusCompleted,
		StatusAnalysisFailed, StatusExtractionFailed, StatusFailed,
	}
}

// Valid says whether s is one of Statuses.
func (s Status) Valid() bool { return slices.Contains(Statuses(), s) }

// CanRetry says whether an extraction in this status may be retried: the
// failed ones alone.
func (s Status) CanRetry() bool {
	return s == StatusAnalysisFailed || s == StatusExtractionFailed || s == StatusFailed
}

// InProgress says whether a run is still to change the status.
func (s Status) InProgress() bool { return s != StatusCompleted && !s.CanRetry() }

// Reached says whether a run that stands at s has been at other: a write that is
// repeated after the run went on is done already.
func (s Status) Reached(other Status) bool {
	if s == other {
		return true
	}
	flow := Statuses()[:5] // up to completed; a failure follows from any of them
	return slices.Contains(flow, other) && slices.Index(flow, s) > slices.Index(flow, other)
}
