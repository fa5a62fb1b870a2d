package models

import "time"

// APIKey is a tenant's credential. The key itself is never stored: Hash is a
// keyed hash of it, Prefix its first ten characters, for lists.
type APIKey struct {
	ID             string `gorm:"primaryKey"`
	TenantID       string
	Name           string
	Hash           string
	Prefix         string
	IsActive       bool
	ExpiresAt      *time.Time
	AllowedDomains []string `gorm:"serializer:json"`
	UsageCount     int64
	LastUsedAt     *time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Expired says whether the key's time is over.
func (k *APIKey) Expired(now time.Time) bool {
	return k.ExpiresAt != nil && !now.Before(*k.ExpiresAt)
}
