// Package mailbox has the rules by which mail becomes extractions, without one
// lost or doubled: what is read of a folder, which attachments are taken and
// why others are not, and what a user is told when something is wrong. It
// speaks to Microsoft through Client alone and remembers through Ledger alone,
// so that every rule can be tested by killing it between any two steps.
//
// Two kinds of id meet here. Delta runs on default ids, because a message that
// is moved into a folder does not show up there when delta is asked for
// immutable ones; everything that is remembered of a message stands under its
// immutable id, because the default id changes with each move.
package mailbox

import (
	"context"
	"io"
	"time"
)

// Client is one account's way to Microsoft Graph. Every error is an *Error or
// the context's. A mailbox is the id or the address of its user. Methods may be
// called at the same time; Transport keeps the limit of a mailbox.
type Client interface {
	Reader
	Actor
	Subscriber
	// Folders is a page of the folders in parent (empty: the top), 100 at most;
	// link goes on where a page ended.
	Folders(ctx context.Context, mailbox, parent, link string) (FolderPage, error)
}

// Reader reads mail.
type Reader interface {
	// Delta is one page of what changed in a folder since link, with default ids.
	// An empty link begins a new round over everything that is there. GoneCursor:
	// the link is no longer known; FolderMissing: the folder is not there.
	Delta(ctx context.Context, mailbox, folder, link string) (Page, error)
	// Newest is a page of a folder's messages, the newest first, with default ids.
	Newest(ctx context.Context, mailbox, folder, link string) (Page, error)
	// Message has the message of a default or an immutable id, and answers with its
	// immutable one. NotFound: it was moved or deleted since.
	Message(ctx context.Context, mailbox, id string) (Message, error)
	// Attachments lists a message's attachments without their content.
	Attachments(ctx context.Context, mailbox, message string) ([]Attachment, error)
	// Content streams an attachment: a file's bytes, or a message's MIME. The caller
	// closes it; until then it takes one of the mailbox's four slots.
	Content(ctx context.Context, mailbox, message, attachment string) (io.ReadCloser, error)
}

// Actor changes a message after its attachments were taken.
type Actor interface {
	MarkRead(ctx context.Context, mailbox, message string) error
	// Categorize adds a category to those that the message has.
	Categorize(ctx context.Context, mailbox, message, category string) error
	// Move moves a message; its default id changes, the immutable one does not.
	Move(ctx context.Context, mailbox, message, folder string) error
}

// Subscriber asks Microsoft to tell of new mail at once.
type Subscriber interface {
	Subscribe(ctx context.Context, s Subscription) (Subscription, error)
	// Renew sets a new end. NotFound: the subscription must be made again.
	Renew(ctx context.Context, id string, expires time.Time) (Subscription, error)
	Unsubscribe(ctx context.Context, id string) error
	Subscriptions(ctx context.Context) ([]Subscription, error)
}

// Page is a part of a folder. Exactly one of Next and Delta is set: the round
// goes on at Next, or it is over and changes since then are read from Delta.
type Page struct {
	Entries []Entry
	Next    string
	Delta   string
}

// Entry is what a page says of a message.
type Entry struct {
	ID       string // default id
	Received time.Time
	Removed  bool // it left the folder; only ID is set
}

// FolderPage is a part of a list of folders.
type FolderPage struct {
	Folders []Folder
	Next    string // empty: the last page
}

// Folder is a mailbox's folder.
type Folder struct {
	ID       string
	Name     string
	Parent   string
	Children int // folders in it
	Total    int // messages in it
}

// Message is a mail.
type Message struct {
	ID             string // immutable id
	InternetID     string // the Message-ID header, which other mailboxes' copies share
	From           Address
	To, Cc         []Address
	Subject        string
	Preview        string
	Body           Body
	Received       time.Time
	HasAttachments bool // false also when all attachments are inline
	Draft          bool
}

// Address is somebody's name and e-mail address.
type Address struct{ Name, Address string }

// Body is a mail's text as it came. HTML is hostile: it is stored, never run.
type Body struct {
	HTML    bool
	Content string
}

// Kind is what sort of thing is attached.
type Kind string

// The kinds.
const (
	KindFile      Kind = "file"
	KindItem      Kind = "item"      // a message, an event or a contact
	KindReference Kind = "reference" // a link to a file in a cloud
)

// Attachment is what Graph's list says of an attachment. Nothing of it is
// proof: Size counts more than the bytes, ContentType is the sender's word, and
// Inline stands on real documents.
type Attachment struct {
	ID          string
	Kind        Kind
	Name        string
	ContentType string
	Size        int64 // bytes, encoding and properties included
	Inline      bool
	ContentID   string
	Message     bool // of an item: that it is a message
}

// Subscription asks for notifications of a folder's new messages.
type Subscription struct {
	ID           string
	Resource     string // users/{id}/mailFolders/{id}/messages
	URL          string
	LifecycleURL string // can't be added later
	ClientState  string // at most 128 characters; never in answers
	Expires      time.Time
}
