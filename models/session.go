package models

import "time"

// Session is a short-lived right to call the API from a browser, for one user
// and one origin. It ends with the API key that made it. The token itself is
// never stored: Hash is a keyed hash of it.
type Session struct {
	ID        string `gorm:"primaryKey"`
	TenantID  string
	Hash      string
	APIKeyID  string
	UserID    string
	Origin    string // scheme, host and port
	ExpiresAt time.Time
	CreatedAt time.Time
}
