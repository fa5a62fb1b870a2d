package parse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/responses"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// minSize is the smallest text, in points, that a reader can see.
const minSize = 2

func (r *Reader) readPDF(ctx context.Context, content []byte, progress func(page, of int)) (pages []reader.Page, err error) {
	instance, err := r.pool.GetInstance(instanceWait)
	if err != nil {
		return nil, fmt.Errorf("wait for a free reader: %w", err)
	}
	defer func() { // fresh memory for each document
		if closing := instance.Close(); err == nil {
			err = closing
		}
	}()
	document, err := instance.OpenDocument(&requests.OpenDocument{File: &content})
	if errors.Is(err, pdfiumerrors.ErrPassword) {
		return nil, models.Failed(models.FailureDocumentEncrypted, "The PDF is protected by a password. Upload it without one.", err)
	}
	if err != nil {
		return nil, broken(err)
	}
	count, err := instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: document.Document})
	if err != nil {
		return nil, broken(err)
	}
	if count.PageCount > MaxPages {
		return nil, models.Failed(models.FailureDocumentTooLarge, fmt.Sprintf("The PDF has %d pages; at most %d can be read. Split it.", count.PageCount, MaxPages), nil)
	}
	for i := range count.PageCount {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if progress != nil {
			progress(i+1, count.PageCount)
		}
		page, err := readPage(instance, document.Document, i)
		if err != nil {
			return nil, broken(err)
		}
		pages = append(pages, page)
	}
	return pages, nil
}

func broken(cause error) error {
	return models.Failed(models.FailureDocumentBroken, "The PDF is damaged and can't be opened. Upload it again, or print it to a new PDF.", cause)
}

// readPage makes words of a page's characters: pdfium's own rectangles hold
// several words or parts of one.
func readPage(instance pdfium.Pdfium, document references.FPDF_DOCUMENT, index int) (reader.Page, error) {
	at := requests.Page{ByIndex: &requests.PageByIndex{Document: document, Index: index}}
	size, err := instance.GetPageSize(&requests.GetPageSize{Page: at})
	if err != nil {
		return reader.Page{}, err
	}
	text, err := instance.GetPageTextStructured(&requests.GetPageTextStructured{
		Page: at, Mode: requests.GetPageTextStructuredModeChars, CollectFontInformation: true,
	})
	if err != nil {
		return reader.Page{}, err
	}
	b := builder{instance: instance, at: at, page: reader.Page{Number: index + 1, Width: size.Width, Height: size.Height}}
	for _, char := range text.Chars {
		if err := b.add(char); err != nil {
			return reader.Page{}, err
		}
	}
	b.end()
	return b.page, nil
}

// builder gathers characters into words.
type builder struct {
	instance pdfium.Pdfium
	at       requests.Page
	page     reader.Page
	text     strings.Builder
	box      models.Box
	size     float64
	last     span // where the last character stands, along its line
}

func (b *builder) add(char *responses.GetPageTextStructuredChar) error {
	if strings.TrimFunc(char.Text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) == "" {
		b.end()
		return nil
	}
	box, err := b.shares(char.PointPosition)
	if err != nil {
		return err
	}
	at := along(char)
	if b.text.Len() > 0 && b.last.apart(at) {
		b.end()
	}
	b.last = at
	if b.text.Len() == 0 {
		b.box = box
	} else {
		b.box = b.box.Union(box)
	}
	if char.FontInformation != nil {
		b.size = max(b.size, char.FontInformation.Size)
	}
	b.text.WriteString(char.Text)
	return nil
}

// span is where a character stands in the direction that its text runs: from
// and to along the line, low and high across it, in points. It is taken in the
// PDF's own space, so that neither a turned page nor turned text breaks words.
type span struct{ from, to, low, high float64 }

func along(char *responses.GetPageTextStructuredChar) span {
	sin, cos := math.Sincos(-char.Angle) // pdfium counts it clockwise
	p := char.PointPosition
	s := span{math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)}
	for _, corner := range [][2]float64{{p.Left, p.Top}, {p.Left, p.Bottom}, {p.Right, p.Top}, {p.Right, p.Bottom}} {
		line, across := corner[0]*cos+corner[1]*sin, corner[1]*cos-corner[0]*sin
		s.from, s.to = min(s.from, line), max(s.to, line)
		s.low, s.high = min(s.low, across), max(s.high, across)
	}
	return s
}

// apart says whether next stands on another line, or away by more than a
// word's gap.
func (s span) apart(next span) bool {
	height := max(s.high-s.low, next.high-next.low)
	gap := next.from - s.to
	return next.low > s.high || next.high < s.low || gap > height || gap < -height
}

func (b *builder) end() {
	if b.text.Len() > 0 {
		off := b.box.X > 1 || b.box.Y > 1 || b.box.Right() < 0 || b.box.Bottom() < 0
		tiny := b.box.Height*b.page.Height < minSize/2
		b.page.Words = append(b.page.Words, reader.Word{Text: strings.ToValidUTF8(b.text.String(), ""), Box: b.box, Size: b.size, Hidden: off || tiny})
	}
	b.text.Reset()
	b.size = 0
}

// scale is how much finer than points the device grid is: PageToDevice answers
// whole numbers.
const scale = 10

// shares turns a position in the PDF's own space, which knows neither /Rotate
// nor the CropBox, into shares of the page as it is seen.
func (b *builder) shares(p responses.CharPosition) (models.Box, error) {
	width, height := b.page.Width*scale, b.page.Height*scale
	device := func(x, y float64) (float64, float64, error) {
		d, err := b.instance.FPDF_PageToDevice(&requests.FPDF_PageToDevice{
			Page: b.at, SizeX: int(width), SizeY: int(height), PageX: x, PageY: y,
		})
		if err != nil {
			return 0, 0, err
		}
		return float64(d.DeviceX) / width, float64(d.DeviceY) / height, nil
	}
	x0, y0, err := device(p.Left, p.Top)
	if err != nil {
		return models.Box{}, err
	}
	x1, y1, err := device(p.Right, p.Bottom)
	if err != nil {
		return models.Box{}, err
	}
	return models.Box{X: min(x0, x1), Y: min(y0, y1), Width: max(x0, x1) - min(x0, x1), Height: max(y0, y1) - min(y0, y1)}, nil
}
