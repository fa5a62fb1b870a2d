package models

import (
	"net/url"
	"time"
)

// Webhook is an address that a tenant wants to be called at. Secret is sealed
// (internal/secret); the clear one is shown once, when it is made.
type Webhook struct {
	ID          string `gorm:"primaryKey"`
	TenantID    string
	Name        string
	URL         string
	Scope       WebhookScope
	DocumentIDs []string `gorm:"column:document_ids;serializer:json"`
	IsActive    bool
	// StopReason is why the product switched it off; empty while it is on, and
	// where its owner did.
	StopReason StopReason
	Secret     []byte
	// OldSecrets are those that were rotated out and still sign, newest first.
	OldSecrets []OldSecret `gorm:"serializer:json"`
	// Failures is how many calls in a row have failed, FailingSince when the
	// first of them did, LastFailureAt the last one. ProbeAt is set while the
	// breaker is open: no call is made before it, and one at it.
	Failures      int
	FailingSince  *time.Time
	LastFailureAt *time.Time
	ProbeAt       *time.Time
	// LineUntil is until when one process makes the first calls of its deliveries,
	// LinePlaces at a time; in the past: when that was done last.
	LineUntil  *time.Time
	LinePlaces int
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// OldSecret is a sealed secret that was rotated out, and until when it signs.
type OldSecret struct {
	Secret []byte    `json:"secret"`
	Until  time.Time `json:"until"`
}

// Rotate makes secret (sealed) the one that signs; the one before signs too for
// SecretOverlap, so that receivers can change theirs in between.
func (w *Webhook) Rotate(secret []byte, now time.Time) error {
	kept := []OldSecret{{Secret: w.Secret, Until: now.Add(SecretOverlap)}}
	for _, old := range w.OldSecrets {
		if old.Until.After(now) {
			kept = append(kept, old)
		}
	}
	if len(kept) > maxOldSecrets {
		return Conflict("The secret was changed %d times within %.0f hours; wait until the first of them has ended", maxOldSecrets, SecretOverlap.Hours())
	}
	w.Secret, w.OldSecrets = secret, kept
	return nil
}

const (
	// SecretOverlap is how long a secret signs after it was rotated out.
	SecretOverlap = 24 * time.Hour
	// maxOldSecrets keeps the signature header short.
	maxOldSecrets = 4
)

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
