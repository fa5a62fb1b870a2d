package models

import "time"

// IdempotentRequest is a request that its client may repeat: the answer is kept
// for a day under the client's key and given again. Answer is sealed
// (internal/secret), for it may hold an API key.
type IdempotentRequest struct {
	TenantID    string `gorm:"primaryKey"` // empty for onboarding, which makes the tenant
	Route       string `gorm:"primaryKey"` // method and path
	Key         string `gorm:"primaryKey"` // the client's Idempotency-Key
	Fingerprint string // hash of the body
	SubjectID   string // the id of what the request makes: the same each time it is made anew
	Status      int    // HTTP; 0 while the first request is being answered
	ContentType string
	Answer      []byte
	// LockedUntil is when a request without an answer (its process died, or a part
	// was away) may be made anew.
	LockedUntil time.Time
	CreatedAt   time.Time
}
