package mailbox

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strconv"

	"decoded.digital/extractor/models"
)

// File is an attachment that is to become an extraction.
type File struct {
	Path     string // its place in the mail, the same each time it is read
	Name     string // as the sender called it: hostile, and empty at times
	Type     string // MIME type, from the bytes
	Template string // by which it is extracted; empty: by its content
}

// Decision is what became of an attachment, or of a part of one.
type Decision struct {
	Path   string
	Name   string
	Type   string // MIME type, where it was found
	Size   int64  // bytes that were read, or what Graph says where none were
	SHA256 string // of pictures, by which repeated ones are known; else empty
	Taken  bool
	Reason Reason // why it was not taken
	Rule   string // the rule that took it or left it out
	// Detail is intake's sentence for Refused.
	Detail string
	// DuplicateOf is the extraction that ReasonDuplicate means.
	DuplicateOf string
}

// DuplicateError is intake's answer to a file that the same mail brought before.
type DuplicateError struct{ Of string } // the extraction

func (d *DuplicateError) Error() string { return "it is a duplicate of extraction " + d.Of }

// part is something to decide about.
type part struct {
	path, name, contentType, contentID string
	depth                              int  // how many mails it is inside of
	archived                           bool // it is inside an archive
	content                            io.Reader
}

// walker decides about one attachment and all that is inside of it. It asks
// for bytes once, in order, and holds whole only what can't be read otherwise:
// archives, winmail.dat and pictures.
type walker struct {
	mail     Message
	rules    Rules
	archives bool // archives are opened
	parts    int
	unpacked int64           // of archives, so far
	shown    map[string]bool // content ids that the text around shows
	known    map[string]bool // paths that were taken in an earlier try
	source   *watched        // the bytes as they come from Graph
	// seen counts the other mails of the sender that had a picture with this hash.
	seen func(ctx context.Context, sha256 string) (int, error)
	take func(ctx context.Context, f File, content io.Reader) error

	decisions []Decision
}

// watched hands on bytes up to a limit and remembers why they ended, so that a
// cut connection is not taken for a damaged file.
type watched struct {
	from  io.Reader
	limit int64
	read  int64
	large bool
	err   error // other than io.EOF
}

var errTooLarge = errors.New("larger than the limit")

func (w *watched) Read(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.from.Read(p)
	w.read += int64(n)
	if w.read > w.limit {
		w.large, w.err = true, errTooLarge
		return 0, w.err
	}
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// attachment decides about a mail's attachment, whose bytes are content. An
// error is one of Graph, of intake or of the context: all of it is tried again.
func (w *walker) attachment(ctx context.Context, p part, content io.Reader) error {
	w.source = &watched{from: content, limit: maxMail}
	p.content = w.source
	return w.part(ctx, p)
}

func (w *walker) part(ctx context.Context, p part) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d := Decision{Path: p.path, Name: p.name}
	if w.known[p.path] {
		d.Taken = true
		return w.note(d)
	}
	if w.parts++; w.parts > maxParts {
		return w.skip(d, ReasonTooMany)
	}
	content := &watched{from: p.content, limit: MaxFile}
	buffered := bufio.NewReader(content)
	head, err := buffered.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return w.broken(d, content, err)
	}
	if len(head) == 0 {
		return w.skip(d, ReasonEmpty)
	}
	kind, mimeType := sniff(head, p.name, p.contentType)
	d.Type = mimeType
	p.content = buffered
	if never := kind.reason(); never != "" {
		return w.skip(d, never)
	}
	switch kind { //nolint:exhaustive // the others are never taken
	case formatMail:
		content.limit = maxMail
		return w.nested(ctx, p, d, content)
	case formatArchive:
		return w.archive(ctx, p, d, content)
	case formatTNEF:
		return w.tnef(ctx, p, d, content)
	case formatImage:
		return w.image(ctx, p, d, content)
	}
	return w.offer(ctx, d, content, buffered)
}

func (w *walker) note(d Decision) error {
	w.decisions = append(w.decisions, d)
	return nil
}

func (w *walker) skip(d Decision, reason Reason) error {
	d.Reason = reason
	return w.note(d)
}

// broken tells what ends the reading of a part: the connection, which is tried
// again, the limit, or the file itself.
func (w *walker) broken(d Decision, content *watched, err error) error {
	d.Size = content.read
	switch {
	case w.source.err != nil && !w.source.large:
		return w.source.err
	case content.large || w.source.large:
		return w.skip(d, ReasonTooLarge)
	case content.err != nil:
		return w.skip(d, ReasonDamaged)
	}
	return err
}

// offer gives a file to intake, if the rules take it.
func (w *walker) offer(ctx context.Context, d Decision, content *watched, bytes io.Reader) error {
	rule, take := w.rules.File(w.mail, d.Name, d.Type)
	d.Rule = rule.Name
	if !take {
		return w.skip(d, ReasonFiltered)
	}
	err := w.take(ctx, File{Path: d.Path, Name: d.Name, Type: d.Type, Template: rule.Template}, bytes)
	d.Size = content.read
	switch {
	case err == nil && content.err == nil:
		d.Taken = true
		return w.note(d)
	case ctx.Err() != nil:
		return ctx.Err()
	case content.err != nil:
		return w.broken(d, content, content.err)
	}
	if double, ok := errors.AsType[*DuplicateError](err); ok {
		d.DuplicateOf = double.Of
		return w.skip(d, ReasonDuplicate)
	}
	if refusal, ok := errors.AsType[*models.Error](err); ok && refusal.Code == models.CodeInvalid {
		d.Detail = refusal.Message
		return w.skip(d, ReasonRefused)
	}
	return err
}

// image needs the whole picture: the same bytes in several mails of a sender are
// a letterhead.
func (w *walker) image(ctx context.Context, p part, d Decision, content *watched) error {
	whole, err := io.ReadAll(p.content)
	if err != nil {
		return w.broken(d, content, err)
	}
	sum := sha256.Sum256(whole)
	d.SHA256, d.Size = hex.EncodeToString(sum[:]), int64(len(whole))
	seen, err := w.seen(ctx, d.SHA256)
	if err != nil {
		return err
	}
	if reason := picture(whole, p.contentID, w.shown, seen); reason != "" {
		return w.skip(d, reason)
	}
	return w.offer(ctx, d, content, bytes.NewReader(whole))
}

func (w *walker) tnef(ctx context.Context, p part, d Decision, content *watched) error {
	whole, err := io.ReadAll(p.content)
	if err != nil {
		return w.broken(d, content, err)
	}
	if p.depth >= maxDepth {
		return w.skip(d, ReasonTooDeep)
	}
	files, err := readTNEF(whole)
	if err != nil || len(files) == 0 {
		if err := w.skip(d, ReasonTNEF); err != nil {
			return err
		}
	}
	for i, f := range files {
		inner := part{
			path: p.path + "/" + strconv.Itoa(i+1), name: f.name, depth: p.depth + 1,
			archived: p.archived, content: bytes.NewReader(f.data),
		}
		if err := w.part(ctx, inner); err != nil {
			return err
		}
	}
	return nil
}
