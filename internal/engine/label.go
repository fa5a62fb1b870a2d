package engine

import (
	"slices"
	"strings"

	"decoded.digital/extractor/models"
)

// hit is a value that stands where a label says it does.
type hit struct {
	page  int
	box   models.Box
	text  string
	score float64
}

// labelHits finds values beside or under labels that agree with the field, the
// best first.
func (x *extraction) labelHits(f models.Field) []hit {
	key, description := significant(f.Key), significant(f.Description)
	var hits []hit
	for i, l := range x.lines {
		for j, s := range l.segments {
			label, rest, inline := strings.Cut(s.text, ":")
			score := agreement(significant(label), key, description)
			if score == 0 {
				continue
			}
			switch rest = strings.TrimSpace(rest); {
			case inline && rest != "":
				hits = append(hits, hit{page: l.page, box: valueBox(s, len(label)+1), text: rest, score: score})
			case j+1 < len(l.segments):
				next := l.segments[j+1]
				hits = append(hits, hit{page: l.page, box: next.box, text: next.text, score: score * 0.98})
			default:
				hits = append(hits, x.under(i, s, score)...)
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return compare(b.score, a.score) })
	return hits
}

// valueBox is the part of a segment that comes after its label.
func valueBox(s segment, labelLength int) models.Box {
	share := float64(labelLength) / float64(max(len(s.text), 1))
	box := s.box
	box.X += box.Width * share
	box.Width *= 1 - share
	return box
}

// under is the segment of the next line that begins near the label's left edge.
func (x *extraction) under(i int, label segment, score float64) []hit {
	if i+1 >= len(x.lines) || x.lines[i+1].page != x.lines[i].page {
		return nil
	}
	for _, s := range x.lines[i+1].segments {
		if s.box.X < label.box.Right() && s.box.Right() > label.box.X && s.box.Y-label.box.Bottom() < 2*label.box.Height {
			return []hit{{page: x.lines[i+1].page, box: s.box, text: s.text, score: score * 0.9}}
		}
	}
	return nil
}

// agreement is how well a label's words say what the field says, 0 to 1. A
// label with words that the field lacks may be another field's, so both
// directions count.
func agreement(label, key, description []string) float64 {
	if len(label) == 0 || len(label) > 6 {
		return 0
	}
	byKey := overlap(label, key)
	if byKey >= 0.66 {
		return byKey
	}
	if byDescription := 0.9 * overlap(label, description); byDescription >= 0.6 {
		return byDescription
	}
	return 0
}

// overlap is the F1 of two sets of words.
func overlap(a, b []string) float64 {
	same := 0
	for _, w := range a {
		if slices.Contains(b, w) {
			same++
		}
	}
	return 2 * float64(same) / float64(max(len(a)+len(b), 1))
}

// labelled is every "label: value" of the document, under keys made of the
// labels.
func (x *extraction) labelled() map[string]any {
	data := map[string]any{}
	for _, l := range x.lines {
		for j, s := range l.segments {
			label, value, found := strings.Cut(s.text, ":")
			box := valueBox(s, len(label)+1)
			if value = strings.TrimSpace(value); value == "" && j+1 < len(l.segments) {
				value, box = l.segments[j+1].text, l.segments[j+1].box
			}
			words := significant(label)
			key := strings.Join(words, "_")
			if _, twice := data[key]; !found || value == "" || twice || len(words) == 0 || len(words) > 6 {
				continue
			}
			data[key] = value
			x.evidence[key] = models.Evidence{Confidence: 0.6, Page: l.page, Box: &box, Text: value, Method: models.MethodLabel}
		}
	}
	return data
}

func splitList(text string) []string {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' })
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return slices.DeleteFunc(parts, func(p string) bool { return p == "" })
}
