package understand

import (
	"cmp"
	"slices"

	"decoded.digital/extractor/models"
)

// rows finds where the rows of a list stand: each near the place at which most
// of its values stand together, and below the row before.
func (ix *index) rows(fields []models.Field, rows []object) {
	search := rowSearch{index: ix, used: map[int]bool{}, cursor: -1}
	for _, row := range rows {
		search.place(leavesOf(fields, row))
	}
}

// leavesOf are a row's values, in the order of the fields.
func leavesOf(fields []models.Field, row object) []*leaf {
	var leaves []*leaf
	for _, f := range fields {
		switch value := row[f.Key].(type) {
		case object:
			leaves = append(leaves, leavesOf(f.Children, value)...)
		case []object:
			for _, inner := range value {
				leaves = append(leaves, leavesOf(f.Children, inner)...)
			}
		case []*leaf:
			leaves = append(leaves, value...)
		case *leaf:
			leaves = append(leaves, value)
		}
	}
	return leaves
}

type rowSearch struct {
	*index
	used   map[int]bool // words that earlier rows have
	cursor int          // the line of the row before
}

// A row's values stand on the line of its first one or a few below.
const (
	linesAbove = 1
	linesBelow = 3
	maxAnchors = 40
)

func (s *rowSearch) place(leaves []*leaf) {
	found := make([][]span, len(leaves))
	anchor := -1
	for i, l := range leaves {
		found[i] = s.spans(l.value, false)
		if len(found[i]) > 0 && (anchor < 0 || len(found[i]) < len(found[anchor])) {
			anchor = i // what stands least often says most about where the row is
		}
	}
	if anchor < 0 {
		return
	}
	line, ok := s.anchorLine(found, anchor)
	if !ok {
		return
	}
	s.cursor = line
	for i, l := range leaves {
		nearest, near := s.nearest(found[i], line)
		if nearest == nil {
			continue
		}
		l.at = s.placed(nearest)
		l.at.count, l.at.far = len(found[i]), !near
		if near {
			for _, w := range nearest {
				s.used[w] = true
			}
		}
	}
}

// anchorLine is the line at which most of the row's values stand together; of
// equals the next one below the row before.
func (s *rowSearch) anchorLine(found [][]span, anchor int) (int, bool) {
	candidates := found[anchor]
	from, _ := slices.BinarySearchFunc(candidates, s.cursor+1, func(c span, line int) int { return cmp.Compare(s.lineOf(c), line) })
	after := candidates[from:min(len(candidates), from+maxAnchors)]
	before := candidates[max(0, from-maxAnchors):from]
	best, most := -1, 0
	for _, c := range slices.Concat(after, before) {
		line := s.lineOf(c)
		together := 0
		for _, spans := range found {
			if _, near := s.nearest(spans, line); near {
				together++
			}
		}
		if together > most {
			best, most = line, together
		}
	}
	return best, best >= 0
}

func (s *rowSearch) lineOf(c span) int { return s.words[c[0]].line }

// nearest is the free place nearest to a line; near says whether it belongs to
// the row. Without one that does, a value may stand once for many rows.
func (s *rowSearch) nearest(spans []span, line int) (nearest span, near bool) {
	from, _ := slices.BinarySearchFunc(spans, line-linesAbove, func(c span, l int) int { return cmp.Compare(s.lineOf(c), l) })
	best := linesBelow + 1
	for _, c := range spans[from:] {
		away := s.lineOf(c) - line
		if away > linesBelow {
			break
		}
		if away < 0 {
			away = -2 * away
		}
		if away < best && !s.taken(c) {
			nearest, best = c, away
		}
	}
	if nearest != nil {
		return nearest, true
	}
	if from > 0 {
		return spans[from-1], false
	}
	if len(spans) > 0 {
		return spans[0], false
	}
	return nil, false
}

func (s *rowSearch) taken(c span) bool {
	return slices.ContainsFunc(c, func(w int) bool { return s.used[w] })
}
