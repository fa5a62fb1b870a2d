package parse

import (
	"image"
	"math"

	"github.com/klippa-app/go-pdfium/enums"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// suspicion is why a word may be one that no reader sees.
type suspicion int

const (
	seen    suspicion = iota
	unseen            // off the page, or too small: it is hidden for certain
	pale              // in the colour of what is under it, perhaps: the picture tells
	layered           // drawn invisibly or under a picture: it may be a scan's text
	lowInk  = 0.12    // contrast, of 1, under which text is not seen
	minSize = 2       // points: smaller text is not seen
)

// ink is a colour in shares of full light; a is how much covers what is under
// it.
type ink struct{ r, g, b, a float64 }

func newInk(r, g, b, a uint) ink {
	return ink{float64(r) / 255, float64(g) / 255, float64(b) / 255, float64(a) / 255}
}

func paper() ink { return ink{1, 1, 1, 1} }

func (c ink) distance(o ink) float64 {
	return max(math.Abs(c.r-o.r), math.Abs(c.g-o.g), math.Abs(c.b-o.b))
}

// suspect says what is suspicious about a word.
func (s *sheet) suspect(w *reader.Word, l look) suspicion {
	x, y := w.Box.X+w.Box.Width/2, w.Box.Y+w.Box.Height/2
	switch {
	case x < 0 || x > 1 || y < 0 || y > 1:
		return unseen
	case l.size > 0 && l.size < minSize && w.Box.Height*s.place.height < minSize && w.Box.Width*s.place.width < minSize*float64(len(w.Text)):
		return unseen
	case l.mode == enums.FPDF_TEXTRENDERMODE_INVISIBLE || l.mode == enums.FPDF_TEXTRENDERMODE_CLIP || l.ink.a < lowInk:
		return layered
	}
	for _, c := range s.drawn.covered {
		if within(c, x, y) {
			return layered
		}
	}
	under := paper()
	for _, f := range s.drawn.fills {
		if f.ink.a > 0.5 && within(f.box, x, y) {
			if f.ink.distance(l.ink) < lowInk {
				return pale
			}
			under = f.ink
		}
	}
	if under.distance(l.ink) < lowInk || l.ink.distance(paper()) < lowInk {
		return pale
	}
	return seen
}

func within(b models.Box, x, y float64) bool {
	return x >= b.X && x <= b.Right() && y >= b.Y && y <= b.Bottom()
}

// inkDPI is fine enough to see whether there is ink, not what it says.
const inkDPI = 100

// hide marks the words that no reader sees, on a page whose text is its own.
func (s *sheet) hide(page *reader.Page, suspects []suspicion) error {
	var picture *image.Gray
	for i := range page.Words {
		w := &page.Words[i]
		switch suspects[i] {
		case seen:
		case unseen, layered:
			w.Hidden = true
		case pale:
			if picture == nil {
				drawn, release, err := s.render(s.dpi(inkDPI, maxRenderInk))
				if err != nil {
					return broken(err)
				}
				defer release()
				picture = drawn
			}
			w.Hidden = contrast(picture, w.Box) < lowInk
		}
	}
	return nil
}

// contrast is the difference between the lightest and the darkest spot in a
// box, of 1.
func contrast(picture *image.Gray, box models.Box) float64 {
	size := picture.Bounds().Size()
	at := image.Rect(
		int(box.X*float64(size.X)), int(box.Y*float64(size.Y)),
		int(math.Ceil(box.Right()*float64(size.X))), int(math.Ceil(box.Bottom()*float64(size.Y))),
	).Intersect(picture.Bounds())
	low, high := uint8(255), uint8(0)
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for _, v := range picture.Pix[picture.PixOffset(at.Min.X, y):picture.PixOffset(at.Max.X, y)] {
			low, high = min(low, v), max(high, v)
		}
	}
	return max(float64(high)-float64(low), 0) / 255
}
