package ocr

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"strings"
	"testing"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"
)

// page is a page as a scanner sees it at 150 dpi: lines of text, black on
// white.
func page(t testing.TB, lines ...string) *image.Gray {
	t.Helper()
	face := typeface(t)
	out := image.NewGray(image.Rect(0, 0, 1240, max(1000, 2*margin+leading*len(lines))))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	d := font.Drawer{Dst: out, Src: image.Black, Face: face}
	for i, line := range lines {
		d.Dot = fixed.P(margin, margin+leading*(i+1))
		d.DrawString(line)
	}
	return out
}

const size, leading, margin = 26, 44, 220 // pixels

func typeface(t testing.TB) font.Face {
	t.Helper()
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		t.Fatal(err)
	}
	return face
}

// span is where a word stands that is drawn after others on the first line.
func span(t testing.TB, before, word string) image.Rectangle {
	t.Helper()
	from := margin + font.MeasureString(typeface(t), before).Round()
	to := from + font.MeasureString(typeface(t), word).Round()
	return image.Rect(from, margin+leading-size*7/10, to, margin+leading)
}

// turned is a picture turned clockwise about its middle, which is what the
// readers must undo.
func turned(src *image.Gray, degrees float64) *image.Gray {
	for ; degrees >= 90; degrees -= 90 {
		src = quarterTurn(src)
	}
	if degrees == 0 {
		return src
	}
	out := image.NewGray(src.Rect)
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	x, y := float64(src.Rect.Dx())/2, float64(src.Rect.Dy())/2
	xdraw.BiLinear.Transform(out, f64.Aff3{cos, -sin, x - x*cos + y*sin, sin, cos, y - x*sin - y*cos}, src, src.Rect, draw.Over, nil)
	return out
}

func uniform(w, h int, grey uint8) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Rect, image.NewUniform(color.Gray{Y: grey}), image.Point{}, draw.Src)
	return out
}

// textLines are the words of a result, a line a printed line.
func textLines(words []Word) []string {
	var out []string
	last := 0
	for _, w := range words {
		if w.Line != last {
			out, last = append(out, ""), w.Line
		}
		out[len(out)-1] = strings.TrimSpace(out[len(out)-1] + " " + w.Text)
	}
	return out
}
