package models

import "time"

// MailItem is a message of a folder's page that is to be read, under its default
// id, which changes with each move.
type MailItem struct {
	MailboxID  string `gorm:"primaryKey"`
	ItemID     string `gorm:"primaryKey"`
	TenantID   string
	ReceivedAt time.Time
	Baseline   bool // it was there before the start: never read
	Attempts   int
	DueAt      time.Time
	State      string // the mailbox package's outcome; empty while it waits
	MessageID  string // of the MailMessage, once it is known
	CreatedAt  time.Time
}

// MailMessage is a mail of the ledger, unique by account, mailbox and immutable
// id.
type MailMessage struct {
	ID          string `gorm:"primaryKey"`
	TenantID    string
	MailboxID   string // the folder in which it was found first
	AccountID   string
	Address     string // of the mailbox's user
	ImmutableID string
	InternetID  string
	SenderName  string
	Sender      string
	Subject     string
	ReceivedAt  time.Time
	State       MessageState
	Rule        string
	Failure     string // why it failed or waits, as the mailbox package has it
	Settled     bool   // no other folder would decide otherwise
	Attempts    int
	// ActionDue says that the mailbox's action is yet to be done.
	ActionDue bool
	CreatedAt time.Time
	UpdatedAt time.Time
}

// MailMessageDetail is a mail with what became of its attachments.
type MailMessageDetail struct {
	MailMessage
	Attachments []MailAttachment
}

// MessageState is where a mail of the ledger stands.
type MessageState string

// The states.
const (
	MessageWaiting  MessageState = "waiting"
	MessageDone     MessageState = "done"
	MessageFiltered MessageState = "filtered"
	MessageDraft    MessageState = "draft"
	MessageGone     MessageState = "gone"
	MessageFailed   MessageState = "failed"
)

// Valid says whether s is one of the states.
func (s MessageState) Valid() bool {
	switch s {
	case MessageWaiting, MessageDone, MessageFiltered, MessageDraft, MessageGone, MessageFailed:
		return true
	}
	return false
}

// MailAttachment is what became of an attachment, or of a part of one, unique
// by message and path.
type MailAttachment struct {
	MessageID    string `gorm:"primaryKey"`
	Path         string `gorm:"primaryKey"`
	TenantID     string
	Name         string
	Type         string
	Size         int64
	SHA256       string
	Taken        bool
	Reason       string // the mailbox package's, empty where it was taken
	Rule         string
	Detail       string
	ExtractionID *string
	// DuplicateOf is the extraction of the same file of the same mail, from another
	// mailbox or copy; nil: none is known.
	DuplicateOf *string
	CreatedAt   time.Time
}

// MailCounts is what a mailbox has brought.
type MailCounts struct {
	Messages, Waiting, Taken, Failed int64
}

// MessageFilter narrows a list of mail; an empty value does not.
type MessageFilter struct {
	State  MessageState
	Search string // part of the subject or the sender, without case
}

// MailOrigin says which attachment an extraction comes from, and keeps its mail.
type MailOrigin struct {
	MailboxID, AccountID, Address, ImmutableID, Path string

	// SkipDuplicate leaves out what another mailbox or copy of the mail brought.
	SkipDuplicate bool
	Email         EmailView
}

// ExtractionEmail is the mail that brought an extraction's file.
type ExtractionEmail struct {
	ExtractionID string `gorm:"primaryKey"`
	TenantID     string
	Email        EmailView `gorm:"serializer:json"` // without its body
	BodyType     string
	Body         string // as it came; empty: none
}

// View is the mail with its body.
func (e *ExtractionEmail) View() *EmailView {
	view := e.Email
	if e.BodyType != "" {
		view.Body = &EmailBody{ContentType: e.BodyType, Content: e.Body}
	}
	return &view
}
