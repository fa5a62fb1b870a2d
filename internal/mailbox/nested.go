package mailbox

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html/charset"
)

const (
	maxMultiparts = 10      // multiparts in each other
	maxHTML       = 1 << 20 // bytes of a text that are looked through for pictures
)

// nested opens a mail inside a mail and decides about its parts as they pass.
func (w *walker) nested(ctx context.Context, p part, d Decision, content *watched) error {
	if p.depth >= maxDepth {
		return w.skip(d, ReasonTooDeep)
	}
	m, err := mail.ReadMessage(bufio.NewReader(p.content))
	if err != nil {
		return w.unreadable(d, content)
	}
	around := w.shown
	w.shown = map[string]bool{}
	defer func() { w.shown = around }()
	p.depth++
	before := len(w.decisions)
	err = w.entity(ctx, p, textproto.MIMEHeader(m.Header), m.Body, maxMultiparts)
	if errors.Is(err, errUnreadable) {
		return w.unreadable(d, content)
	}
	if err == nil && len(w.decisions) == before {
		return w.skip(d, ReasonEmpty) // a mail without attachments
	}
	return err
}

// errUnreadable is a nested mail that breaks off or is none.
var errUnreadable = errors.New("the nested mail can't be read to its end")

func (w *walker) unreadable(d Decision, content *watched) error {
	if content.err == nil {
		return w.skip(d, ReasonDamaged)
	}
	return w.broken(d, content, content.err)
}

// entity is a mail or a part of one (RFC 2045).
func (w *walker) entity(ctx context.Context, p part, header textproto.MIMEHeader, body io.Reader, deeper int) error {
	contentType, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil && contentType == "" {
		contentType = "text/plain" // RFC 2045, 5.2
	}
	if strings.HasPrefix(contentType, "multipart/") && parameters["boundary"] != "" {
		if deeper == 0 {
			return w.skip(Decision{Path: p.path, Name: p.name}, ReasonTooDeep)
		}
		whole := &ending{from: body, mark: []byte("--" + parameters["boundary"] + "--")}
		return w.multipart(ctx, p, multipart.NewReader(whole, parameters["boundary"]), whole, deeper-1)
	}
	decoded, known := decode(header.Get("Content-Transfer-Encoding"), body)
	disposition, more, _ := mime.ParseMediaType(header.Get("Content-Disposition"))
	name := decodeName(more["filename"], parameters["name"])
	if strings.HasPrefix(contentType, "text/") && name == "" && disposition != "attachment" {
		if contentType == "text/html" && known {
			html, _ := io.ReadAll(io.LimitReader(decoded, maxHTML)) // a damaged text still shows what it shows
			for id := range references(string(html)) {
				w.shown[id] = true
			}
		}
		return nil
	}
	if !known {
		return w.skip(Decision{Path: p.path, Name: name}, ReasonContentEncoding)
	}
	return w.part(ctx, part{
		path: p.path, name: name, contentType: smimeType(contentType, parameters),
		contentID: header.Get("Content-Id"), depth: p.depth, archived: p.archived, content: decoded,
	})
}

// smimeType keeps of a type's parameters the one that tells signed from
// encrypted, as sniff wants it.
func smimeType(contentType string, parameters map[string]string) string {
	if kind := parameters["smime-type"]; kind == "signed-data" && strings.HasSuffix(contentType, "pkcs7-mime") {
		return "application/signed-data+pkcs7-mime"
	}
	return contentType
}

// ending tells whether a multipart came to its last boundary, which
// mime/multipart does not.
type ending struct {
	from io.Reader
	mark []byte
	tail []byte // shorter than mark
	seen bool
}

func (e *ending) Read(p []byte) (int, error) {
	n, err := e.from.Read(p)
	if !e.seen {
		joined := slices.Concat(e.tail, p[:n])
		e.seen = bytes.Contains(joined, e.mark)
		e.tail = bytes.Clone(joined[max(0, len(joined)-len(e.mark)+1):])
	}
	return n, err
}

func (w *walker) multipart(ctx context.Context, p part, parts *multipart.Reader, whole *ending, deeper int) error {
	for i := 1; ; i++ {
		next, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) && whole.seen {
			return nil
		}
		if err != nil {
			return errUnreadable
		}
		if i > maxEntries { // parts without anything to decide about
			return w.skip(Decision{Path: p.path + "/" + strconv.Itoa(i)}, ReasonTooMany)
		}
		inner := p
		inner.path = p.path + "/" + strconv.Itoa(i)
		if err := w.entity(ctx, inner, next.Header, next, deeper); err != nil {
			return err
		}
	}
}

func decode(encoding string, body io.Reader) (io.Reader, bool) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body), true
	case "quoted-printable":
		return quotedprintable.NewReader(body), true
	case "", "7bit", "8bit", "binary":
		return body, true
	}
	return nil, false
}

// decodeName is the first of names that is not empty, with the encoded words
// (RFC 2047) that senders put there against the rules.
func decodeName(names ...string) string {
	decoder := mime.WordDecoder{CharsetReader: charset.NewReaderLabel}
	for _, name := range names {
		if name == "" {
			continue
		}
		if plain, err := decoder.DecodeHeader(name); err == nil {
			return plain
		}
		return name
	}
	return ""
}
