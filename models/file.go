package models

import "time"

// File is an upload: its bytes stand in the blob store under BlobKey, this is
// what is known about them.
type File struct {
	ID       string `gorm:"primaryKey"`
	TenantID string
	Name     string // as the user called it, made safe to show
	// OriginalName is the name as it came, which is not safe to show.
	OriginalName string
	SearchName   string // Name in lower case, in which lists search; the store sets it
	Type         string // MIME type, found from the bytes
	Size         int64  // bytes
	SHA256       string // hex
	BlobKey      string
	Description  string
	Source       Source
	AppName      string
	// Standalone says that the file was uploaded by itself: it stays when its
	// extractions are deleted.
	Standalone bool
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// PagesKey is where the pages that were read of the file stand, beside its
// bytes.
func PagesKey(blobKey string) string { return blobKey + ".pages" }

// FileFilter narrows a list of files; an empty value does not.
type FileFilter struct {
	Search string // part of the name, without case
	Type   string // MIME type
}

// Source is the way by which a file came.
type Source string

// The sources.
const (
	SourceEmbed Source = "embed" // REST, iframe or React component: what came through /api/embed
	SourceEmail Source = "email" // a mailbox
)
