package models

import (
	"slices"
	"time"
)

// EventType names what a webhook call tells.
type EventType string

// The event types.
const (
	EventExtractionCompleted EventType = "extraction.completed"
	EventExtractionFailed    EventType = "extraction.failed"
	EventWebhookTest         EventType = "webhook.test"
	EventWebhookDisabled     EventType = "webhook.disabled" // another webhook of the tenant was switched off
)

// EventTypes lists them.
func EventTypes() []EventType {
	return []EventType{EventExtractionCompleted, EventExtractionFailed, EventWebhookTest, EventWebhookDisabled}
}

// Valid says whether t is one of EventTypes.
func (t EventType) Valid() bool { return slices.Contains(EventTypes(), t) }

// Delivery is one event on its way to one webhook. Its ID is the webhook-id
// header, the same on every attempt. Payload is empty until the first attempt
// fixes the bytes that all attempts send.
type Delivery struct {
	ID           string `gorm:"primaryKey"`
	TenantID     string
	WebhookID    string
	ExtractionID *string // nil where the event is of none
	Attempt      int     // the extraction's attempt: with WebhookID, ExtractionID and EventType unique
	// SubjectID and Detail are the webhook that was switched off, and its
	// StopReason, for EventWebhookDisabled.
	SubjectID string
	Detail    string
	EventType EventType
	Sequence  int  // the number of the event among the extraction's, from 1
	Manual    bool // asked for by a user: made even while the webhook is switched off or its breaker open
	State     DeliveryState
	Payload   []byte
	Round     int // from 1; each time that it is sent again by request adds one
	Tries     int // calls made in this round
	// StartedAt is when the relay took it, CallingUntil until when a call holds
	// one of the webhook's places, NextAttemptAt when the next is due.
	StartedAt     *time.Time
	CallingUntil  *time.Time
	NextAttemptAt *time.Time
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// DeliveryState is where a delivery stands.
type DeliveryState string

// The delivery states.
const (
	DeliveryPending   DeliveryState = "pending"
	DeliverySucceeded DeliveryState = "succeeded"
	DeliveryFailed    DeliveryState = "failed" // no attempt is left, or trying again can't help
)

// DeliveryStates lists them.
func DeliveryStates() []DeliveryState {
	return []DeliveryState{DeliveryPending, DeliverySucceeded, DeliveryFailed}
}

// Valid says whether s is one of DeliveryStates.
func (s DeliveryState) Valid() bool { return slices.Contains(DeliveryStates(), s) }

// DeliveryFilter narrows a list of deliveries; an empty value does not.
type DeliveryFilter struct {
	State        DeliveryState
	Event        EventType
	From, Before time.Time // created at From or later, earlier than Before
}

// DeliveryAttempt is one call of a delivery.
type DeliveryAttempt struct {
	ID         string `gorm:"primaryKey"`
	TenantID   string
	DeliveryID string
	Number     int           // from 1, over all rounds
	StatusCode int           // 0: no answer
	Error      string        // why there is no answer, or why it is a failure; empty: delivered
	Answer     string        // the first MaxAnswer bytes of the answer's body, as valid text
	Duration   time.Duration // nanoseconds
	CreatedAt  time.Time
}

// MaxAnswer is how much of an answer is kept, in bytes: enough to see an error
// by, too little to be worth reading out.
const MaxAnswer = 4 << 10

// DeliveryLife is how long attempts, and deliveries that have ended, are kept.
const DeliveryLife = 30 * 24 * time.Hour
