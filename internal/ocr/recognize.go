package ocr

import (
	"context"
	"fmt"
	"image"
	"math"
)

const (
	lineHeight = 48   // of a line as the model reads it, pixels
	minWidth   = 32   // likewise
	maxWidth   = 1600 // a longer line is squeezed
	minSure    = 0.5  // mean confidence under which a line is none
	candidates = 4    // readings that are kept of a character
	minOther   = 0.01 // probability of a reading that is kept

	doubtful    = 0.85 // mean confidence under which a line is read again
	hopeless    = 0.4  // and under which it is not, being no text
	secondLook  = 1.3  // how much wider it is drawn then
	narrowPitch = 1.75 // steps from one character to the next under which it is, too
	minNarrow   = 5    // characters from which that is known
)

// glyph is one character that PP-OCR read.
type glyph struct {
	Rune  rune
	Sure  float64 // probability
	X     float64 // its middle in the picture
	Gap   float64 // the widest blank before it, in heights of the line
	Other []guess // other readings, the likeliest first
}

// guess is a reading that was not chosen.
type guess struct {
	Rune rune
	Sure float64
}

// strip is one box as PP-OCR read it.
type strip struct {
	Box    image.Rectangle
	Glyphs []glyph
	Step   float64 // width of one of the model's steps in the picture
}

// sure is the mean probability of its characters.
func (s strip) sure() float64 {
	if len(s.Glyphs) == 0 {
		return 0
	}
	var sum float64
	for _, g := range s.Glyphs {
		sum += g.Sure
	}
	return sum / float64(len(s.Glyphs))
}

// narrow says whether characters stand so close that some may be lost: the model
// can't tell two in one step.
func (s strip) narrow() bool {
	n := len(s.Glyphs)
	return n >= minNarrow && s.Glyphs[n-1].X-s.Glyphs[0].X < narrowPitch*s.Step*float64(n-1)
}

// read reads the text in each box, and what it doubts once more, drawn wider.
func (p *paddle) read(ctx context.Context, page *image.Gray, found []image.Rectangle) ([]strip, error) {
	var out []strip
	for _, box := range found {
		s, err := p.readBox(ctx, page, box, 1)
		if err != nil {
			return nil, err
		}
		if s.narrow() || s.sure() < doubtful && s.sure() >= hopeless {
			wide, err := p.readBox(ctx, page, box, secondLook)
			if err != nil {
				return nil, err
			}
			if wide.sure() > s.sure() || wide.sure() >= doubtful && len(wide.Glyphs) > len(s.Glyphs) {
				s = wide
			}
		}
		if s.sure() >= minSure {
			out = append(out, s)
		}
	}
	return out, nil
}

func (p *paddle) readBox(ctx context.Context, page *image.Gray, box image.Rectangle, stretch float64) (strip, error) {
	if err := ctx.Err(); err != nil {
		return strip{}, err
	}
	w := int(math.Ceil(stretch * lineHeight * float64(box.Dx()) / float64(box.Dy())))
	w = min(max(w, minWidth), maxWidth)
	line := resize(page, box, w, lineHeight)
	half := [3]float32{.5, .5, .5}
	s := strip{Box: box}
	err := p.recognize.run(planes(line, half, half), w, lineHeight, func(data []float32, shape []int64) {
		if len(shape) == 3 && int(shape[2]) == len(p.alphabet) {
			s.Step = float64(box.Dx()) / float64(max(shape[1], 1))
			s.Glyphs = p.decode(data, box)
		}
	})
	s.measureGaps(line)
	if err != nil {
		return strip{}, fmt.Errorf("read a line: %w", err)
	}
	return s, nil
}

// turnedOver is the probability that the text in a box stands upside down. The
// model sees a line's beginning, in four times its height.
func (p *paddle) turnedOver(ctx context.Context, page *image.Gray, box image.Rectangle) (float64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	const w = 4 * lineHeight
	box.Max.X = min(box.Max.X, box.Min.X+4*box.Dy())
	line := resize(page, box, w, lineHeight)
	half := [3]float32{.5, .5, .5}
	probability := 0.0
	err := p.turned.run(planes(line, half, half), w, lineHeight, func(data []float32, _ []int64) {
		if len(data) == 2 {
			probability = float64(data[1])
		}
	})
	if err != nil {
		return 0, fmt.Errorf("see how a line stands: %w", err)
	}
	return probability, nil
}

// decode is greedy CTC: of each step the likeliest class, repeats and blanks
// left out.
func (p *paddle) decode(data []float32, box image.Rectangle) []glyph {
	classes := len(p.alphabet)
	steps := len(data) / classes
	var out []glyph
	last := 0
	for t := range steps {
		row := data[t*classes:][:classes]
		best := 0
		for k, v := range row {
			if v > row[best] {
				best = k
			}
		}
		switch best {
		case 0:
		case last: // a wide character: its surest step counts
			if g := &out[len(out)-1]; float64(row[best]) > g.Sure {
				g.Sure, g.Other = float64(row[best]), p.others(row, best)
			}
		default:
			x := float64(box.Min.X) + (float64(t)+0.5)/float64(steps)*float64(box.Dx())
			out = append(out, glyph{Rune: p.alphabet[best], Sure: float64(row[best]), X: x, Other: p.others(row, best)})
		}
		last = best
	}
	return out
}

// others are the likeliest classes of a step beside the best.
func (p *paddle) others(row []float32, best int) []guess {
	var out []guess
	for k, v := range row {
		if v < minOther || k == best || k == 0 {
			continue
		}
		out = append(out, guess{p.alphabet[k], float64(v)})
		for i := len(out) - 1; i > 0 && out[i].Sure > out[i-1].Sure; i-- {
			out[i], out[i-1] = out[i-1], out[i]
		}
		out = out[:min(len(out), candidates)]
	}
	return out
}

// measureGaps sees how much blank there is before each character: the longest
// run of columns without ink between its middle and that of the one before.
func (s *strip) measureGaps(line *image.Gray) {
	if len(s.Glyphs) == 0 {
		return
	}
	ink := inkColumns(line)
	column := func(x float64) int {
		return min(max(int((x-float64(s.Box.Min.X))/float64(s.Box.Dx())*float64(len(ink))), 0), len(ink)-1)
	}
	from := 0
	for i := range s.Glyphs {
		to := column(s.Glyphs[i].X)
		run, longest := 0, 0
		for _, inked := range ink[min(from, to) : to+1] {
			if run++; inked {
				run = 0
			}
			longest = max(longest, run)
		}
		s.Glyphs[i].Gap = float64(longest) / float64(line.Rect.Dy())
		from = to
	}
}

// inkColumns says which columns of a line have ink in them.
func inkColumns(line *image.Gray) []bool {
	var histogram [256]int
	for _, p := range line.Pix {
		histogram[p]++
	}
	n := len(line.Pix)
	dark, light := percentile(histogram, n/50), percentile(histogram, n-n/50)
	paper := percentile(histogram, n/2) // text covers less than half of its line
	out := make([]bool, line.Rect.Dx())
	for x := range out {
		for y := line.Rect.Dy() / 8; y < line.Rect.Dy()*7/8; y++ { // its neighbours reach in above and below
			distance := int(line.Pix[y*line.Stride+x]) - paper
			if max(distance, -distance) > (light-dark)/3 {
				out[x] = true
				break
			}
		}
	}
	return out
}
