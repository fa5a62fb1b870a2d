// Package overlay draws what was read over the page on which it stands, for a
// person to see what the engine sees.
package overlay

import (
	"image"
	"image/color"
	"image/draw"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// sure is the confidence from which a word is drawn as read for certain.
const sure = 0.9

// Draw draws a page's words and rulings over its picture, which shows the page
// as the file has it: words of the file and certain ones green, doubtful ones
// orange, hidden ones red, rulings blue.
func Draw(picture image.Image, page *reader.Page) *image.RGBA {
	size := picture.Bounds().Size()
	out := image.NewRGBA(image.Rect(0, 0, size.X, size.Y))
	draw.Draw(out, out.Bounds(), picture, picture.Bounds().Min, draw.Src)
	for _, w := range page.Words {
		ink := color.RGBA{0, 140, 60, 255}
		switch {
		case w.Hidden:
			ink = color.RGBA{220, 0, 0, 255}
		case w.Confidence < sure:
			ink = color.RGBA{235, 120, 0, 255}
		}
		frame(out, page.Original(w.Box), ink)
	}
	for _, r := range page.Rules {
		box := models.Box{X: r.From, Y: r.At, Width: r.To - r.From}
		if r.Vertical {
			box = models.Box{X: r.At, Y: r.From, Height: r.To - r.From}
		}
		frame(out, page.Original(box), color.RGBA{0, 80, 255, 255})
	}
	return out
}

// frame draws a box's edges, one pixel thick.
func frame(out *image.RGBA, box models.Box, ink color.RGBA) {
	size := out.Bounds().Size()
	r := image.Rect(
		int(box.X*float64(size.X)), int(box.Y*float64(size.Y)),
		int(box.Right()*float64(size.X))+1, int(box.Bottom()*float64(size.Y))+1,
	)
	for _, edge := range []image.Rectangle{
		{r.Min, image.Pt(r.Max.X, r.Min.Y+1)},
		{image.Pt(r.Min.X, r.Max.Y-1), r.Max},
		{r.Min, image.Pt(r.Min.X+1, r.Max.Y)},
		{image.Pt(r.Max.X-1, r.Min.Y), r.Max},
	} {
		draw.Draw(out, edge, image.NewUniform(ink), image.Point{}, draw.Src)
	}
}
