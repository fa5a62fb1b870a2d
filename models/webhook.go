package models

import (
	"net/url"
	"time"
)

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

// Validate checks name, URL, scope and documents; allowHTTP lets the URL be
// http. Whether the documents exist is the store's to say.
func (w *Webhook) Validate(allowHTTP bool) error {
	var err error
	if w.Name, err = RequiredText("name", w.Name, MaxNameLength); err != nil {
		return err
	}
	if w.URL, err = RequiredText("url", w.URL, maxURLLength); err != nil {
		return err
	}
	u, err := url.Parse(w.URL)
	if err != nil || u.Hostname() == "" || u.User != nil || (u.Scheme != "https" && (u.Scheme != "http" || !allowHTTP)) {
		return Invalid("url must be an https URL without user name and password")
	}
	if w.Scope == "" {
		w.Scope = ScopeAll
	}
	switch {
	case w.Scope != ScopeAll && w.Scope != ScopeSelected:
		return Invalid(`scope must be "all" or "selected"`)
	case w.Scope == ScopeSelected && len(w.DocumentIDs) == 0:
		return Invalid(`documentIds is required when scope is "selected"`)
	case len(w.DocumentIDs) > maxWebhookDocuments:
		return Invalid("documentIds may have %d entries", maxWebhookDocuments)
	}
	for i, id := range w.DocumentIDs {
		if !ValidID(id) {
			return Invalid("documentIds[%d]: Invalid document ID format", i)
		}
	}
	return nil
}

const (
	maxURLLength        = 2000
	maxWebhookDocuments = 500
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
