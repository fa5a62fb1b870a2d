package ocr

import "math"

// pair is one column of an alignment: the index of a character in each reading,
// -1 where a reading has none.
type pair struct{ a, b int }

// letter is a character of a reading with its middle in the picture.
type letter struct {
	r rune
	x float64
}

const (
	gapCost   = 0.8 // a character that one reading alone has
	otherCost = 1.0 // two that differ
	alikeCost = 0.5 // two that are the same letter or look like it
	farCost   = 0.3 // two that stand a character's width apart
	tooFar    = 6   // as many widths apart can't be the same
)

// align matches two readings of one line so that what is alike and stands in
// the same place comes together. width is a character's, in the picture.
func align(a, b []letter, width float64) []pair {
	columns := len(b) + 1
	cost := make([]float64, (len(a)+1)*columns)
	for i := range a {
		cost[(i+1)*columns] = cost[i*columns] + gapCost
	}
	for j := range b {
		cost[j+1] = cost[j] + gapCost
	}
	for i := range a {
		for j := range b {
			cost[(i+1)*columns+j+1] = min(
				cost[i*columns+j]+matchCost(a[i], b[j], width),
				cost[i*columns+j+1]+gapCost,
				cost[(i+1)*columns+j]+gapCost,
			)
		}
	}
	var out []pair
	for i, j := len(a), len(b); i > 0 || j > 0; {
		here := cost[i*columns+j]
		switch {
		case i > 0 && j > 0 && here == cost[(i-1)*columns+j-1]+matchCost(a[i-1], b[j-1], width):
			i, j = i-1, j-1
			out = append(out, pair{i, j})
		case i > 0 && here == cost[(i-1)*columns+j]+gapCost:
			i--
			out = append(out, pair{i, -1})
		default:
			j--
			out = append(out, pair{-1, j})
		}
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// matchCost is what it costs to take two characters for the same one.
func matchCost(a, b letter, width float64) float64 {
	apart := math.Abs(a.x-b.x) / max(width, 1)
	if apart > tooFar {
		return 3 * gapCost
	}
	place := farCost * apart
	switch {
	case a.r == b.r:
		return place
	case alike(a.r, b.r):
		return place + alikeCost
	default:
		return place + otherCost
	}
}
