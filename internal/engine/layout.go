package engine

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// token is a word or a part of one: words are cut behind a colon, so that
// "Total:5" is a label and a value.
type token struct {
	text       string
	fold       string
	box        models.Box
	confidence float64 // of its characters
	glued      bool    // to the token before: no space between
}

// line is one printed line of a page, from left to right.
type line struct {
	page     *sheetPage
	index    int // in sheet.lines
	tokens   []token
	segments []*segment
	box      models.Box
	em       float64 // of its text, as a share of the page's width
}

// segment is the words of a line that stand together, apart from others.
type segment struct {
	line     *line
	from, to int // tokens of the line
	index    int // in line.segments
	text     string
	box      models.Box
	spots    []spot // the typed values in it; see values
	looked   bool
}

// sheetPage is a page with the lines that can be seen on it.
type sheetPage struct {
	source *reader.Page
	lines  []*line
	em     float64 // the usual em of its text, as a share of its width
}

// height is an em as a share of the page's height.
func (p *sheetPage) height() float64 { return p.em * p.source.Width / p.source.Height }

// sheet is a document as the engine looks at it.
type sheet struct {
	pages   []*sheetPage
	lines   []*line
	style   style
	blurred bool // it is a scan that can't be read
}

// columnGap is the distance in ems that parts two segments of a line. A space
// is a quarter to a third of an em, in justified text up to four fifths.
const columnGap = 0.85

// newSheet lays a document's visible words out as lines and segments.
func newSheet(document *reader.Document) *sheet {
	s := &sheet{}
	for i := range document.Pages {
		source := &document.Pages[i]
		if source.Width <= 0 || source.Height <= 0 {
			continue
		}
		page := &sheetPage{source: source}
		words := visible(source)
		page.em = emOf(words)
		for _, row := range rowsOf(words, page) {
			l := newLine(row, page)
			if len(l.tokens) == 0 {
				continue
			}
			l.index = len(s.lines)
			page.lines = append(page.lines, l)
			s.lines = append(s.lines, l)
		}
		s.pages = append(s.pages, page)
	}
	s.style, s.blurred = styleOf(s), s.looksBlurred()
	return s
}

func visible(p *reader.Page) []reader.Word {
	return slices.DeleteFunc(slices.Clone(p.Words), func(w reader.Word) bool {
		return w.Hidden || w.Box.Width <= 0 || strings.TrimSpace(w.Text) == ""
	})
}

// emOf tells the size of text by the width of its characters, half an em on
// average: readers differ in whether a box is as high as the font or as the ink.
func emOf(words []reader.Word) float64 {
	width, characters := 0.0, 0
	for i := range words {
		if n := len([]rune(words[i].Text)); n > 1 {
			width += words[i].Box.Width
			characters += n
		}
	}
	if characters == 0 {
		return 0.02
	}
	return max(2*width/float64(characters), 0.002)
}

// rowsOf groups words into printed lines, from the top.
func rowsOf(words []reader.Word, page *sheetPage) [][]reader.Word {
	slices.SortStableFunc(words, func(a, b reader.Word) int { return cmp.Compare(middle(a.Box), middle(b.Box)) })
	var rows [][]reader.Word
	for len(words) > 0 {
		n := 1
		high := max(words[0].Box.Height, 0.5*page.height())
		for n < len(words) && middle(words[n].Box)-middle(words[0].Box) < max(high, min(words[n].Box.Height, 2*high))/2 {
			n++
		}
		row := slices.Clone(words[:n])
		slices.SortStableFunc(row, func(a, b reader.Word) int { return cmp.Compare(a.Box.X, b.Box.X) })
		rows = append(rows, row)
		words = words[n:]
	}
	return rows
}

func middle(b models.Box) float64 { return b.Y + b.Height/2 }

func center(b models.Box) float64 { return b.X + b.Width/2 }

func newLine(row []reader.Word, page *sheetPage) *line {
	l := &line{page: page, em: emOf(row)}
	if len(row) == 1 && len([]rune(row[0].Text)) < 3 {
		l.em = page.em
	}
	for i := range row {
		l.tokens = append(l.tokens, tokensOf(&row[i])...)
	}
	for i := range l.tokens {
		if i == 0 {
			l.box = l.tokens[i].box
		} else {
			l.box = l.box.Union(l.tokens[i].box)
		}
	}
	start := 0
	for i := 1; i <= len(l.tokens); i++ {
		if i < len(l.tokens) && !l.apart(i) {
			continue
		}
		s := &segment{line: l, from: start, to: i, index: len(l.segments)}
		s.text, s.box = l.text(start, i), l.boxOf(start, i)
		l.segments = append(l.segments, s)
		start = i
	}
	return l
}

// tokensOf cuts a word behind colons that are not within a number or address.
func tokensOf(w *reader.Word) []token {
	confidence := w.Confidence
	if confidence == 0 {
		confidence = 1
	}
	var tokens []token
	runes := []rune(w.Text)
	start := 0
	cut := func(end int) {
		part := string(runes[start:end])
		share := w.Box.Width / float64(len(runes))
		tokens = append(tokens, token{
			text: part, fold: fold(part), confidence: confidence, glued: start > 0,
			box: models.Box{X: w.Box.X + share*float64(start), Y: w.Box.Y, Width: share * float64(end-start), Height: w.Box.Height},
		})
		start = end
	}
	for i, r := range runes {
		if (r == ':' || r == '：') && i+1 < len(runes) && i > 0 && runes[i+1] != '/' && unicode.IsLetter(runes[max(i-1, 0)]) {
			cut(i + 1)
		}
	}
	if start < len(runes) {
		cut(len(runes))
	}
	return tokens
}

// apart says whether token i begins a new segment: a wide gap or a drawn rule
// stands before it.
func (l *line) apart(i int) bool {
	before, after := l.tokens[i-1].box, l.tokens[i].box
	gap := after.X - before.Right()
	if gap > columnGap*l.em {
		return true
	}
	if gap <= 0 {
		return false
	}
	y := l.box.Y + l.box.Height/2
	for _, r := range l.page.source.Rules {
		if r.Vertical && r.At >= before.Right()-gap/2 && r.At <= after.X+gap/2 && r.From <= y && r.To >= y {
			return true
		}
	}
	return false
}

// text is the tokens from…to as they stand.
func (l *line) text(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		if i > from && !l.tokens[i].glued {
			b.WriteByte(' ')
		}
		b.WriteString(l.tokens[i].text)
	}
	return b.String()
}

func (l *line) boxOf(from, to int) models.Box {
	box := l.tokens[from].box
	for i := from + 1; i < to; i++ {
		box = box.Union(l.tokens[i].box)
	}
	return box
}

// confidence is how sure the least sure of the tokens is.
func (l *line) confidence(from, to int) float64 {
	least := 1.0
	for i := from; i < to; i++ {
		least = min(least, l.tokens[i].confidence)
	}
	return least
}

// segmentAt is the segment that holds a token.
func (l *line) segmentAt(i int) *segment {
	for _, s := range l.segments {
		if i < s.to {
			return s
		}
	}
	return l.segments[len(l.segments)-1]
}

// overlap is how much of the narrower of two boxes stands above or under the
// other: 0 to 1.
func overlap(a, b models.Box) float64 {
	shared := min(a.Right(), b.Right()) - max(a.X, b.X)
	return max(shared, 0) / max(min(a.Width, b.Width), 1e-9)
}

// leading is the distance in line heights from l down to next, on one page.
func (l *line) leading(next *line) float64 {
	em := max(l.page.em, min(l.em, next.em, 1.6*l.page.em))
	return (middle(next.box) - middle(l.box)) * l.page.source.Height / (1.2 * em * l.page.source.Width)
}
