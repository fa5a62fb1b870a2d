package parse

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/klippa-app/go-pdfium"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// partPages is how many pages are read before the document is opened anew:
// pdfium keeps a handle for each object that it has shown until it is closed.
const partPages = 50

// readPDF reads text, rulings and attachments; pages that hold pictures of text
// are read by OCR.
func (r *Reader) readPDF(ctx context.Context, content []byte, progress func(page, of int)) (*reader.Document, error) {
	document := &reader.Document{}
	for count := 1; len(document.Pages) < count; {
		instance, err := r.pool.GetInstance(instanceWait)
		if err != nil {
			return nil, fmt.Errorf("wait for a free reader: %w", err)
		}
		part := pdfPart{reader: r, pdfium: instance, document: document, progress: progress}
		count, err = part.read(ctx, content)
		if err = errors.Join(err, instance.Close()); err != nil { // fresh memory for each
			return nil, err
		}
	}
	return document, nil
}

// pdfPart is a document opened for some of its pages.
type pdfPart struct {
	reader   *Reader
	pdfium   pdfium.Pdfium
	opened   references.FPDF_DOCUMENT
	document *reader.Document
	progress func(page, of int)
}

// read adds the next pages and answers how many the document has.
func (p *pdfPart) read(ctx context.Context, content []byte) (count int, err error) {
	if err := p.open(content); err != nil {
		return 0, err
	}
	counted, err := p.pdfium.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: p.opened})
	if err != nil {
		return 0, broken(err)
	}
	count = counted.PageCount
	if count > MaxPages {
		return 0, models.Failed(models.FailureDocumentTooLarge, fmt.Sprintf("The PDF has %d pages; at most %d can be read. Split it.", count, MaxPages), nil)
	}
	first := len(p.document.Pages)
	if first == 0 {
		p.readAttachments()
		p.readMetadata()
	}
	for i := first; i < min(first+partPages, count); i++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		p.progress(i+1, count)
		page, err := p.readPage(ctx, i)
		if err != nil {
			return 0, err
		}
		p.document.Pages = append(p.document.Pages, page)
	}
	return count, nil
}

func (p *pdfPart) open(content []byte) error {
	opened, err := p.pdfium.OpenDocument(&requests.OpenDocument{File: &content})
	if errors.Is(err, pdfiumerrors.ErrPassword) {
		return models.Failed(models.FailureDocumentEncrypted, "The PDF is protected by a password. Upload it without one.", err)
	}
	if err != nil {
		return broken(err)
	}
	p.opened = opened.Document
	return nil
}

// broken is the failure of a document that pdfium can't read. Where it used up
// its memory it trapped, and its stack says nothing to anybody.
func broken(cause error) error {
	if trap, stack, ok := strings.Cut(cause.Error(), "\n"); ok && strings.Contains(trap, "wasm error") && stack != "" {
		return models.Failed(models.FailureDocumentTooLarge, "Reading the PDF takes more memory than a document may take. Print it to a new PDF, or split it, and upload that.", errors.New(trap))
	}
	return models.Failed(models.FailureDocumentBroken, "The PDF is damaged and can't be opened. Upload it again, or print it to a new PDF.", cause)
}

// readPage reads one page; what pdfium fails on is the document's fault.
func (p *pdfPart) readPage(ctx context.Context, index int) (reader.Page, error) {
	s := sheet{pdfium: p.pdfium}
	page, suspects, err := s.read(p.opened, index)
	if err != nil {
		return page, errors.Join(broken(err), s.close())
	}
	if s.pictured(&page, suspects) {
		err = p.reader.readPictured(ctx, &s, &page, suspects)
	} else {
		err = s.hide(&page, suspects)
		s.setUpright(&page)
	}
	if err = errors.Join(err, s.close()); err != nil {
		return page, err
	}
	page.Rules = joinRules(page.Rules, page.Width, page.Height)
	order(page.Words)
	return page, nil
}

const (
	maxAttachments    = 50
	maxAttachmentSize = 8 << 20 // bytes of an XML that is kept
)

// readAttachments lists the files inside a PDF and keeps the XML ones, among
// which an invoice's own data is. A broken one is left out: the pages stand
// without it.
func (p *pdfPart) readAttachments() {
	counted, err := p.pdfium.FPDFDoc_GetAttachmentCount(&requests.FPDFDoc_GetAttachmentCount{Document: p.opened})
	if err != nil {
		return
	}
	for i := range min(counted.AttachmentCount, maxAttachments) {
		found, err := p.pdfium.FPDFDoc_GetAttachment(&requests.FPDFDoc_GetAttachment{Document: p.opened, Index: i})
		if err != nil {
			continue
		}
		name, err := p.pdfium.FPDFAttachment_GetName(&requests.FPDFAttachment_GetName{Attachment: found.Attachment})
		if err != nil {
			continue
		}
		file, err := p.pdfium.FPDFAttachment_GetFile(&requests.FPDFAttachment_GetFile{Attachment: found.Attachment})
		if err != nil {
			continue
		}
		attachment := reader.Attachment{Name: clean(name.Name), Size: len(file.Contents)}
		if strings.HasSuffix(strings.ToLower(attachment.Name), ".xml") && attachment.Size <= maxAttachmentSize {
			attachment.Content = file.Contents
		}
		p.document.Attachments = append(p.document.Attachments, attachment)
	}
}

func (p *pdfPart) readMetadata() {
	found, err := p.pdfium.GetMetaData(&requests.GetMetaData{Document: p.opened})
	if err != nil {
		return // a file need not say anything of itself
	}
	m := &p.document.Metadata
	into := map[string]*string{
		"Title": &m.Title, "Author": &m.Author, "Creator": &m.Creator, "Producer": &m.Producer, "CreationDate": &m.Created,
	}
	for _, tag := range found.Tags {
		if target, ok := into[tag.Tag]; ok {
			*target = clean(tag.Value)
		}
	}
}
