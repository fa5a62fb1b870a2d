package parse

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/responses"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// readWords makes words of a page's characters: pdfium's own rectangles hold
// several words or parts of one. How a word looks is asked of its first
// character, because each question costs.
func (s *sheet) readWords(page *reader.Page) ([]suspicion, error) {
	text, err := s.pdfium.GetPageTextStructured(&requests.GetPageTextStructured{Page: s.at(), Mode: requests.GetPageTextStructuredModeChars})
	if err != nil {
		return nil, err
	}
	b := builder{sheet: s}
	for i, char := range text.Chars {
		b.add(i, char)
	}
	b.end()
	suspects := make([]suspicion, len(b.words))
	var l look
	for i := range b.words {
		l = s.look(b.first[i], l, i > 0 && b.spans[i].sameLine(b.spans[i-1]))
		w := &b.words[i]
		w.Font, w.Bold, w.Size = l.font, l.bold, l.size
		w.Box = b.spans[i].grown(l, s.place, w.Box)
		suspects[i] = s.suspect(w, l)
		s.ways[s.place.way(l.angle)] += len(w.Text)
	}
	page.Words = append(page.Words, b.words...)
	s.lost = b.lost
	return suspects, nil
}

// look is how a character is drawn.
type look struct {
	font string
	bold bool
	size float64 // points
	// nominal and weight are size and weight as the font is set, before what
	// scales the text.
	nominal float64
	weight  int
	base    [2]float64 // where it stands on its line, in points
	angle   float64    // of its line, counterclockwise
	ink     ink
	mode    enums.FPDF_TEXT_RENDERMODE
}

const boldWeight = 600 // of 100 to 900, as CSS has it

// look asks pdfium how a character is drawn; what it can't say stays zero. A
// word of the line, size and weight of the one before it is taken to have its
// font, which costs the most to ask; whether it is seen is asked of each.
func (s *sheet) look(index int, before look, sameLine bool) look {
	l := look{mode: enums.FPDF_TEXTRENDERMODE_FILL, ink: ink{a: 1}}
	if size, err := s.pdfium.FPDFText_GetFontSize(&requests.FPDFText_GetFontSize{TextPage: s.text, Index: index}); err == nil {
		l.nominal = size.FontSize
	}
	if weight, err := s.pdfium.FPDFText_GetFontWeight(&requests.FPDFText_GetFontWeight{TextPage: s.text, Index: index}); err == nil {
		l.weight = weight.FontWeight
	}
	if sameLine && l.nominal == before.nominal && l.weight == before.weight {
		l.font, l.bold, l.size, l.base, l.angle = before.font, before.bold, before.size, before.base, before.angle
	} else {
		s.lookAtFont(index, &l)
	}
	if c, err := s.pdfium.FPDFText_GetFillColor(&requests.FPDFText_GetFillColor{TextPage: s.text, Index: index}); err == nil {
		l.ink = newInk(c.R, c.G, c.B, c.A)
	}
	if object, err := s.pdfium.FPDFText_GetTextObject(&requests.FPDFText_GetTextObject{TextPage: s.text, Index: index}); err == nil {
		if mode, err := s.pdfium.FPDFTextObj_GetTextRenderMode(&requests.FPDFTextObj_GetTextRenderMode{PageObject: object.TextObject}); err == nil {
			l.mode = mode.TextRenderMode
		}
	}
	return l
}

func (s *sheet) lookAtFont(index int, l *look) {
	if info, err := s.pdfium.FPDFText_GetFontInfo(&requests.FPDFText_GetFontInfo{TextPage: s.text, Index: index}); err == nil {
		_, after, subset := strings.Cut(info.FontName, "+") // ABCDEF+Name is a part of the font Name
		if l.font = info.FontName; subset {
			l.font = after
		}
		l.font = clean(l.font)
	}
	l.bold = l.weight >= boldWeight || strings.Contains(strings.ToLower(l.font), "bold")
	l.size = l.nominal
	if m, err := s.pdfium.FPDFText_GetMatrix(&requests.FPDFText_GetMatrix{TextPage: s.text, Index: index}); err == nil {
		l.size *= math.Hypot(float64(m.Matrix.C), float64(m.Matrix.D))
		l.base = [2]float64{float64(m.Matrix.E), float64(m.Matrix.F)}
		l.angle = math.Atan2(float64(m.Matrix.B), float64(m.Matrix.A))
	}
}

// builder gathers characters into words.
type builder struct {
	sheet *sheet
	words []reader.Word
	first []int  // of each word, the index of its first character
	spans []span // of each word
	lost  int    // characters that pdfium has no letter for

	text   strings.Builder
	box    models.Box
	from   int
	span   span // of the word so far
	last   span // of the last character
	before int  // its index
}

// hyphen is what pdfium gives for the hyphen at the end of a line.
const hyphen = "\x02"

func (b *builder) add(index int, char *responses.GetPageTextStructuredChar) {
	text := char.Text
	if text == hyphen {
		text = "-"
	}
	if !plain(text) && strings.ContainsFunc(text, unknown) {
		b.lost++
	}
	if text = printable(text); text == "" {
		b.end()
		return
	}
	p := char.PointPosition
	box := b.sheet.place.box(p.Left, p.Bottom, p.Right, p.Top)
	at := along(p, char.Angle)
	if b.text.Len() > 0 && b.apart(index, at, char.Angle) {
		b.end()
	}
	b.last, b.before = at, index
	if b.text.Len() == 0 {
		b.box, b.from, b.span = box, index, at
	} else {
		b.box, b.span = b.box.Union(box), b.span.union(at)
	}
	b.text.WriteString(text)
}

func (b *builder) end() {
	if b.text.Len() > 0 {
		b.words = append(b.words, reader.Word{Text: b.text.String(), Box: b.box, Confidence: 1})
		b.first, b.spans = append(b.first, b.from), append(b.spans, b.span)
	}
	b.text.Reset()
}

// span is where a character stands in the direction that its text runs: from
// and to along the line, low and high across it, in points. It is taken in the
// PDF's own space, so that neither a turned page nor turned text breaks words.
type span struct{ from, to, low, high float64 }

func along(p responses.CharPosition, angle float64) span {
	sin, cos := math.Sincos(-angle) // pdfium counts it clockwise
	s := span{math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)}
	for _, corner := range [][2]float64{{p.Left, p.Top}, {p.Left, p.Bottom}, {p.Right, p.Top}, {p.Right, p.Bottom}} {
		line, across := corner[0]*cos+corner[1]*sin, corner[1]*cos-corner[0]*sin
		s.from, s.to = min(s.from, line), max(s.to, line)
		s.low, s.high = min(s.low, across), max(s.high, across)
	}
	return s
}

// sameLine says whether two words stand on one line. Of tiny ones, which may be
// hidden there, that is not said.
func (s span) sameLine(o span) bool {
	return min(s.high-s.low, o.high-o.low) > minSize && min(s.high, o.high)-max(s.low, o.low) > min(s.high-s.low, o.high-o.low)/2
}

func (s span) union(o span) span {
	return span{min(s.from, o.from), max(s.to, o.to), min(s.low, o.low), max(s.high, o.high)}
}

// The part of a font's size that stands over its line and under it.
const ascent, descent = 0.78, 0.22

// grown is the box of a word from the top of its tallest letters to the foot of
// its lowest, whichever it has, so that all words of a line have one height. A
// slanting word, or one whose size pdfium does not know, keeps its tight box.
func (s span) grown(l look, place placement, tight models.Box) models.Box {
	sin, cos := math.Sincos(l.angle)
	across := l.base[1]*cos - l.base[0]*sin
	low, high := across-descent*l.size, across+ascent*l.size
	if math.Abs(sin*cos) > 0.01 || s.low < low-l.size/2 || s.high > high+l.size/2 || s.high-s.low > 1.5*l.size {
		return tight
	}
	low, high = min(low, s.low), max(high, s.high)
	x0, y0 := place.point(s.from*cos-low*sin, s.from*sin+low*cos)
	x1, y1 := place.point(s.to*cos-high*sin, s.to*sin+high*cos)
	return models.Box{X: min(x0, x1), Y: min(y0, y1), Width: math.Abs(x1 - x0), Height: math.Abs(y1 - y0)}
}

// What parts two characters, in heights of the taller one or of the word.
const (
	inkGap    = 0.3  // between what is printed of them, above which one looks closer
	looseGap  = 0.18 // between the rooms that the font gives them: a 1 is narrower than its room
	lineShare = 0.5  // across the line: a dash and an underscore are on one line and don't meet
)

// apart says whether the next character stands on another line than the word,
// or away from it. pdfium finds most spaces itself.
func (b *builder) apart(index int, next span, angle float64) bool {
	height := max(b.span.high-b.span.low, next.high-next.low)
	gap, across := next.from-b.last.to, max(next.low-b.span.high, b.span.low-next.high)
	switch {
	case across > lineShare*height || gap > height || gap < -height:
		return true
	case gap <= inkGap*height:
		return false
	}
	before, ok := b.room(b.before, angle)
	after, also := b.room(index, angle)
	return !ok || !also || after.from-before.to > looseGap*height
}

// room is the space that the font gives a character.
func (b *builder) room(index int, angle float64) (span, bool) {
	r, err := b.sheet.pdfium.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: b.sheet.text, Index: index})
	if err != nil {
		return span{}, false
	}
	return along(responses.CharPosition{
		Left: float64(r.Rect.Left), Top: float64(r.Rect.Top), Right: float64(r.Rect.Right), Bottom: float64(r.Rect.Bottom),
	}, angle), true
}

// printable is text without what prints nothing; ligatures are written out
// (Unicode, Alphabetic Presentation Forms).
func printable(text string) string {
	if plain(text) {
		return text
	}
	ligatures := map[rune]string{'ﬀ': "ff", 'ﬁ': "fi", 'ﬂ': "fl", 'ﬃ': "ffi", 'ﬄ': "ffl", 'ﬅ': "st", 'ﬆ': "st"}
	var out strings.Builder
	for _, r := range text {
		switch letters, ligature := ligatures[r]; {
		case ligature:
			out.WriteString(letters)
		case unicode.IsSpace(r) || unicode.IsControl(r) || r == unicode.ReplacementChar || r == '\ufeff' || r == '\u200b' || r == '\u00ad':
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// plain says whether text is all ASCII that prints, as most of it is.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// unknown says whether a character stands for a shape that only its font knows:
// such a page is read from its picture.
func unknown(r rune) bool {
	return r == unicode.ReplacementChar || unicode.Is(unicode.Co, r) || unicode.Is(unicode.Noncharacter_Code_Point, r)
}

// clean is text on one line, without what prints nothing, for names.
func clean(text string) string {
	parts := strings.FieldsFunc(strings.ToValidUTF8(text, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	return strings.Join(parts, " ")
}

// order numbers the printed lines from top to bottom and puts the words into
// the order in which they are read.
func order(words []reader.Word) {
	middle := func(w *reader.Word) float64 { return w.Box.Y + w.Box.Height/2 }
	slices.SortStableFunc(words, func(a, b reader.Word) int { return cmp.Compare(middle(&a), middle(&b)) })
	line, members, mean, height := 0, 0.0, 0.0, 0.0
	for i := range words {
		w := &words[i]
		m := middle(w)
		if members == 0 || m-mean > min(w.Box.Height, height)/2 {
			line, members, mean, height = line+1, 0, 0, w.Box.Height
		}
		mean = (mean*members + m) / (members + 1)
		members, height = members+1, max(height, w.Box.Height)
		w.Line = line
	}
	slices.SortStableFunc(words, func(a, b reader.Word) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Box.X, b.Box.X))
	})
}
