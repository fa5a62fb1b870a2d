package models

import (
	"slices"
	"strings"
	"time"
)

// MailAccount is a connected Microsoft account: a user's, or with
// ConnectionApplication the product's own access to a whole organisation.
type MailAccount struct {
	ID       string `gorm:"primaryKey"`
	TenantID string
	Kind     ConnectionKind
	// MicrosoftTenantID and ObjectID are who it is at Microsoft; the second is
	// empty for an organisation, both while the sign-in has not ended.
	MicrosoftTenantID string
	ObjectID          string
	Email             string
	Write             bool   // mail may be changed
	Token             []byte // sealed; nil for an organisation and before the sign-in
	// TokenVersion grows with each Token; until TokenClaimedUntil one process asks
	// for the next.
	TokenVersion      int64
	TokenClaimedUntil *time.Time
	// LoginHash is that of the state of the sign-in that is under way, empty without
	// one; Verifier (sealed) is its PKCE secret.
	LoginHash      string
	Verifier       []byte
	LoginExpiresAt *time.Time
	MailHealth     `gorm:"embedded"`
	ConnectedAt    *time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// ConnectionKind is how an account lets mail be read.
type ConnectionKind string

// The kinds.
const (
	ConnectionDelegated   ConnectionKind = "delegated"
	ConnectionApplication ConnectionKind = "application"
)

// MailHealth is what the last reading came to; of an account, of any of its
// folders.
type MailHealth struct {
	LastOKAt *time.Time
	// Failure is the mailbox package's, empty after a success; FailureCode and
	// RequestID are Microsoft's, for operators.
	Failure     string
	FailureCode string
	RequestID   string
	RetryAfter  time.Duration // that Microsoft asked for, nanoseconds
	FailedAt    *time.Time
}

// Mailbox is a mailbox's folder that feeds a tenant.
type Mailbox struct {
	ID         string `gorm:"primaryKey"`
	TenantID   string
	AccountID  string
	Address    string // of the mailbox's user
	FolderID   string
	FolderName string
	StartFrom  *time.Time // mail from before is not read; nil: all is
	Rules      []MailRule `gorm:"serializer:json"`
	Archives   bool       // .zip files are opened
	// SkipDuplicates leaves out files that came with the same mail by another of
	// the tenant's mailboxes.
	SkipDuplicates bool
	Action         MailAction `gorm:"serializer:json"`
	IsActive       bool
	// Link is where reading goes on; Based and Over are the mailbox package's Cursor.
	Link  string
	Based bool
	Over  bool
	// NextPollAt is when it is read next, LeaseUntil until when a worker does.
	NextPollAt time.Time
	LeaseUntil *time.Time
	SweptAt    time.Time // when all of the newest mail was last looked through
	CatchingUp bool
	MailHealth `gorm:"embedded"`
	// SubscriptionID is Microsoft's, empty without one; ClientStateHash proves
	// that a notification is of it.
	SubscriptionID   string
	ClientStateHash  string
	SubscribedUntil  *time.Time
	SubscribeAt      time.Time // when the subscription is looked after next
	SubscribeFailure string
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

// Push says whether Microsoft tells of new mail at once.
func (m *Mailbox) Push(now time.Time) bool {
	return m.SubscriptionID != "" && m.SubscribeFailure == "" && m.SubscribedUntil != nil && m.SubscribedUntil.After(now)
}

// MailRule says which attachments a mailbox takes; see the mailbox package.
type MailRule struct {
	Name       string   `json:"name"`
	Sender     string   `json:"sender,omitempty"`
	Subject    string   `json:"subject,omitempty"`
	FileName   string   `json:"fileName,omitempty"`
	FileTypes  []string `json:"fileTypes,omitempty"`
	DocumentID string   `json:"documentId,omitempty"`
	Ignore     bool     `json:"ignore,omitempty"`
}

// MailAction is what happens to a mail once all that was taken of it is extracted.
type MailAction struct {
	Kind     MailActionKind `json:"kind"`
	Category string         `json:"category,omitempty"`
	FolderID string         `json:"folderId,omitempty"`
}

// MailActionKind is what kind of action it is.
type MailActionKind string

// The kinds.
const (
	MailActionNone     MailActionKind = "none"
	MailActionMarkRead MailActionKind = "mark_read"
	MailActionCategory MailActionKind = "category"
	MailActionMove     MailActionKind = "move"
)

const (
	maxMailRules    = 50
	maxMailTypes    = 10
	maxMailAddress  = 320
	maxMailFolder   = 1024
	maxMailPattern  = 200
	maxMailCategory = 255
)

// Validate checks what a client can set. Whether templates and account exist is
// the store's to say.
func (m *Mailbox) Validate() error {
	var err error
	if m.FolderID, err = RequiredText("folderId", m.FolderID, maxMailFolder); err != nil {
		return err
	}
	if m.FolderName, err = Text("folderName", m.FolderName, 500); err != nil {
		return err
	}
	if m.Address, err = RequiredText("mailbox", strings.ToLower(m.Address), maxMailAddress); err != nil {
		return err
	}
	if strings.ContainsAny(m.Address, "/\\?#% ") {
		return Invalid("mailbox must be an e-mail address")
	}
	if len(m.Rules) > maxMailRules {
		return Invalid("rules may have %d entries", maxMailRules)
	}
	for i := range m.Rules {
		if err := m.Rules[i].validate(); err != nil {
			return err
		}
	}
	return m.Action.validate()
}

func (r *MailRule) validate() error {
	var err error
	if r.Name, err = RequiredText("rules.name", r.Name, MaxNameLength); err != nil {
		return err
	}
	for name, text := range map[string]*string{"rules.sender": &r.Sender, "rules.subject": &r.Subject, "rules.fileName": &r.FileName} {
		if *text, err = Text(name, *text, maxMailPattern); err != nil {
			return err
		}
	}
	if len(r.FileTypes) > maxMailTypes {
		return Invalid("rules.fileTypes may have %d entries", maxMailTypes)
	}
	for i := range r.FileTypes {
		if r.FileTypes[i], err = RequiredText("rules.fileTypes", r.FileTypes[i], maxMailPattern); err != nil {
			return err
		}
	}
	if r.DocumentID != "" && !ValidID(r.DocumentID) {
		return Invalid("rules.documentId: Invalid document ID format")
	}
	return nil
}

func (a *MailAction) validate() error {
	var err error
	switch a.Kind {
	case "":
		a.Kind = MailActionNone
	case MailActionNone, MailActionMarkRead:
	case MailActionCategory:
		a.Category, err = RequiredText("action.category", a.Category, maxMailCategory)
	case MailActionMove:
		a.FolderID, err = RequiredText("action.folderId", a.FolderID, maxMailFolder)
	default:
		return Invalid("action.kind must be none, mark_read, category or move")
	}
	return err
}

// Documents are the templates that the rules name.
func (m *Mailbox) Documents() []string {
	var ids []string
	for _, r := range m.Rules {
		if r.DocumentID != "" && !slices.Contains(ids, r.DocumentID) {
			ids = append(ids, r.DocumentID)
		}
	}
	return ids
}
