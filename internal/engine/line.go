package engine

import (
	"slices"
	"strings"
	"unicode"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// segment is words that stand together, apart from others on the line.
type segment struct {
	text string
	box  models.Box
}

// line is one line of a page, as segments from left to right.
type line struct {
	page     int
	segments []segment
}

// gap is the distance, in heights of the text, that parts two segments.
const gap = 1.2

// linesOf groups the words that can be seen into lines, from top to bottom.
func linesOf(pages []reader.Page) []line {
	var lines []line
	for _, p := range pages {
		words := slices.DeleteFunc(slices.Clone(p.Words), func(w reader.Word) bool { return w.Hidden })
		slices.SortStableFunc(words, func(a, b reader.Word) int {
			return compare(middle(a.Box), middle(b.Box))
		})
		for len(words) > 0 {
			n := 1
			for n < len(words) && middle(words[n].Box)-middle(words[0].Box) < max(words[0].Box.Height, words[n].Box.Height)/2 {
				n++
			}
			row := slices.Clone(words[:n])
			slices.SortStableFunc(row, func(a, b reader.Word) int { return compare(a.Box.X, b.Box.X) })
			lines = append(lines, line{page: p.Number, segments: segmentsOf(row, p)})
			words = words[n:]
		}
	}
	return lines
}

func segmentsOf(row []reader.Word, p reader.Page) []segment {
	var segments []segment
	for _, w := range row {
		last := len(segments) - 1
		if last >= 0 && (w.Box.X-segments[last].box.Right())*p.Width < gap*max(w.Box.Height, segments[last].box.Height)*p.Height {
			segments[last].text += " " + w.Text
			segments[last].box = segments[last].box.Union(w.Box)
			continue
		}
		segments = append(segments, segment{text: w.Text, box: w.Box})
	}
	return segments
}

func middle(b models.Box) float64 { return b.Y + b.Height/2 }

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// significant is text's words in lower case, without those that say nothing.
func significant(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.DeleteFunc(words, func(w string) bool {
		switch w {
		case "of", "the", "a", "an", "to", "is", "for", "or", "and", "with", "without", "was", "in", "on":
			return true
		}
		return false
	})
}

func wordSet(pages []reader.Page) map[string]bool {
	present := map[string]bool{}
	for _, p := range pages {
		for _, w := range p.Words {
			if w.Hidden {
				continue
			}
			for _, part := range significant(w.Text) {
				present[part] = true
			}
		}
	}
	return present
}
