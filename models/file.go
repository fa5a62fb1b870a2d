package models

import "time"

// File is an upload: its bytes stand in the blob store under BlobKey, this is
// what is known about them.
type File struct {
	ID          string `gorm:"primaryKey"`
	TenantID    string
	Name        string // as the user called it, made safe to show
	Type        string // MIME type, found from the bytes
	Size        int64  // bytes
	SHA256      string // hex
	BlobKey     string
	Description string
	Source      Source
	AppName     string
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Source is the way by which a file came.
type Source string

// The sources.
const (
	SourceEmbed Source = "embed" // REST, iframe or React component: what came through /api/embed
	SourceEmail Source = "email" // a mailbox
)
