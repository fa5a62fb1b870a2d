package engine

import "decoded.digital/extractor/models"

// minRule is the least length of a drawn rule, as a share of the page, that can
// part cells: shorter ones are boxes to tick.
const minRule = 0.018

// cellAround is the drawn cell in which a point of a page stands: between the
// nearest rules on its four sides. The page's edge stands for a missing one;
// drawn is false where less than three are there.
func (p *sheetPage) cellAround(x, y float64) (cell models.Box, drawn bool) {
	left, right, top, bottom := 0.0, 1.0, 0.0, 1.0
	for _, r := range p.source.Rules {
		if r.To-r.From < minRule {
			continue
		}
		switch {
		case r.Vertical && r.From <= y && r.To >= y && r.At <= x:
			left = max(left, r.At)
		case r.Vertical && r.From <= y && r.To >= y:
			right = min(right, r.At)
		case !r.Vertical && r.From <= x && r.To >= x && r.At <= y:
			top = max(top, r.At)
		case !r.Vertical && r.From <= x && r.To >= x:
			bottom = min(bottom, r.At)
		}
	}
	sides := 0
	for _, found := range []bool{left > 0, right < 1, top > 0, bottom < 1} {
		if found {
			sides++
		}
	}
	return models.Box{X: left, Y: top, Width: right - left, Height: bottom - top}, sides >= 3
}

// inside says whether the middle of a box stands in another.
func inside(box, in models.Box) bool {
	x, y := center(box), middle(box)
	return x >= in.X && x <= in.Right() && y >= in.Y && y <= in.Bottom()
}
