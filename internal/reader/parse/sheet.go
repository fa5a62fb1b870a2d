package parse

import (
	"errors"
	"image"
	"math"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// sheet is a page of a PDF that is open.
type sheet struct {
	pdfium pdfium.Pdfium
	page   references.FPDF_PAGE
	text   references.FPDF_TEXTPAGE
	place  placement
	drawn  drawing
	lost   int    // characters of the page that have no letter
	ways   [4]int // how much text runs to the right, down, to the left, up
}

// read reads what the file itself says of a page: its words, each with what is
// suspicious about it, and its rulings.
func (s *sheet) read(document references.FPDF_DOCUMENT, index int) (reader.Page, []suspicion, error) {
	page := reader.Page{Number: index + 1, Words: []reader.Word{}}
	widgets, err := s.open(document, index)
	if err != nil {
		return page, nil, err
	}
	size, err := s.pdfium.GetPageSize(&requests.GetPageSize{Page: s.at()})
	if err != nil {
		return page, nil, err
	}
	page.Width, page.Height = size.Width, size.Height
	if s.place, err = s.locate(size.Width, size.Height); err != nil {
		return page, nil, err
	}
	if err := s.readDrawing(); err != nil {
		return page, nil, err
	}
	page.Rules = s.drawn.rules
	suspects, err := s.readWords(&page)
	if err != nil {
		return page, nil, err
	}
	return page, s.addWidgets(&page, suspects, widgets), nil
}

func (s *sheet) at() requests.Page { return requests.Page{ByReference: &s.page} }

// open loads the page. What is filled in on a form is no text of the page until
// it is made part of it, after which the page must be loaded again.
func (s *sheet) open(document references.FPDF_DOCUMENT, index int) ([]widget, error) {
	if err := s.load(document, index); err != nil {
		return nil, err
	}
	widgets := s.readWidgets()
	if len(widgets) > 0 {
		_, err := s.pdfium.FPDFPage_Flatten(&requests.FPDFPage_Flatten{Page: s.at(), Usage: requests.FPDFPage_FlattenUsageNormalDisplay})
		if err := errors.Join(err, s.closePage(), s.load(document, index)); err != nil {
			return nil, err
		}
	}
	text, err := s.pdfium.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: s.at()})
	if err != nil {
		return nil, err
	}
	s.text = text.TextPage
	return widgets, nil
}

func (s *sheet) load(document references.FPDF_DOCUMENT, index int) error {
	loaded, err := s.pdfium.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: document, Index: index})
	if err == nil {
		s.page = loaded.Page
	}
	return err
}

func (s *sheet) close() error {
	var err error
	if s.text != "" {
		_, err = s.pdfium.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: s.text})
	}
	return errors.Join(err, s.closePage())
}

func (s *sheet) closePage() error {
	if s.page == "" {
		return nil
	}
	_, err := s.pdfium.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: s.page})
	s.page = ""
	return err
}

// render draws the page in shades of grey; release frees the picture, which
// lives in pdfium's memory.
func (s *sheet) render(dpi int) (picture *image.Gray, release func(), err error) {
	drawn, err := s.pdfium.RenderPageInDPI(&requests.RenderPageInDPI{Page: s.at(), DPI: dpi, ImageFormat: requests.RenderImageFormatGrayscale})
	if err != nil {
		return nil, nil, err
	}
	picture, ok := drawn.Result.RenderedImage.(*image.Gray)
	if !ok {
		drawn.Cleanup()
		return nil, nil, errors.New("pdfium drew no picture")
	}
	return picture, drawn.Cleanup, nil
}

// placement turns a position in the PDF's own space, which knows neither
// /Rotate nor the CropBox, into shares of the page as it is seen: x = xx·px +
// xy·py + x0, and y likewise.
type placement struct {
	xx, xy, x0, yx, yy, y0 float64
	width, height          float64 // of the page, in points
}

// grid is how much finer than points the device is: PageToDevice answers whole
// numbers.
const grid = 1000

// locate finds the placement from where three points fall.
func (s *sheet) locate(width, height float64) (placement, error) {
	p := placement{width: width, height: height}
	if width < 1 || height < 1 || max(width, height)*grid > math.MaxInt32 {
		return p, errors.New("the page has no size that can be drawn")
	}
	var x, y [3]float64
	for i, point := range [3][2]float64{{0, 0}, {width, 0}, {0, height}} {
		d, err := s.pdfium.FPDF_PageToDevice(&requests.FPDF_PageToDevice{
			Page: s.at(), SizeX: int(width * grid), SizeY: int(height * grid), PageX: point[0], PageY: point[1],
		})
		if err != nil {
			return p, err
		}
		x[i], y[i] = float64(d.DeviceX)/(width*grid), float64(d.DeviceY)/(height*grid)
	}
	p.x0, p.xx, p.xy = x[0], (x[1]-x[0])/width, (x[2]-x[0])/height
	p.y0, p.yx, p.yy = y[0], (y[1]-y[0])/width, (y[2]-y[0])/height
	return p, nil
}

func (p placement) point(x, y float64) (float64, float64) {
	return p.xx*x + p.xy*y + p.x0, p.yx*x + p.yy*y + p.y0
}

func (p placement) box(left, bottom, right, top float64) models.Box {
	x0, y0 := p.point(left, top)
	x1, y1 := p.point(right, bottom)
	return models.Box{X: min(x0, x1), Y: min(y0, y1), Width: max(x0, x1) - min(x0, x1), Height: max(y0, y1) - min(y0, y1)}
}

// way is where text of an angle, counterclockwise in the PDF's own space, runs
// on the page as it is seen: 0 to the right, 1 down, 2 to the left, 3 up.
func (p placement) way(angle float64) int {
	sin, cos := math.Sincos(angle)
	x, y := (p.xx*cos+p.xy*sin)*p.width, (p.yx*cos+p.yy*sin)*p.height
	switch {
	case math.Abs(x) >= math.Abs(y) && x >= 0:
		return 0
	case math.Abs(x) >= math.Abs(y):
		return 2
	case y >= 0:
		return 1
	}
	return 3
}

// setUpright turns the page so that most of its text runs to the right.
func (s *sheet) setUpright(page *reader.Page) {
	most := 0
	for way, letters := range s.ways {
		if letters > s.ways[most] {
			most = way
		}
	}
	if most == 0 {
		return
	}
	page.Turn = 360 - 90*most
	if page.Turn%180 != 0 {
		page.Width, page.Height = page.Height, page.Width
	}
	for i := range page.Words {
		page.Words[i].Box = page.Upright(page.Words[i].Box)
	}
	for i, r := range page.Rules {
		box := models.Box{X: r.From, Width: r.To - r.From, Y: r.At}
		if r.Vertical {
			box = models.Box{Y: r.From, Height: r.To - r.From, X: r.At}
		}
		box = page.Upright(box)
		if page.Rules[i] = (reader.Rule{At: box.Y, From: box.X, To: box.Right()}); box.Height > box.Width {
			page.Rules[i] = reader.Rule{Vertical: true, At: box.X, From: box.Y, To: box.Bottom()}
		}
	}
}
