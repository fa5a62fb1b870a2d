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
	Status      int    // HTTP; 0 while the first request is being answered
	ContentType string
	Answer      []byte
	// LockedUntil is when a request that never ended (its process died) may be
	// made anew.
	LockedUntil time.Time
	CreatedAt   time.Time
}
