package ocr

import (
	"image"
	"math"
	"slices"
	"strings"
	"unicode"
)

// split makes words of the characters of a strip: where tesseract read both
// sides, its words say where one ends; else the blank between them does.
func split(chars []char, s strip, inside []token, width float64) []Word {
	var out []Word
	usual := usualGap(s)
	from := 0
	for i := 1; i <= len(chars); i++ {
		if i < len(chars) && !breaks(chars, i, inside, usual) {
			continue
		}
		if from < i {
			out = append(out, makeWord(chars[from:i], s, inside, width))
		}
		from = i
	}
	return out
}

const (
	littleGap  = 0.15 // heights between two of tesseract's words from which there is a space
	breakSure  = 0.05 // confidence of its words from which that is believed
	numberGap  = 0.5  // blank that ends a number after its comma or point
	certainGap = 0.9  // blank that no word has in it
	usualGaps  = 2    // times the usual blank that a space has at least
)

// breaks says whether a word ends before character i.
func breaks(chars []char, i int, inside []token, usual float64) bool {
	a, b := chars[i-1], chars[i]
	blank := b.gap > max(wordGap, usualGaps*usual)
	switch {
	case b.space && (b.gap < 0 || a.token < 0 || a.token != b.token):
		return true
	case number(chars, i) && b.gap < numberGap:
		return false
	case a.token < 0 || b.token < 0:
		return blank
	case a.token == b.token:
		return b.space && blank || b.gap > certainGap
	}
	left, right := inside[a.token], inside[b.token]
	sure := min(left.Sure, right.Sure)
	if sure < breakSure || sure < good && unicode.IsDigit(a.r) && unicode.IsDigit(b.r) {
		return blank
	}
	apart := float64(right.Box.Min.X-left.Box.Max.X) / float64(max(left.Box.Dy(), 1))
	return apart > littleGap || blank
}

// number says whether character i and the one before stand in a number: at the
// point or comma between two digits.
func number(chars []char, i int) bool {
	for mark := i - 1; mark <= i; mark++ {
		if mark > 0 && mark+1 < len(chars) && (chars[mark].r == '.' || chars[mark].r == ',') &&
			unicode.IsDigit(chars[mark-1].r) && unicode.IsDigit(chars[mark+1].r) {
			return true
		}
	}
	return false
}

// makeWord makes a word of its characters.
func makeWord(chars []char, s strip, inside []token, width float64) Word {
	var text, paddle, tesseract strings.Builder
	sum := 0.0
	inContext(chars)
	for _, c := range chars {
		text.WriteRune(c.r)
		sum += c.sure
		if c.from.Rune != 0 {
			paddle.WriteRune(c.from.Rune)
		}
		if c.other != 0 {
			tesseract.WriteRune(c.other)
		}
	}
	first, last := chars[0], chars[len(chars)-1]
	box := image.Rect(int(first.x-width/2), s.Box.Min.Y, int(math.Ceil(last.x+width/2)), s.Box.Max.Y)
	if first.token >= 0 && (inside[first.token].Box.Min.X > box.Min.X-int(width)) {
		box.Min.X = min(inside[first.token].Box.Min.X, int(first.x))
	}
	if last.token >= 0 && inside[last.token].Box.Max.X < box.Max.X+int(width) {
		box.Max.X = max(inside[last.token].Box.Max.X, int(math.Ceil(last.x)))
	}
	if box = box.Intersect(s.Box); box.Empty() {
		box = s.Box
	}
	w := Word{Text: text.String(), Box: box, Confidence: min(sum/float64(len(chars)), 1)}
	for _, other := range []string{tesseract.String(), paddle.String()} {
		if other != "" && !strings.EqualFold(other, w.Text) {
			w.Alternative = other
			break
		}
	}
	return w
}

// usualGap is the blank between most characters of a strip, which is wide where
// all are as wide as the widest.
func usualGap(s strip) float64 {
	var gaps []float64
	for _, g := range s.Glyphs[min(1, len(s.Glyphs)):] {
		if !unicode.IsSpace(g.Rune) {
			gaps = append(gaps, g.Gap)
		}
	}
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}
