package models

import "time"

// Webhook is an address that a tenant wants to be called at. Secret is sealed
// (internal/secret); the clear one is shown once, at creation.
type Webhook struct {
	ID          string `gorm:"primaryKey"`
	TenantID    string
	Name        string
	URL         string
	Scope       WebhookScope
	DocumentIDs []string `gorm:"column:document_ids;serializer:json"`
	IsActive    bool
	Secret      []byte
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// WebhookScope says which extractions a webhook is told of.
type WebhookScope string

// The scopes.
const (
	ScopeAll      WebhookScope = "all"
	ScopeSelected WebhookScope = "selected" // those whose template is in DocumentIDs
)

// Matches says whether the webhook is told of an extraction with this
// template (nil: none).
func (w *Webhook) Matches(documentID *string) bool {
	if !w.IsActive {
		return false
	}
	if w.Scope == ScopeAll {
		return true
	}
	for _, id := range w.DocumentIDs {
		if documentID != nil && id == *documentID {
			return true
		}
	}
	return false
}

// EventType names what a webhook call tells.
type EventType string

// The event types.
const (
	EventExtractionCompleted EventType = "extraction.completed"
	EventExtractionFailed    EventType = "extraction.failed"
)

// Delivery is one event on its way to one webhook. Its ID is the webhook-id
// header, the same on every attempt. Payload is empty until the first attempt
// fixes the bytes that all attempts send.
type Delivery struct {
	ID           string `gorm:"primaryKey"`
	TenantID     string
	WebhookID    string
	ExtractionID string
	Attempt      int // the extraction's attempt: with WebhookID and ExtractionID unique
	EventType    EventType
	State        DeliveryState
	Payload      []byte
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// DeliveryState is where a delivery stands.
type DeliveryState string

// The delivery states.
const (
	DeliveryPending   DeliveryState = "pending"
	DeliverySucceeded DeliveryState = "succeeded"
	DeliveryFailed    DeliveryState = "failed" // no attempt is left, or trying again can't help
)

// DeliveryAttempt is one call of a delivery.
type DeliveryAttempt struct {
	ID         string `gorm:"primaryKey"`
	TenantID   string
	DeliveryID string
	Number     int           // from 1
	StatusCode int           // 0: no answer
	Error      string        // why there is no answer, or why it is a failure
	Duration   time.Duration // nanoseconds
	CreatedAt  time.Time
}
