package models

import "time"

// OutboxEntry is the promise that a workflow will be started: written in the
// transaction that makes it necessary, deleted once Temporal has it.
type OutboxEntry struct {
	ID        string `gorm:"primaryKey"`
	TenantID  string
	Kind      OutboxKind
	SubjectID string // of the extraction or the delivery
	Attempt   int    // the extraction's attempt, for OutboxRetryExtraction
	DueAt     time.Time
	Tries     int // how often the relay took it
	CreatedAt time.Time
}

// OutboxKind is which workflow an entry starts.
type OutboxKind string

// The kinds.
const (
	OutboxStartExtraction OutboxKind = "start-extraction"
	OutboxRetryExtraction OutboxKind = "retry-extraction"
	OutboxStartDelivery   OutboxKind = "start-delivery"
)
