package ocr

import (
	"cmp"
	"image"
	"math"
	"slices"
)

const (
	detectArea  = 1 << 20 // pixels of the picture in which text is looked for
	detectSide  = 4096    // and the most along a side
	detectShort = 736     // a smaller picture is enlarged, until its short side has this
	detectStep  = 32      // the model's sides are multiples of it
	textPixel   = 0.3     // probability from which a pixel is text
	textBox     = 0.5     // mean probability from which a box is text
	minPixels   = 10      // of a box on the map
	minHeight   = 3       // likewise
	mostBoxes   = 1000    // of a picture: a dense page has 500, noise any number
	unclip      = 1.6     // how much larger than its core text is: area × unclip / perimeter on all sides
)

// detectSize is the size at which text is looked for in a picture.
func detectSize(size image.Point) (w, h int) {
	width, height := float64(size.X), float64(size.Y)
	scale := 1.0
	if short := min(width, height); short < detectShort {
		scale = detectShort / short
	}
	scale = min(scale, math.Sqrt(detectArea/(width*height)), detectSide/max(width, height))
	whole := func(side float64) int { return max(detectStep*int(math.Round(side*scale/detectStep)), detectStep) }
	return whole(width), whole(height)
}

// boxes finds the text in a map of probabilities, w by h, of a picture.
func boxes(probability []float32, w, h int, size image.Point) []image.Rectangle {
	sx, sy := float64(size.X)/float64(w), float64(size.Y)/float64(h)
	seen := make([]bool, w*h)
	var stack []int
	var out []image.Rectangle
	for start, p := range probability {
		if seen[start] || p < textPixel {
			continue
		}
		seen[start] = true
		stack = append(stack[:0], start)
		core, sum := image.Rectangle{}, float64(0)
		n := 0
		for ; len(stack) > 0; n++ {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := at%w, at/w
			core = core.Union(image.Rect(x, y, x+1, y+1))
			sum += float64(probability[at])
			for _, next := range [4]struct {
				at int
				in bool
			}{{at - 1, x > 0}, {at + 1, x < w-1}, {at - w, y > 0}, {at + w, y < h-1}} {
				if next.in && !seen[next.at] && probability[next.at] >= textPixel {
					seen[next.at] = true
					stack = append(stack, next.at)
				}
			}
		}
		if n < minPixels || core.Dy() < minHeight || sum/float64(n) < textBox {
			continue
		}
		if box := grow(core, sx, sy).Intersect(image.Rectangle{Max: size}); box.Dx() >= minSide && box.Dy() >= minSide {
			out = append(out, box)
		}
	}
	if len(out) > mostBoxes {
		slices.SortStableFunc(out, func(a, b image.Rectangle) int { return cmp.Compare(b.Dx()*b.Dy(), a.Dx()*a.Dy()) })
		out = out[:mostBoxes]
	}
	sortBoxes(out)
	return out
}

// sortBoxes puts boxes nearly into reading order.
func sortBoxes(found []image.Rectangle) {
	slices.SortFunc(found, func(a, b image.Rectangle) int {
		return cmp.Or(cmp.Compare(a.Min.Y+a.Max.Y, b.Min.Y+b.Max.Y), cmp.Compare(a.Min.X, b.Min.X))
	})
}

// grow makes a core of the map the box of its text in the picture.
func grow(core image.Rectangle, sx, sy float64) image.Rectangle {
	w, h := float64(core.Dx()), float64(core.Dy())
	d := unclip * w * h / (2 * (w + h))
	return image.Rect(
		int((float64(core.Min.X)-d)*sx), int((float64(core.Min.Y)-d)*sy),
		int(math.Ceil((float64(core.Max.X)+d)*sx)), int(math.Ceil((float64(core.Max.Y)+d)*sy)),
	)
}
