// Package intake has the one rule by which a file enters: what is accepted, how
// large it may be, where its bytes go and which rows promise its extraction.
// REST and mailboxes share it, so that neither is a way around the other.
package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/gabriel-vasile/mimetype"

	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
)

// MaxFileSize is the most bytes that a file may have: 10 MB, as the guide says.
const MaxFileSize = 10 << 20

const maxNameLength = 255

// Intake accepts files.
type Intake struct {
	Store *store.Store
	Blobs blob.Store
	Now   func() time.Time
}

// Upload is a file on its way in.
type Upload struct {
	Name       string
	Content    io.Reader
	DocumentID string // the template to use; empty: choose
	Source     models.Source
}

// Accept checks the file, stores its bytes and writes file, extraction and the
// outbox entry that promises the run. The blob comes first: bytes without a row
// are cheap, a row without its bytes is a loss.
func (in *Intake) Accept(ctx context.Context, caller models.Caller, up Upload) (models.ExtractionDetail, models.OutboxEntry, error) {
	fail := func(err error) (models.ExtractionDetail, models.OutboxEntry, error) {
		return models.ExtractionDetail{}, models.OutboxEntry{}, err
	}
	content, err := io.ReadAll(io.LimitReader(up.Content, MaxFileSize+1))
	if err != nil {
		return fail(models.Invalid("the upload ended early; send the file again"))
	}
	kind, err := sniff(content)
	if err != nil {
		return fail(err)
	}
	detail := in.rows(caller, up, content, kind)
	if up.DocumentID != "" {
		if _, err := in.Store.GetDocument(ctx, caller, up.DocumentID); err != nil {
			return fail(err)
		}
		detail.RequestedDocumentID = &up.DocumentID
	}
	if err := in.Blobs.Put(ctx, detail.File.BlobKey, bytes.NewReader(content)); err != nil {
		return fail(models.Unavailable("The file can't be stored right now; send it again in a moment", err))
	}
	entry, err := in.Store.CreateExtraction(ctx, caller, &detail.File, &detail.Extraction)
	if err != nil {
		return fail(err)
	}
	return detail, entry, nil
}

func (in *Intake) rows(caller models.Caller, up Upload, content []byte, kind string) models.ExtractionDetail {
	now := in.Now()
	hash := sha256.Sum256(content)
	fileID := models.NewID(now)
	file := models.File{
		ID: fileID, TenantID: caller.TenantID, Name: SafeName(up.Name), Type: kind, Size: int64(len(content)),
		SHA256: hex.EncodeToString(hash[:]), BlobKey: fmt.Sprintf("%s/files/%s", caller.TenantID, fileID),
		Source: up.Source, AppName: caller.AppName, CreatedAt: now, UpdatedAt: now,
	}
	return models.ExtractionDetail{File: file, Extraction: models.Extraction{
		ID: models.NewID(now), TenantID: caller.TenantID, FileID: fileID, Status: models.StatusUploaded, Attempt: 1,
		Source: up.Source, AppName: caller.AppName, CreatedAt: now, UpdatedAt: now,
	}}
}

// sniff finds the MIME type from the bytes: what the client says of it is not
// trusted. A PDF must begin as one, so that no page of HTML passes for it.
func sniff(content []byte) (string, error) {
	switch {
	case len(content) == 0:
		return "", models.Invalid("file is empty")
	case len(content) > MaxFileSize:
		return "", models.Invalid("file is larger than 10MB")
	}
	kind, _, _ := strings.Cut(mimetype.Detect(content).String(), ";")
	switch kind {
	case "application/pdf":
		if bytes.HasPrefix(content, []byte("%PDF-")) {
			return kind, nil
		}
	case "image/jpeg", "image/png", "image/webp":
		return kind, nil
	}
	return "", models.Invalid("file is not of a type that can be extracted; valid are PDF, JPEG, PNG and WebP")
}

// SafeName is a file name that can be shown anywhere: the last part of a path,
// without control and text-direction characters, at most 255 characters long.
func SafeName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, name))
	if runes := []rune(name); len(runes) > maxNameLength {
		name = string(runes[:maxNameLength])
	}
	if strings.Trim(name, "/.") == "" {
		return "document"
	}
	return name
}
