package engine

import (
	"strings"
	"unicode"

	"decoded.digital/extractor/models"
)

const (
	minReadable = 0.4 // confidence of characters under which a text can't be read
	misread     = 0.7 // that under which what is of another type was likelier misread
)

// readable says whether the characters of a value are sure enough to answer it,
// or a sum confirms it.
func (c *candidate) readable() bool { return c.proof || c.line.legible(c.boxes) >= minReadable }

// refusal is why what stands at a field's place is no value of its type.
func refusal(c *candidate) models.Reason {
	if c.line.legible(c.boxes) < misread {
		return models.ReasonUnreadable
	}
	return models.ReasonTypeMismatch
}

// legible is how sure the letters and digits in a box of the line are, on
// average: signs beside a value do not count.
func (l *line) legible(box models.Box) float64 {
	sum, count := 0.0, 0.0
	for i := range l.tokens {
		t := &l.tokens[i]
		if m := center(t.box); m < box.X || m > box.Right() || !strings.ContainsFunc(t.text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			continue
		}
		sum, count = sum+t.confidence, count+1
	}
	if count == 0 {
		return 1
	}
	return sum / count
}

// looksBlurred says whether a scan can't be read as a whole: what is not found on it
// may well be there.
func (s *sheet) looksBlurred() bool {
	sum, count := 0.0, 0.0
	for _, l := range s.lines {
		for i := range l.tokens {
			if !l.page.source.Scanned {
				return false
			}
			sum, count = sum+l.tokens[i].confidence, count+1
		}
	}
	return count > 0 && sum/count < minReadable
}

// cellValue is the value of a cell, or why there is none.
func (r *reading) cellValue(w *want, c column, cell *cell) (candidate, models.Reason, []candidate) {
	if len(cell.pieces) == 0 {
		return candidate{}, models.ReasonNotFound, nil
	}
	found, ok := r.valueOf(w, c, cell)
	seen := []candidate{cell.pieces[0].candidate(nil)}
	switch {
	case ok && found.readable():
		return found, "", nil
	case ok:
		return candidate{}, models.ReasonUnreadable, seen
	case w.field.Type == models.TypeString:
		return candidate{}, models.ReasonNotFound, nil
	}
	return candidate{}, refusal(&seen[0]), seen
}
