package models

import (
	"cmp"
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
// header, the same on every attempt. It waits in its webhook's line until its
// first call; if that fails, or a user asked for it (Manual), it has a run.
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
	Round     int // from 1; each time that it is sent again by request adds one
	Tries     int // calls made in this round
	// CallingUntil is until when a retry holds one of the webhook's places,
	// NextAttemptAt when the next is due.
	CallingUntil  *time.Time
	NextAttemptAt *time.Time
	TraceParent   string // of what it tells, as the W3C's header traceparent has it; empty without one
	CreatedAt     time.Time
	UpdatedAt     time.Time
	// Payload is the event's body (EventBody), where it was read and is kept.
	Payload []byte `gorm:"-"`
	// FileName is that of the extraction, where it was read with it; empty without one.
	FileName string `gorm:"-"`
}

// Event names what the delivery tells of.
func (d *Delivery) Event() Event {
	if d.ExtractionID != nil {
		return Event{SubjectID: *d.ExtractionID, Sequence: d.Sequence}
	}
	return Event{SubjectID: d.ID}
}

// Event names one: an extraction's by its number among the extraction's events,
// any other, which one webhook is told of, by its delivery's ID and 0.
type Event struct {
	SubjectID string `gorm:"primaryKey"`
	Sequence  int    `gorm:"primaryKey;autoIncrement:false"`
}

// Compare orders events by subject, then sequence.
func (e Event) Compare(other Event) int {
	return cmp.Or(cmp.Compare(e.SubjectID, other.SubjectID), cmp.Compare(e.Sequence, other.Sequence))
}

// EventBody is the body of an event, fixed by the first call that tells of it:
// every attempt at every webhook sends these bytes.
type EventBody struct {
	Event     `gorm:"embedded"`
	Payload   []byte
	CreatedAt time.Time
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
