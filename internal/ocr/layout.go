package ocr

import (
	"cmp"
	"image"
	"slices"
)

// lines groups boxes into printed lines, from the top, each from the left: boxes
// of a line overlap by half of the lower one's height, each with its nearest
// neighbour, so that a line may bend.
func lines(found []image.Rectangle) [][]int {
	order := make([]int, len(found))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(found[a].Min.X, found[b].Min.X) })
	var out [][]int
	for _, i := range order {
		best, overlap := -1, 0.5
		for n, line := range out {
			last := found[line[len(line)-1]]
			shared := min(last.Max.Y, found[i].Max.Y) - max(last.Min.Y, found[i].Min.Y)
			ratio := float64(shared) / float64(max(min(last.Dy(), found[i].Dy()), 1))
			if sharedWidth(last, found[i]) > 0.5 { // one above the other, however near
				continue
			}
			if ratio > overlap {
				best, overlap = n, ratio
			}
		}
		if best < 0 {
			out = append(out, []int{i})
			continue
		}
		out[best] = append(out[best], i)
	}
	middle := func(line []int) float64 {
		sum := 0
		for _, i := range line {
			sum += found[i].Min.Y + found[i].Max.Y
		}
		return float64(sum) / float64(len(line))
	}
	slices.SortStableFunc(out, func(a, b []int) int { return cmp.Compare(middle(a), middle(b)) })
	return out
}

// sharedWidth is the share of the narrower box's width that lies over the other.
func sharedWidth(a, b image.Rectangle) float64 {
	shared := min(a.Max.X, b.Max.X) - max(a.Min.X, b.Min.X)
	return float64(max(shared, 0)) / float64(max(min(a.Dx(), b.Dx()), 1))
}
