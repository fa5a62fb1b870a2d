// Package intake has the one rule by which a file enters: what is accepted, how
// large it may be, where its bytes go and which rows promise its extraction.
// REST and mailboxes share it, so that neither is a way around the other.
package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
)

// Intake accepts files.
type Intake struct {
	Store *store.Store
	Blobs blob.Store
	Now   func() time.Time
}

// Order is what is to become of an upload.
type Order struct {
	ID          string // the extraction's, where its client may repeat the order; empty: a new one
	Source      models.Source
	DocumentID  string // the template to extract by; empty: choose
	Description string
}

// Extract stores an upload and promises its extraction: file, extraction and
// the outbox entry are written as one. The bytes come first: bytes without a
// row are cheap, a row without its bytes is a loss.
func (in *Intake) Extract(ctx context.Context, caller models.Caller, up *Upload, o Order) (models.ExtractionDetail, models.OutboxEntry, error) {
	if err := extractable(up.Type); err != nil {
		return models.ExtractionDetail{}, models.OutboxEntry{}, err
	}
	file := in.row(caller, up, o)
	x, err := in.extraction(ctx, caller, file, o)
	if err != nil {
		return x, models.OutboxEntry{}, err
	}
	return in.create(ctx, caller, x, func() error { return in.put(ctx, file, up) })
}

// ExtractFile promises the extraction of a file that is stored already.
func (in *Intake) ExtractFile(ctx context.Context, caller models.Caller, file models.File, o Order) (models.ExtractionDetail, models.OutboxEntry, error) {
	if err := extractable(file.Type); err != nil {
		return models.ExtractionDetail{}, models.OutboxEntry{}, err
	}
	x, err := in.extraction(ctx, caller, file, o)
	if err != nil {
		return x, models.OutboxEntry{}, err
	}
	return in.create(ctx, caller, x, func() error { return nil })
}

// Keep stores an upload by itself.
func (in *Intake) Keep(ctx context.Context, caller models.Caller, up *Upload, o Order) (models.File, error) {
	file := in.row(caller, up, o)
	file.Standalone = true
	if err := in.put(ctx, file, up); err != nil {
		return file, err
	}
	return file, in.Store.CreateFile(ctx, caller, &file)
}

func (in *Intake) put(ctx context.Context, file models.File, up *Upload) error {
	content, err := up.Content()
	if err != nil {
		return err
	}
	if err := in.Blobs.Put(ctx, file.BlobKey, content); err != nil {
		return models.Unavailable("The file can't be stored right now; send it again in a moment", err)
	}
	return nil
}

// Discard removes the bytes of a deleted file, and the pages that were read of
// it. No key is no file: nothing is done.
func (in *Intake) Discard(ctx context.Context, blobKey string) error {
	if blobKey == "" {
		return nil
	}
	return errors.Join(in.Blobs.Delete(ctx, blobKey), in.Blobs.Delete(ctx, models.PagesKey(blobKey)))
}

func (in *Intake) create(ctx context.Context, caller models.Caller, x models.ExtractionDetail, put func() error) (models.ExtractionDetail, models.OutboxEntry, error) {
	if err := put(); err != nil {
		return x, models.OutboxEntry{}, err
	}
	entry, err := in.Store.CreateExtraction(ctx, caller, &x.File, &x.Extraction)
	if models.CodeOf(err) == models.CodeConflict {
		return in.earlier(ctx, caller, x, err)
	}
	return x, entry, err
}

// earlier answers the extraction that an order with the same id has made before,
// with its promise; if there is none, x met another conflict.
func (in *Intake) earlier(ctx context.Context, caller models.Caller, x models.ExtractionDetail, conflict error) (models.ExtractionDetail, models.OutboxEntry, error) {
	first, err := in.Store.GetExtraction(ctx, caller, x.ID)
	if err != nil {
		return x, models.OutboxEntry{}, conflict
	}
	if first.File.BlobKey != x.File.BlobKey {
		_ = in.Discard(ctx, x.File.BlobKey) // bytes without a row are cheap
	}
	return first, models.OutboxEntry{}, nil
}

func (in *Intake) row(caller models.Caller, up *Upload, o Order) models.File {
	now := in.Now()
	id := models.NewID(now)
	return models.File{
		ID: id, TenantID: caller.TenantID, Name: SafeName(up.Name), OriginalName: storable(up.Name), Type: up.Type, Size: up.Size,
		SHA256: up.SHA256, BlobKey: fmt.Sprintf("%s/files/%s", caller.TenantID, id), Description: o.Description,
		Source: o.Source, AppName: caller.AppName, CreatedAt: now, UpdatedAt: now,
	}
}

func (in *Intake) extraction(ctx context.Context, caller models.Caller, file models.File, o Order) (models.ExtractionDetail, error) {
	now := in.Now()
	x := models.ExtractionDetail{File: file, Extraction: models.Extraction{
		ID: cmp.Or(o.ID, models.NewID(now)), TenantID: caller.TenantID, FileID: file.ID, Status: models.StatusUploaded, Attempt: 1,
		Source: o.Source, AppName: caller.AppName, CreatedAt: now, UpdatedAt: now,
	}}
	if o.DocumentID == "" {
		return x, nil
	}
	if !models.ValidID(o.DocumentID) {
		return x, models.Invalid("documentId: Invalid document ID format")
	}
	x.DocumentID, x.RequestedDocumentID = &o.DocumentID, &o.DocumentID
	_, err := in.Store.GetDocument(ctx, caller, o.DocumentID)
	return x, err
}

// extractable says whether files of a type can be extracted.
func extractable(kind string) error {
	if slices.Contains([]string{typePDF, typeJPEG, typePNG, typeWebP}, kind) {
		return nil
	}
	return models.Invalid("file is not of a type that can be extracted; valid are PDF, JPEG, PNG and WebP")
}

const maxNameLength = 255

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
	name = firstRunes(name, maxNameLength)
	if strings.Trim(name, "/.") == "" {
		return "document"
	}
	return name
}

// storable is the name as it came, but for what a database can't hold.
func storable(name string) string {
	name = strings.ToValidUTF8(name, string(utf8.RuneError))
	return firstRunes(strings.ReplaceAll(name, "\x00", string(utf8.RuneError)), 4*maxNameLength)
}

func firstRunes(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit])
	}
	return text
}
