package understand

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"decoded.digital/extractor/internal/reader"
)

// page is what a person sees of a page: hidden words are not in it, so that they
// reach no model and are no evidence.
type page struct {
	reader.Page
	lines []line
}

// line is one line of a page, its words from left to right.
type line struct {
	words []reader.Word
	text  string // with wide gaps where the page has them, so that columns stay apart
}

// columnGap is the distance between two words, in heights of their text, that
// parts columns.
const columnGap = 1.2

func layOut(read *reader.Document) []page {
	pages := make([]page, len(read.Pages))
	for i, p := range read.Pages {
		pages[i] = page{Page: p, lines: linesOf(&p)}
	}
	return pages
}

func linesOf(p *reader.Page) []line {
	words := slices.DeleteFunc(slices.Clone(p.Words), func(w reader.Word) bool { return w.Hidden || strings.TrimSpace(w.Text) == "" })
	slices.SortStableFunc(words, func(a, b reader.Word) int { return cmp.Compare(middle(a), middle(b)) })
	var lines []line
	for len(words) > 0 {
		n := 1
		for n < len(words) && middle(words[n])-middle(words[0]) < max(words[0].Box.Height, words[n].Box.Height)/2 {
			n++
		}
		row := words[:n:n]
		slices.SortStableFunc(row, func(a, b reader.Word) int { return cmp.Compare(a.Box.X, b.Box.X) })
		lines, words = append(lines, line{words: row, text: textOf(p, row)}), words[n:]
	}
	return lines
}

func middle(w reader.Word) float64 { return w.Box.Y + w.Box.Height/2 }

func textOf(p *reader.Page, words []reader.Word) string {
	var out strings.Builder
	for i, w := range words {
		if i > 0 {
			before := words[i-1]
			gap := (w.Box.X - before.Box.Right()) * p.Width
			out.WriteString(" ")
			if gap > columnGap*max(w.Box.Height, before.Box.Height)*p.Height {
				out.WriteString("   ")
			}
		}
		out.WriteString(w.Text)
	}
	return out.String()
}

// poorConfidence is the mean confidence of a page's words under which a picture
// says more than they do.
const poorConfidence = 0.7

// poor says whether the page's text is no good: there is none, or it was read
// from a bad picture.
func (p *page) poor() bool {
	sum, n := 0.0, 0
	for _, l := range p.lines {
		for _, w := range l.words {
			sum, n = sum+certainty(w), n+1
		}
	}
	return n == 0 || (p.Scanned && sum/float64(n) < poorConfidence)
}

// certainty is how sure the characters of a word are; a reader that does not say
// is sure.
func certainty(w reader.Word) float64 {
	if w.Confidence == 0 {
		return 1
	}
	return math.Min(w.Confidence, 1)
}
