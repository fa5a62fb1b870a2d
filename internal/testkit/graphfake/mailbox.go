package graphfake

import (
	"slices"
	"strings"
	"time"
)

// Mail is a message to deliver.
type Mail struct {
	From, FromName string
	To, Cc         []string
	Subject        string
	HTML           string // body; empty: Text is
	Text           string
	InternetID     string
	Received       time.Time // zero: now
	Draft          bool
	// HasAttachments overrides what Graph would say: true only where an attachment
	// is not inline.
	HasAttachments *bool
	Attachments    []Attachment
}

// The kinds of attachments.
const (
	File      = "#microsoft.graph.fileAttachment"
	Item      = "#microsoft.graph.itemAttachment"
	Reference = "#microsoft.graph.referenceAttachment"
)

// Attachment is one of a mail's.
type Attachment struct {
	Kind        string // empty: File
	Name        string
	ContentType string
	Content     []byte
	Inline      bool
	ContentID   string
	Size        int64  // that is told; 0: somewhat more than the bytes, as Graph does
	ItemType    string // of an Item: message, event, contact; empty: message

	id, immutable string
}

type mailbox struct {
	id, address string
	disabled    bool // MailboxNotEnabledForRESTAPI
	shared      bool // no subscriptions
	epoch       int  // delta tokens of an older one are gone
	folders     []*folder
	messages    []*message
}

type folder struct {
	id, name, wellKnown, parent string
	changes                     []change
}

type message struct {
	Mail
	id, immutable, folder string
	read                  bool
	categories            []string
}

// change is what delta tells of a message.
type change struct {
	id, immutable string
	removed       bool
	moved         bool // it came from another folder: with immutable ids, delta hides it
}

// AddMailbox makes a mailbox with an inbox and an archive.
func (s *Server) AddMailbox(id, address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &mailbox{id: id, address: address}
	b.folders = []*folder{
		{id: s.name("F"), name: "Inbox", wellKnown: "inbox"}, {id: s.name("F"), name: "Archive", wellKnown: "archive"},
	}
	s.boxes[strings.ToLower(id)], s.boxes[strings.ToLower(address)] = b, b
}

// box finds a mailbox that a test made; the caller holds mu.
func (s *Server) box(mailbox string) *mailbox { return s.boxes[strings.ToLower(mailbox)] }

// AddFolder makes a folder in parent (empty: the top) and answers its id.
func (s *Server) AddFolder(mailbox, parent, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := &folder{id: s.name("F"), name: name, parent: parent}
	b := s.box(mailbox)
	b.folders = append(b.folders, f)
	return f.id
}

// Folder is the id of a folder by its well-known name or its id; empty: there is
// no such folder, or mailbox.
func (s *Server) Folder(mailbox, wellKnown string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.box(mailbox); b != nil {
		if f := b.folder(wellKnown); f != nil {
			return f.id
		}
	}
	return ""
}

func (b *mailbox) folder(id string) *folder {
	for _, f := range b.folders {
		if f.id == id || (f.wellKnown != "" && strings.EqualFold(f.wellKnown, id)) {
			return f
		}
	}
	return nil
}

func (b *mailbox) message(id string) *message {
	for _, m := range b.messages {
		if m.id == id || m.immutable == id {
			return m
		}
	}
	return nil
}

// Deliver puts a mail into a folder, tells subscribers, and answers its default
// and its immutable id.
func (s *Server) Deliver(mailbox, folder string, mail Mail) (id, immutable string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.box(mailbox)
	f := b.folder(folder)
	m := &message{Mail: mail, id: s.name("AQ"), immutable: s.name("AAkALg"), folder: f.id}
	m.Attachments = slices.Clone(m.Attachments)
	for i := range m.Attachments {
		m.Attachments[i].id, m.Attachments[i].immutable = s.name("AT"), s.name("AAkAAT")
	}
	if m.Received.IsZero() {
		m.Received = s.now()
	}
	b.messages = append(b.messages, m)
	f.changes = append(f.changes, change{id: m.id, immutable: m.immutable})
	s.enqueue(b, m, "created")
	return m.id, m.immutable
}

// Move moves a message, whose default id changes (group 9), and answers the new
// one.
func (s *Server) Move(mailbox, id, folder string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.box(mailbox)
	return s.move(b, b.message(id), b.folder(folder))
}

func (s *Server) move(b *mailbox, m *message, to *folder) string {
	from := b.folder(m.folder)
	if from != nil {
		from.changes = append(from.changes, change{id: m.id, immutable: m.immutable, removed: true})
	}
	m.id, m.folder = s.name("AQ"), to.id
	to.changes = append(to.changes, change{id: m.id, immutable: m.immutable, moved: true})
	s.enqueue(b, m, "created")
	return m.id
}

// Touch changes a message without moving it, so that delta tells of it again
// (group 7).
func (s *Server) Touch(mailbox, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.box(mailbox)
	m := b.message(id)
	m.read = !m.read
	f := b.folder(m.folder)
	f.changes = append(f.changes, change{id: m.id, immutable: m.immutable})
}

// Delete removes a message (group 8).
func (s *Server) Delete(mailbox, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.box(mailbox)
	m := b.message(id)
	b.messages = slices.DeleteFunc(b.messages, func(other *message) bool { return other == m })
	f := b.folder(m.folder)
	f.changes = append(f.changes, change{id: m.id, immutable: m.immutable, removed: true})
}

// DeleteAttachment removes a message's attachment by its place, from 0 (group 8).
func (s *Server) DeleteAttachment(mailbox, id string, place int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.box(mailbox).message(id)
	m.Attachments = slices.Delete(m.Attachments, place, place+1)
}

// ForgetDelta makes every delta link of a mailbox answer 410 (group 3).
func (s *Server) ForgetDelta(mailbox string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.box(mailbox).epoch++
}

// Disable makes every request of a mailbox answer that it is not enabled (group
// 14).
func (s *Server) Disable(mailbox string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.box(mailbox).disabled = true
}

// Share makes a mailbox one that only delegated access shares: it has no
// subscriptions (group 12).
func (s *Server) Share(mailbox string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.box(mailbox).shared = true
}

// DeleteFolder removes a folder and its messages (group 14).
func (s *Server) DeleteFolder(mailbox, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.box(mailbox)
	f := b.folder(id)
	b.folders = slices.DeleteFunc(b.folders, func(other *folder) bool { return other == f })
	b.messages = slices.DeleteFunc(b.messages, func(m *message) bool { return m.folder == f.id })
}

// Message says how a message stands, by either id: whether it is read, its
// categories and its folder. ok is false where it is gone.
func (s *Server) Message(mailbox, id string) (read bool, categories []string, folder string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.box(mailbox).message(id)
	if m == nil {
		return false, nil, "", false
	}
	return m.read, slices.Clone(m.categories), m.folder, true
}
