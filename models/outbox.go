package models

import (
	"strconv"
	"time"
)

// OutboxEntry is a promise to do something outside of the database: written in
// the transaction that makes it necessary, deleted once it is done.
type OutboxEntry struct {
	ID        string `gorm:"primaryKey"`
	TenantID  string
	Kind      OutboxKind
	SubjectID string // of the extraction, the delivery or the file
	Attempt   int    // the extraction's attempt, for OutboxRetryExtraction
	// Detail is what the kind needs besides: for OutboxRetryExtraction who asked
	// for it, for OutboxDelete the blob that is to go, empty if the file stays,
	// for OutboxStartDelivery its round, empty for the first.
	Detail string
	// TraceParent is the trace of the request or the step that made the promise,
	// as the W3C's header traceparent has it; empty without one.
	TraceParent string
	DueAt       time.Time
	Tries       int // how often the relay took it
	CreatedAt   time.Time
}

// ExtractionID is the extraction that is to be started; empty where the entry
// promises something else.
func (e *OutboxEntry) ExtractionID() string {
	if e.Kind == OutboxStartExtraction || e.Kind == OutboxRetryExtraction {
		return e.SubjectID
	}
	return ""
}

// Round is that of the delivery which is to be started.
func (e *OutboxEntry) Round() int {
	if round, err := strconv.Atoi(e.Detail); err == nil {
		return round
	}
	return 1
}

// OutboxKind is what an entry promises.
type OutboxKind string

// The kinds.
const (
	OutboxStartExtraction OutboxKind = "start-extraction"
	OutboxRetryExtraction OutboxKind = "retry-extraction"
	OutboxStartDelivery   OutboxKind = "start-delivery"
	OutboxDelete          OutboxKind = "delete" // the run and the bytes of what was deleted
)
