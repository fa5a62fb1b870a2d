package mailbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"path"
	"strings"
)

// attachments decides about all that is attached to a message, and gives to
// Intake what is taken. A path that Intake has already is not read again, so
// that a second try can't decide otherwise.
func (s *Syncer) attachments(ctx context.Context, src Source, m Message, known Known) ([]Decision, error) {
	list, err := s.Reader.Attachments(ctx, src.Mailbox, m.ID)
	if err != nil {
		return nil, err
	}
	w := &walker{
		mail: m, rules: src.Rules, archives: src.Archives, known: known.Taken, shown: map[string]bool{},
		seen: func(ctx context.Context, sum string) (int, error) {
			n, err := s.Ledger.Seen(ctx, src, m, sum)
			if err != nil {
				return 0, ledgerError{err}
			}
			return n, nil
		},
		take: func(ctx context.Context, f File, content io.Reader) error {
			return s.Intake.Take(ctx, src, m, f, content)
		},
	}
	if m.Body.HTML {
		w.shown = references(m.Body.Content)
	}
	for _, a := range list {
		if err := s.attachment(ctx, src, m, a, w); err != nil {
			return w.decisions, err
		}
	}
	return w.decisions, nil
}

func (s *Syncer) attachment(ctx context.Context, src Source, m Message, a Attachment, w *walker) error {
	p := part{path: Path(a.ID), name: a.Name, contentType: a.ContentType, contentID: a.ContentID}
	if a.Kind == KindItem && a.Message {
		p.contentType = "message/rfc822"
	}
	d := Decision{Path: p.path, Name: a.Name, Size: a.Size}
	if reason := a.Judge(); reason != "" {
		return w.skip(d, reason)
	}
	if w.known[p.path] {
		d.Taken = true
		return w.note(d)
	}
	for try := 1; ; try++ {
		before := *w
		err := s.content(ctx, src, m, a, p, w)
		if try == readTries || !brokeOff(err) {
			return err
		}
		w.decisions, w.parts, w.unpacked = before.decisions, before.parts, before.unpacked
	}
}

// readTries is how often an attachment is read whose answer breaks off, before
// its mail is put off and begins anew: the more is attached to a mail, the less
// often would it come to its end.
const readTries = 3

// brokeOff says that an answer of Graph ended before its end.
func brokeOff(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Failure == Transient && e.Status == 0
}

// content reads an attachment and decides about what is in it.
func (s *Syncer) content(ctx context.Context, src Source, m Message, a Attachment, p part, w *walker) error {
	if mayUnpack(p) {
		select {
		case s.unpacking <- struct{}{}:
			defer func() { <-s.unpacking }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	content, err := s.Reader.Content(ctx, src.Mailbox, m.ID, a.ID)
	if FailureOf(err) == NotFound {
		return w.skip(Decision{Path: p.path, Name: a.Name, Size: a.Size}, ReasonAttachmentGone)
	}
	if err != nil {
		return err
	}
	defer content.Close()
	return w.attachment(ctx, p, content)
}

// mayUnpack says, before the bytes are there, whether they may have to be held
// whole. A PDF streams; whatever else calls itself one is bounded by MaxFile.
func mayUnpack(p part) bool {
	return p.contentType != "application/pdf" && !strings.EqualFold(path.Ext(p.name), ".pdf")
}

// Path is the first part of the paths inside an attachment. Its place in
// Graph's list would be shorter, but changes when another attachment is deleted
// between two tries.
func Path(attachmentID string) string {
	sum := sha256.Sum256([]byte(attachmentID))
	return hex.EncodeToString(sum[:8])
}
