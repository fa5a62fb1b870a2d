package ocr

import (
	"cmp"
	"image"
	"math"
	"slices"
	"unicode"
)

const (
	inStrip     = 0.5 // share of a token's height and width from which it stands in a strip
	tallest     = 2.2 // heights of its strip above which a token is no text of it
	alone       = 0.6 // confidence from which a token is believed that PP-OCR has nothing of
	sameText    = 0.5 // share of a token's characters that agree from which two readings are of the same text
	poor        = 0.8 // confidence of a strip under which tesseract's reading may stand in its place
	good        = 0.8 // that which tesseract's must have then
	wordGap     = 0.3 // blank between two words, in heights of the line, where PP-OCR is alone
	aloneLetter = 2   // letters or digits from which a token is believed that PP-OCR has nothing of
	aloneDigit  = 0.8 // confidence from which one digit is, in a row of a table
	tableRow    = 2   // strips beside it from which a row is one of a table
)

// char is a character that was chosen, with what it was chosen from.
type char struct {
	r     rune
	sure  float64
	x     float64
	gap   float64 // blank before it, in heights of the line; -1: not measured
	space bool    // a space was read before it by PP-OCR
	token int     // of the strip's tokens, of which it is one; -1: of none
	from  glyph   // as PP-OCR read it; no rune: it did not
	other rune    // as tesseract read it; 0: it did not
}

// join makes words of what both readers saw. Each strip of PP-OCR is one line,
// or part of one; the tokens of tesseract that stand in it are aligned with it.
func join(strips []strip, tokens []token, bounds image.Rectangle) []Word {
	homes := assign(strips, tokens)
	var words []Word
	for i, s := range strips {
		var inside []token
		for j, t := range tokens {
			if homes[j] == i {
				inside = append(inside, t)
			}
		}
		slices.SortStableFunc(inside, func(a, b token) int { return cmp.Compare(a.Box.Min.X, b.Box.Min.X) })
		if unreadable(s, inside) {
			for _, t := range inside {
				words = append(words, Word{Text: t.Text, Box: t.Box, Confidence: t.Sure})
			}
			continue
		}
		words = append(words, joinStrip(s, inside)...)
	}
	for j, t := range tokens {
		if homes[j] < 0 && (believable(t, len(strips) == 0) || homes[j] == -1 && lone(t, strips)) {
			words = append(words, Word{Text: t.Text, Box: t.Box, Confidence: t.Sure})
		}
	}
	words = slices.DeleteFunc(words, func(w Word) bool { return w.Text == "" || w.Box.Intersect(bounds).Empty() })
	return order(words, bounds)
}

// order numbers the lines and puts the words into reading order.
func order(words []Word, bounds image.Rectangle) []Word {
	found := make([]image.Rectangle, len(words))
	for i := range words {
		words[i].Box = words[i].Box.Intersect(bounds)
		found[i] = words[i].Box
	}
	out := make([]Word, 0, len(words))
	for n, line := range lines(found) {
		for _, i := range line {
			words[i].Line = n + 1
			out = append(out, words[i])
		}
	}
	return out
}

// unreadable says whether PP-OCR could not read a strip that tesseract could:
// where a box holds two lines, or text that it has no letters for.
func unreadable(s strip, inside []token) bool {
	if len(inside) == 0 || s.sure() >= poor {
		return false
	}
	sum, count := 0.0, 0
	for _, t := range inside {
		n := len([]rune(t.Text))
		sum, count = sum+t.Sure*float64(n), count+n
	}
	return sum/float64(count) >= good && 2*count > len(s.Glyphs)
}

// believable says whether a token is text although PP-OCR has nothing of it.
// Where PP-OCR is not there, more is believed.
func believable(t token, only bool) bool {
	if only {
		return t.Sure >= 0.3
	}
	count := 0
	for _, r := range t.Text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			count++
		}
	}
	return t.Sure >= alone && count >= aloneLetter
}

// lone says whether a token is a digit in a column of its own, which PP-OCR does
// not find: it is as high as the text beside it, of which there is more than one.
func lone(t token, strips []strip) bool {
	digit := []rune(t.Text)
	if len(digit) != 1 || !unicode.IsDigit(digit[0]) || t.Sure < aloneDigit {
		return false
	}
	beside := 0
	for _, s := range strips {
		y := (t.Box.Min.Y + t.Box.Max.Y) / 2
		if y > s.Box.Min.Y && y < s.Box.Max.Y && float64(t.Box.Dy()) > 0.4*float64(s.Box.Dy()) && t.Box.Dy() <= s.Box.Dy() {
			beside++
		}
	}
	return beside >= tableRow
}

// assign says in which strip each token stands; -1: in none, -2: over several,
// which are read without it.
func assign(strips []strip, tokens []token) []int {
	out := make([]int, len(tokens))
	for j, t := range tokens {
		out[j] = -1
		best := 0.0
		for i, s := range strips {
			shared := s.Box.Intersect(t.Box)
			if shared.Empty() {
				continue
			}
			high := float64(shared.Dy()) / float64(min(t.Box.Dy(), s.Box.Dy()))
			wide := float64(shared.Dx()) / float64(t.Box.Dx())
			if out[j] == -1 && high*wide > 0.1 {
				out[j] = -2
			}
			if high >= inStrip && wide >= inStrip && high*wide > best && float64(t.Box.Dy()) <= tallest*float64(s.Box.Dy()) {
				out[j], best = i, high*wide
			}
		}
	}
	return out
}

// joinStrip makes words of one strip and the tokens in it, which stand from left
// to right.
func joinStrip(s strip, inside []token) []Word {
	width := pitch(s)
	a, glyphs := lettersOfStrip(s)
	b, owner := lettersOfTokens(inside)
	columns := align(a, b, width)
	trusted := agreeing(columns, a, b, owner, len(inside))
	for i, t := range inside {
		trusted[i] = trusted[i] || t.Sure >= alone && !crossed(t, glyphs)
	}
	var chars []char
	for n, column := range columns {
		c := char{token: -1, gap: -1}
		if column.a >= 0 {
			g := glyphs[column.a]
			c.from, c.x, c.gap, c.space = g.glyph, g.X, g.Gap, g.space
			c.r, c.sure = g.Rune, g.Sure
		}
		if column.b >= 0 && trusted[owner[column.b]] {
			c.token, c.other = owner[column.b], b[column.b].r
		}
		switch {
		case column.a >= 0 && c.token >= 0:
			c.r, c.sure = choose(c.from, c.other, inside[c.token].Sure)
		case column.a >= 0:
			if doubled(columns, n, glyphs, width) {
				continue
			}
		case c.token < 0 || !missed(columns, n, a, b, inside[c.token], width):
			continue
		default:
			c.r, c.sure, c.x = c.other, inside[c.token].Sure/2, b[column.b].x
		}
		chars = append(chars, c)
	}
	return split(chars, s, inside, width)
}

// crossed says whether PP-OCR read something where a token stands.
func crossed(t token, glyphs []spaced) bool {
	return slices.ContainsFunc(glyphs, func(g spaced) bool { return g.X > float64(t.Box.Min.X) && g.X < float64(t.Box.Max.X) })
}

// doubled says whether a character that PP-OCR alone has is half of the one
// before it, which it saw as two.
func doubled(columns []pair, n int, glyphs []spaced, width float64) bool {
	i := columns[n].a
	return n > 0 && n+1 < len(columns) && columns[n-1].a >= 0 && columns[n-1].b >= 0 && columns[n+1].b == columns[n-1].b+1 &&
		glyphs[i].Sure < 0.8 && glyphs[i].X-glyphs[i-1].X < 0.6*width
}

// spaced is a glyph and whether a space stands before it.
type spaced struct {
	glyph
	space bool
}

func lettersOfStrip(s strip) (letters []letter, glyphs []spaced) {
	space := false
	for _, g := range s.Glyphs {
		if unicode.IsSpace(g.Rune) {
			space = true
			continue
		}
		letters = append(letters, letter{g.Rune, g.X})
		glyphs = append(glyphs, spaced{g, space})
		space = false
	}
	return letters, glyphs
}

func lettersOfTokens(inside []token) (letters []letter, owner []int) {
	for i, t := range inside {
		runes := []rune(t.Text)
		for k, r := range runes {
			x := float64(t.Box.Min.X) + (float64(k)+0.5)/float64(len(runes))*float64(t.Box.Dx())
			letters = append(letters, letter{r, x})
			owner = append(owner, i)
		}
	}
	return letters, owner
}

// pitch is how far apart the characters of a strip stand, in the picture.
func pitch(s strip) float64 {
	var apart []float64
	for i := 1; i < len(s.Glyphs); i++ {
		if !unicode.IsSpace(s.Glyphs[i].Rune) && !unicode.IsSpace(s.Glyphs[i-1].Rune) {
			apart = append(apart, s.Glyphs[i].X-s.Glyphs[i-1].X)
		}
	}
	if len(apart) == 0 {
		return float64(s.Box.Dy()) / 2
	}
	slices.Sort(apart)
	return max(apart[len(apart)/2], 1)
}

// agreeing says of which tokens so many characters are alike that they are
// another reading of the same text, and not of a speck beside it.
func agreeing(columns []pair, a, b []letter, owner []int, tokens int) []bool {
	same, all := make([]int, tokens), make([]int, tokens)
	for _, c := range columns {
		if c.b < 0 {
			continue
		}
		all[owner[c.b]]++
		if c.a >= 0 && alike(a[c.a].r, b[c.b].r) {
			same[owner[c.b]]++
		}
	}
	out := make([]bool, tokens)
	for i := range out {
		out[i] = all[i] > 0 && float64(same[i]) >= sameText*float64(all[i])
	}
	return out
}

// missed says whether a character that tesseract alone has was missed by
// PP-OCR: it is sure of its word, and there is room for it.
func missed(columns []pair, n int, a, b []letter, t token, width float64) bool {
	r := b[columns[n].b].r
	if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '€' {
		return false
	}
	left, right := math.Inf(-1), math.Inf(1)
	for i := n - 1; i >= 0; i-- {
		if columns[i].a >= 0 {
			left = a[columns[i].a].x
			break
		}
	}
	for i := n + 1; i < len(columns); i++ {
		if columns[i].a >= 0 {
			right = a[columns[i].a].x
			break
		}
	}
	return t.Sure >= 0.8 && right-left > 1.2*width || t.Sure >= 0.4 && right-left > 1.6*width
}
