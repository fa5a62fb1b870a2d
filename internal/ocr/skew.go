package ocr

import (
	"image"
	"math"
	"slices"
)

const (
	skewArea   = 600_000 // pixels of the picture whose lines are measured
	skewPoints = 40_000  // edges that are enough to measure them
	maxSkew    = 15      // degrees
	skewStep   = 0.5     // of the first look
	skewFine   = 0.05    // of the last
	minPeak    = 1.15    // how much sharper lines must be at their angle than at most others
	inkDepth   = 24      // how much darker than its surroundings ink is, of 255
	inkReach   = 12      // pixels around that are its surroundings
)

// estimateSkew is by how many degrees a page must be turned clockwise for its
// lines to lie level; sided says that they seem to run from top to bottom. At
// the right angle the lower edges of letters gather in few rows.
func estimateSkew(page *image.Gray) (skew float64, sided bool) {
	scale := min(1, math.Sqrt(skewArea/float64(len(page.Pix))))
	small := page
	if scale < 1 {
		w, h := int(float64(page.Rect.Dx())*scale), int(float64(page.Rect.Dy())*scale)
		small = resize(page, page.Rect, max(w, 1), max(h, 1))
	}
	below, beside := edges(small)
	for i, p := range beside { // seen from the side
		beside[i] = image.Pt(-p.Y, p.X)
	}
	level, levelPeak := sharpest(below)
	upright, uprightPeak := sharpest(beside)
	if uprightPeak > levelPeak {
		level, levelPeak, sided = upright, uprightPeak, true
	}
	if levelPeak < minPeak || math.Abs(level) > maxSkew {
		return 0, sided
	}
	return -level, sided
}

// edges are the points where ink ends below and on its right.
func edges(page *image.Gray) (below, beside []image.Point) {
	ink := inkOf(page)
	w, h := page.Rect.Dx(), page.Rect.Dy()
	for y := 0; y+1 < h; y++ {
		for x := 0; x+1 < w; x++ {
			at := y*w + x
			if !ink[at] {
				continue
			}
			if !ink[at+w] {
				below = append(below, image.Pt(x, y))
			}
			if !ink[at+1] {
				beside = append(beside, image.Pt(x, y))
			}
		}
	}
	return thin(below), thin(beside)
}

// thin keeps so many points, spread evenly, as are enough.
func thin(points []image.Point) []image.Point {
	if len(points) <= skewPoints {
		return points
	}
	out := make([]image.Point, 0, skewPoints)
	for i := range skewPoints {
		out = append(out, points[i*len(points)/skewPoints])
	}
	return out
}

// inkOf says which pixels are darker than the mean around them.
func inkOf(page *image.Gray) []bool {
	w, h := page.Rect.Dx(), page.Rect.Dy()
	sums := make([]int, (w+1)*(h+1)) // of all pixels above and left
	for y := range h {
		row := 0
		for x := range w {
			row += int(page.Pix[y*page.Stride+x])
			sums[(y+1)*(w+1)+x+1] = sums[y*(w+1)+x+1] + row
		}
	}
	out := make([]bool, w*h)
	for y := range h {
		top, bottom := max(y-inkReach, 0), min(y+inkReach+1, h)
		for x := range w {
			left, right := max(x-inkReach, 0), min(x+inkReach+1, w)
			sum := sums[bottom*(w+1)+right] - sums[top*(w+1)+right] - sums[bottom*(w+1)+left] + sums[top*(w+1)+left]
			out[y*w+x] = (int(page.Pix[y*page.Stride+x])+inkDepth)*(bottom-top)*(right-left) < sum
		}
	}
	return out
}

// sharpest is the angle at which points gather most in rows, in degrees
// downwards to the right, and how many times more than at most other angles.
func sharpest(points []image.Point) (angle, peak float64) {
	if len(points) < minPixels {
		return 0, 0
	}
	var scores []float64
	best := 0.0
	for a := -maxSkew - 1.0; a <= maxSkew+1; a += skewStep {
		score := gathering(points, a)
		if score > best {
			best, angle = score, a
		}
		scores = append(scores, score)
	}
	slices.Sort(scores)
	usual := scores[len(scores)/2]
	for a := angle - skewStep; a <= angle+skewStep; a += skewFine {
		if score := gathering(points, a); score > best {
			best, angle = score, a
		}
	}
	return angle, best / usual
}

// gathering is the sum of the squares of the points in each row of a page that
// is turned by an angle.
func gathering(points []image.Point, degrees float64) float64 {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	low, high := math.Inf(1), math.Inf(-1)
	rows := make([]float64, len(points))
	for i, p := range points {
		rows[i] = float64(p.Y)*cos - float64(p.X)*sin
		low, high = min(low, rows[i]), max(high, rows[i])
	}
	counts := make([]float64, int(high-low)+2)
	for _, row := range rows { // shared between two rows, or whole angles would stand out
		whole := math.Floor(row - low)
		part := row - low - whole
		counts[int(whole)] += 1 - part
		counts[int(whole)+1] += part
	}
	sum := 0.0
	for _, n := range counts {
		sum += n * n
	}
	return sum
}

// rotate turns a page clockwise about its middle. It keeps its size; what comes
// in at the corners is the colour of its paper.
func rotate(page *image.Gray, degrees float64) *image.Gray {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	w, h := page.Rect.Dx(), page.Rect.Dy()
	out := image.NewGray(page.Rect)
	paper := paperOf(page)
	middleX, middleY := float64(w-1)/2, float64(h-1)/2
	for y := range h {
		dy := float64(y) - middleY
		for x := range w {
			dx := float64(x) - middleX
			out.Pix[y*out.Stride+x] = between(page, dx*cos+dy*sin+middleX, dy*cos-dx*sin+middleY, paper)
		}
	}
	return out
}

// paperOf is the grey that most of a page has.
func paperOf(page *image.Gray) uint8 {
	var histogram [256]int
	for _, p := range page.Pix {
		histogram[p]++
	}
	return uint8(percentile(histogram, len(page.Pix)/2)) //nolint:gosec // a grey is 0 to 255
}

// between is the grey between four pixels.
func between(page *image.Gray, x, y float64, outside uint8) uint8 {
	w, h := page.Rect.Dx(), page.Rect.Dy()
	left, top := int(math.Floor(x)), int(math.Floor(y))
	if left < 0 || top < 0 || left+1 >= w || top+1 >= h {
		if x < -0.5 || y < -0.5 || x > float64(w)-0.5 || y > float64(h)-0.5 {
			return outside
		}
		return page.Pix[min(max(top, 0), h-1)*page.Stride+min(max(left, 0), w-1)]
	}
	fx, fy := x-float64(left), y-float64(top)
	at := top*page.Stride + left
	above := float64(page.Pix[at])*(1-fx) + float64(page.Pix[at+1])*fx
	below := float64(page.Pix[at+page.Stride])*(1-fx) + float64(page.Pix[at+page.Stride+1])*fx
	return uint8(above*(1-fy) + below*fy + 0.5)
}

// quarterTurn turns a page clockwise by 90 degrees.
func quarterTurn(page *image.Gray) *image.Gray {
	w, h := page.Rect.Dx(), page.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			out.Pix[x*out.Stride+h-1-y] = page.Pix[y*page.Stride+x]
		}
	}
	return out
}

// crop is a copy of a part of a page, with its corner at 0,0.
func crop(page *image.Gray, box image.Rectangle) *image.Gray {
	part, ok := page.SubImage(box).(*image.Gray)
	if !ok {
		return image.NewGray(image.Rectangle{})
	}
	return gray(part)
}
