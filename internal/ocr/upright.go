package ocr

import (
	"cmp"
	"context"
	"image"
	"math"
	"slices"
)

const (
	leastSkew   = 0.3 // degrees that are worth turning a picture for
	wideBox     = 1.5 // a box so much wider than high holds a line that lies
	turnSample  = 8   // boxes that are asked whether they stand upside down
	turnDoubt   = 0.4 // mean probability of it from which both ways are read
	turnSamples = 4   // boxes that are read both ways then
)

// upright is a picture that stands as it is read.
type upright struct {
	page  *image.Gray
	turn  int               // clockwise degrees by which it was turned
	skew  float64           // and these after it
	found []image.Rectangle // of its text; none where PP-OCR is not there
	sided bool              // its lines may run from top to bottom, as far as is known
}

// setUpright turns a page so that its text is read from left to right. Most
// pages stand so already, and cost a glance.
func (r *Reader) setUpright(ctx context.Context, page *image.Gray) (upright, error) {
	skew, sided := estimateSkew(page)
	up := upright{page: page, sided: sided}
	if math.Abs(skew) >= leastSkew {
		up.page, up.skew = rotate(page, skew), skew
	}
	if r.paddle == nil {
		return up, nil
	}
	var err error
	if up.found, err = r.paddle.find(ctx, up.page); err != nil {
		return upright{}, err
	}
	if lieOnSide(up.found) {
		up = up.quarter(1)
		if up.found, err = r.paddle.find(ctx, up.page); err != nil {
			return upright{}, err
		}
	}
	up.sided = false
	over, err := r.paddle.upsideDown(ctx, up.page, up.found)
	if err != nil || !over {
		return up, err
	}
	return up.quarter(2), nil
}

// quarter turns the page clockwise by n quarters, with its boxes.
func (u upright) quarter(n int) upright {
	u.turn = (u.turn + 90*n) % 360
	found := slices.Clone(u.found)
	for range n {
		height := u.page.Rect.Dy()
		u.page = quarterTurn(u.page)
		for i, b := range found {
			found[i] = image.Rect(height-b.Max.Y, b.Min.X, height-b.Min.Y, b.Max.X)
		}
	}
	sortBoxes(found)
	u.found = found
	return u
}

// lieOnSide says whether most text stands in boxes that are higher than wide.
func lieOnSide(found []image.Rectangle) bool {
	wide, high := 0, 0
	for _, b := range found {
		area := b.Dx() * b.Dy()
		switch {
		case float64(b.Dx()) > wideBox*float64(b.Dy()):
			wide += area
		case float64(b.Dy()) > wideBox*float64(b.Dx()):
			high += area
		}
	}
	return high > wide
}

// upsideDown says whether a page stands on its head: first a small model looks
// at its longest lines, and where it doubts, some are read both ways.
func (p *paddle) upsideDown(ctx context.Context, page *image.Gray, found []image.Rectangle) (bool, error) {
	longest := slices.SortedStableFunc(slices.Values(found), func(a, b image.Rectangle) int { return cmp.Compare(b.Dx(), a.Dx()) })
	longest = longest[:min(len(longest), turnSample)]
	if len(longest) == 0 {
		return false, nil
	}
	sum := 0.0
	for _, box := range longest {
		probability, err := p.turnedOver(ctx, page, box)
		if err != nil {
			return false, err
		}
		sum += probability
	}
	if sum < turnDoubt*float64(len(longest)) {
		return false, nil
	}
	difference := 0.0
	for _, box := range longest[:min(len(longest), turnSamples)] {
		line := crop(page, box)
		as, err := p.readBox(ctx, line, line.Rect, 1)
		if err != nil {
			return false, err
		}
		line = quarterTurn(quarterTurn(line))
		over, err := p.readBox(ctx, line, line.Rect, 1)
		if err != nil {
			return false, err
		}
		difference += over.sure()*float64(len(over.Glyphs)) - as.sure()*float64(len(as.Glyphs))
	}
	return difference > 0, nil
}
