package ocr

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

const (
	maxArea = 3600 * 2600 // pixels that are worth reading: A4 at 300 dpi has 3508 x 2480
	maxSide = 12_000      // the most along a side, of a long receipt
)

// minContrast is how far apart the darkest and the lightest pixels of a picture
// must be for text to be in it, of 255.
const minContrast = 24

// prepare makes a picture grey and not larger than is worth reading. scale is
// what its sides were multiplied with. It is nil where there can be no text.
func prepare(img image.Image) (page *image.Gray, scale float64) {
	b := img.Bounds()
	scale = 1
	if b.Dx() < minSide || b.Dy() < minSide {
		return nil, scale
	}
	page = gray(img)
	scale = min(scale, math.Sqrt(maxArea/(float64(b.Dx())*float64(b.Dy()))), maxSide/float64(max(b.Dx(), b.Dy())))
	if scale < 1 {
		w, h := int(math.Round(float64(b.Dx())*scale)), int(math.Round(float64(b.Dy())*scale))
		page = resize(page, page.Rect, max(w, 1), max(h, 1))
	}
	if page.Rect.Dx() < minSide || page.Rect.Dy() < minSide || contrast(page) < minContrast {
		return nil, scale
	}
	return page, scale
}

// minSide is the shortest side, in pixels, of a picture or box that can hold a
// character.
const minSide = 4

// gray is the picture in grey with its corner at 0,0; what is transparent is
// white, as paper is.
func gray(img image.Image) *image.Gray {
	b := img.Bounds()
	out := image.NewGray(image.Rectangle{Max: b.Size()})
	switch src := img.(type) {
	case *image.Gray:
		for y := range b.Dy() {
			copy(out.Pix[y*out.Stride:y*out.Stride+b.Dx()], src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):])
		}
	case *image.YCbCr: // Y is what grey is
		for y := range b.Dy() {
			copy(out.Pix[y*out.Stride:y*out.Stride+b.Dx()], src.Y[src.YOffset(b.Min.X, b.Min.Y+y):])
		}
	default:
		rows := image.NewRGBA(image.Rect(0, 0, b.Dx(), 1))
		for y := range b.Dy() { // a row at a time: the whole would be four times the memory
			draw.Draw(rows, rows.Rect, image.White, image.Point{}, draw.Src)
			draw.Draw(rows, rows.Rect, img, image.Pt(b.Min.X, b.Min.Y+y), draw.Over)
			for x := range b.Dx() {
				p := rows.Pix[4*x : 4*x+3 : 4*x+3]
				out.Pix[y*out.Stride+x] = color.GrayModel.Convert(color.RGBA{p[0], p[1], p[2], 255}).(color.Gray).Y //nolint:errcheck // GrayModel makes Gray alone
			}
		}
	}
	return out
}

// contrast is how far the dark pixels of a picture are from its light ones.
func contrast(page *image.Gray) int {
	var histogram [256]int
	for _, p := range page.Pix {
		histogram[p]++
	}
	few := len(page.Pix) / 2000 // single specks are no text
	return percentile(histogram, len(page.Pix)-few) - percentile(histogram, few)
}

// percentile is the grey that n pixels are darker than.
func percentile(histogram [256]int, n int) int {
	for level, count := range histogram {
		if n -= count; n < 0 {
			return level
		}
	}
	return 255
}

// resize is the part r of src at w by h pixels. (x/image/draw does the same in
// four float64 a pixel, which is 16 times the memory that grey takes here.)
func resize(src *image.Gray, r image.Rectangle, w, h int) *image.Gray {
	columns, rows := kernel(r.Dx(), w), kernel(r.Dy(), h)
	wide := make([]float32, w*r.Dy())
	for y := range r.Dy() {
		line := src.Pix[src.PixOffset(r.Min.X, r.Min.Y+y):][:r.Dx()]
		for x, t := range columns {
			var sum float32
			for i, weight := range t.weights {
				sum += weight * float32(line[t.from+i])
			}
			wide[y*w+x] = sum
		}
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	sums := make([]float32, w)
	for y, t := range rows {
		clear(sums)
		for i, weight := range t.weights {
			for x, v := range wide[(t.from+i)*w:][:w] {
				sums[x] += weight * v
			}
		}
		for x, sum := range sums {
			out.Pix[y*w+x] = uint8(min(max(sum+0.5, 0), 255))
		}
	}
	return out
}

// taps are the pixels that make one pixel, and their shares of it.
type taps struct {
	from    int
	weights []float32
}

// kernel gives the taps of a row of n pixels that becomes one of m: the mean of
// what a pixel covers where there are fewer, a Catmull-Rom curve through them
// where there are more, which keeps small letters apart better than a straight
// line does.
func kernel(n, m int) []taps {
	ratio := float64(n) / float64(m)
	weigh, reach := triangle, max(ratio, 1)
	if ratio < 1 {
		weigh, reach = catmullRom, 2
	}
	out := make([]taps, m)
	for i := range out {
		centre := (float64(i)+0.5)*ratio - 0.5
		from, to := max(int(math.Ceil(centre-reach)), 0), min(int(math.Floor(centre+reach)), n-1)
		t := taps{from: from}
		var sum float32
		for j := from; j <= to; j++ {
			weight := float32(weigh(math.Abs(float64(j)-centre) / max(ratio, 1)))
			t.weights, sum = append(t.weights, weight), sum+weight
		}
		if sum <= 0 { // no pixel is near enough
			t = taps{from: min(max(int(math.Round(centre)), 0), n-1), weights: []float32{1}}
			sum = 1
		}
		for j := range t.weights {
			t.weights[j] /= sum
		}
		out[i] = t
	}
	return out
}

func triangle(x float64) float64 { return max(1-x, 0) }

// catmullRom is the cubic of Keys with a = -1/2.
func catmullRom(x float64) float64 {
	switch {
	case x < 1:
		return 1 + x*x*(1.5*x-2.5)
	case x < 2:
		return 2 + x*(x*(2.5-0.5*x)-4)
	}
	return 0
}
