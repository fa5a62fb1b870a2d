package parse

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"strings"

	"github.com/klippa-app/go-pdfium/requests"

	"decoded.digital/extractor/internal/reader"
)

// showDPI is fine enough to read small print on a screen.
const showDPI = 150

// Show draws a page as the file has it. A document that has no pages of its own
// is shown as blank paper.
func (r *Reader) Show(fileType string, content []byte, page *reader.Page) (image.Image, error) {
	switch kind, _, _ := strings.Cut(fileType, ";"); {
	case kind == "application/pdf":
		return r.showPDF(content, page.Number)
	case strings.HasPrefix(kind, "image/"):
		return decodeImage(content)
	}
	paper := image.NewGray(image.Rect(0, 0, int(page.Width*showDPI/72), int(page.Height*showDPI/72)))
	draw.Draw(paper, paper.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	return paper, nil
}

// quality of a page's picture: letters stay clean, and a page takes some 200 kB.
const quality = 85

// Picture draws a page, counted from 1, turned clockwise by 0, 90, 180 or 270
// degrees, as a JPEG.
func (r *Reader) Picture(fileType string, content []byte, page, turned int) ([]byte, error) {
	drawn, err := r.Show(fileType, content, &reader.Page{Number: page, Width: paperWidth, Height: paperHeight})
	if err != nil {
		return nil, err
	}
	grey, ok := drawn.(*image.Gray)
	if !ok {
		return nil, errors.New("a page was drawn in colour")
	}
	var out bytes.Buffer
	// Exif's names of the quarter turns.
	err = jpeg.Encode(&out, turn(grey, map[int]int{90: 6, 180: 3, 270: 8}[turned%360]), &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}

func (r *Reader) showPDF(content []byte, number int) (picture image.Image, err error) {
	instance, err := r.pool.GetInstance(instanceWait)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, instance.Close()) }()
	part := pdfPart{reader: r, pdfium: instance}
	if err := part.open(content); err != nil {
		return nil, err
	}
	s := sheet{pdfium: instance}
	if _, err := s.open(part.opened, number-1); err != nil {
		return nil, broken(err)
	}
	size, err := instance.GetPageSize(&requests.GetPageSize{Page: s.at()})
	if err != nil {
		return nil, broken(err)
	}
	s.place = placement{width: size.Width, height: size.Height}
	drawn, release, err := s.render(s.dpi(showDPI, maxScanInk))
	if err != nil {
		return nil, broken(err)
	}
	defer release()
	return flatten(drawn), s.close() // a copy: what pdfium drew goes with it
}
