package ocr

import (
	"image"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// stripOf is a line of PP-OCR whose characters stand 10 pixels apart; a space is
// a blank that it read, an underscore one that it did not.
func stripOf(text string) strip {
	s := strip{Box: image.Rect(0, 0, 10*len([]rune(text)), 20)}
	gap := 0.05
	for i, r := range []rune(text) {
		if r == '_' {
			gap = 0.45
			continue
		}
		s.Glyphs = append(s.Glyphs, glyph{Rune: r, Sure: 0.9, X: float64(10*i + 5), Gap: gap})
		gap = 0.05
	}
	return s
}

// tokensOf are tesseract's words of the same line.
func tokensOf(text string, sure float64) []token {
	var out []token
	at := 0
	for part := range strings.SplitSeq(text, " ") {
		n := len([]rune(part))
		if n > 0 {
			out = append(out, token{Text: part, Box: image.Rect(10*at, 2, 10*(at+n), 18), Sure: sure, Line: 1})
		}
		at += n + 1
	}
	return out
}

func TestJoin(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		paddle, tesseract string
		sure              float64
		want              string
	}{
		"both agree":                              {"Total 41.50", "Total 41.50", 0.9, "Total 41.50"},
		"the space is tesseract's":                {"NO.5_JALAN", "NO.5 JALAN", 0.9, "NO.5 JALAN"},
		"a letter that PP-OCR lacks":              {"StraBe Koln", "Straße Köln", 0.9, "Straße Köln"},
		"a currency that PP-OCR lacks":            {"41,50", "41,50 €", 0.9, "41,50 €"},
		"accents of a word not sure are not":      {"Koln", "Köln", 0.1, "Koln"},
		"a digit of tesseract alone is not":       {"177.20", "171.20", 0.6, "177.20"},
		"a number is not split at its point":      {"177.20", "177. 20", 0.9, "177.20"},
		"full text of PP-OCR alone":               {"CASH 5.00", "", 0, "CASH 5.00"},
		"a blank between words of PP-OCR alone":   {"CASH_5.00", "", 0, "CASH 5.00"},
		"tesseract's specks are not read":         {"CASH", "~°;;", 0.2, "CASH"},
		"a letter among digits is a digit":        {"475OO", "47500", 0.5, "47500"},
		"a character that PP-OCR left a hole for": {"STAT_ONERY", "STATIONERY", 0.95, "STATIONERY"},
	} {
		s := stripOf(tc.paddle)
		s.Box.Max.X = max(s.Box.Max.X, 10*len([]rune(tc.tesseract)))
		words := join([]strip{s}, tokensOf(tc.tesseract, tc.sure), image.Rect(0, 0, 300, 20))
		if got := strings.Join(textLines(words), "\n"); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

func TestWhatWasNotChosenIsTheAlternative(t *testing.T) {
	t.Parallel()
	words := join([]strip{stripOf("177.20 CASH")}, tokensOf("171.20 CASH", 0.6), image.Rect(0, 0, 300, 20))
	if len(words) != 2 || words[0].Text != "177.20" || words[0].Alternative != "171.20" || words[1].Alternative != "" {
		t.Errorf("got %+v", words)
	}
}

func TestALoneDigitIsReadInARowOfATable(t *testing.T) {
	t.Parallel()
	left, right := stripOf("Pens"), stripOf("5,49")
	right.Box = right.Box.Add(image.Pt(100, 0))
	for i := range right.Glyphs {
		right.Glyphs[i].X += 100
	}
	for name, tc := range map[string]struct {
		strips []strip
		text   string
		sure   float64
		want   string
	}{
		"a digit in a column of its own": {[]strip{left, right}, "7", 0.95, "Pens 5,49 7"},
		"one that may be a speck":        {[]strip{left, right}, "7", 0.6, "Pens 5,49"},
		"a letter":                       {[]strip{left, right}, "l", 0.95, "Pens 5,49"},
		"beside one text alone":          {[]strip{left}, "7", 0.95, "Pens"},
	} {
		tokens := []token{{Text: tc.text, Box: image.Rect(200, 3, 208, 17), Sure: tc.sure, Line: 1}}
		words := join(tc.strips, tokens, image.Rect(0, 0, 300, 20))
		if got := strings.Join(textLines(words), "\n"); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

func TestLinesAreReadFromTheTopAndFromTheLeft(t *testing.T) {
	t.Parallel()
	boxes := []image.Rectangle{
		image.Rect(300, 12, 400, 32), image.Rect(0, 40, 90, 60), image.Rect(0, 10, 90, 30), // the line bends
		image.Rect(100, 11, 200, 31), image.Rect(100, 42, 200, 62),
	}
	if got, want := lines(boxes), [][]int{{2, 3, 0}, {1, 4}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

const alphabet = "aAoO0ö1Il5S€. ,-ß8B漢é"

func drawReadings(t *rapid.T, bounds image.Rectangle) (strips []strip, tokens []token) {
	box := func(name string) image.Rectangle {
		x, y := rapid.IntRange(0, bounds.Max.X-5).Draw(t, name+" x"), rapid.IntRange(0, bounds.Max.Y-5).Draw(t, name+" y")
		return image.Rect(x, y, x+rapid.IntRange(4, 200).Draw(t, name+" w"), y+rapid.IntRange(4, 40).Draw(t, name+" h")).Intersect(bounds)
	}
	letter := rapid.SampledFrom([]rune(alphabet))
	share := rapid.Float64Range(0, 1)
	for range rapid.IntRange(0, 4).Draw(t, "strips") {
		s := strip{Box: box("strip")}
		n := rapid.IntRange(1, 12).Draw(t, "glyphs")
		for i := range n {
			g := glyph{Rune: letter.Draw(t, "glyph"), Sure: share.Draw(t, "sure"), Gap: share.Draw(t, "gap")}
			g.X = float64(s.Box.Min.X) + (float64(i)+0.5)/float64(n)*float64(s.Box.Dx())
			if rapid.Bool().Draw(t, "doubt") {
				g.Other = []guess{{letter.Draw(t, "other"), share.Draw(t, "as sure")}}
			}
			s.Glyphs = append(s.Glyphs, g)
		}
		strips = append(strips, s)
	}
	for range rapid.IntRange(0, 6).Draw(t, "tokens") {
		text := strings.ReplaceAll(rapid.StringOfN(letter, 1, 10, -1).Draw(t, "text"), " ", "")
		if text != "" {
			tokens = append(tokens, token{Text: text, Box: box("token"), Sure: share.Draw(t, "token sure")})
		}
	}
	return strips, tokens
}

// joined holds for any readings: nothing is invented, all stands on the page, in
// order, and the same each time.
func joined(t *rapid.T) {
	bounds := image.Rect(0, 0, 300, 120)
	strips, tokens := drawReadings(t, bounds)
	seen := textOf(strips)
	for _, s := range strips {
		for _, g := range s.Glyphs {
			for _, o := range g.Other {
				seen += string(o.Rune)
			}
		}
	}
	for _, token := range tokens {
		seen += token.Text
	}
	words := join(slices.Clone(strips), slices.Clone(tokens), bounds)
	for i, w := range words {
		for _, r := range w.Text {
			if unicode.IsSpace(r) || !strings.ContainsRune(seen, r) {
				t.Fatalf("%q of %q is in neither reading", r, w.Text)
			}
		}
		if w.Text == "" || w.Box.Empty() || !w.Box.In(bounds) || !(w.Confidence >= 0 && w.Confidence <= 1) {
			t.Fatalf("got %+v", w)
		}
		if i > 0 && (w.Line < words[i-1].Line || w.Line == words[i-1].Line && w.Box.Min.X < words[i-1].Box.Min.X) {
			t.Fatalf("%+v stands after %+v", w, words[i-1])
		}
	}
	if !reflect.DeepEqual(words, join(strips, tokens, bounds)) {
		t.Fatal("joined again, it is another text")
	}
}

func TestJoinInventsNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, joined)
}

func FuzzJoin(f *testing.F) { f.Fuzz(rapid.MakeFuzz(joined)) }

func TestAlignmentKeepsEveryCharacterInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		reading := func(name string) []letter {
			var out []letter
			for _, r := range rapid.StringOfN(rapid.SampledFrom([]rune(alphabet)), 0, 15, -1).Draw(t, name) {
				out = append(out, letter{r, rapid.Float64Range(0, 300).Draw(t, name+" x")})
			}
			return out
		}
		a, b := reading("a"), reading("b")
		var nextA, nextB int
		for _, column := range align(a, b, 10) {
			if column.a < 0 && column.b < 0 || column.a >= 0 && column.a != nextA || column.b >= 0 && column.b != nextB {
				t.Fatalf("got %v after %d, %d", column, nextA, nextB)
			}
			if column.a >= 0 {
				nextA++
			}
			if column.b >= 0 {
				nextB++
			}
		}
		if nextA != len(a) || nextB != len(b) {
			t.Fatalf("aligned %d of %d and %d of %d", nextA, len(a), nextB, len(b))
		}
	})
}

func FuzzTSV(f *testing.F) {
	f.Add("level\tpage_num\n5\t1\t1\t1\t1\t1\t36\t92\t582\t269\t96.06\tTotal\n")
	f.Add("5\t1\t1\t1\t1\t1\t-1\t9999999999\t5\t5\tNaN\tx")
	f.Add("4\t1\n5\t1\t1\t1\t2\t1\t0\t0\t10\t10\t100\t\xff \t\n")
	bounds := image.Rect(0, 0, 640, 480)
	f.Fuzz(func(t *testing.T, table string) {
		last := 0
		for _, token := range parseTSV(table, bounds) {
			if token.Text == "" || strings.ContainsFunc(token.Text, unicode.IsSpace) || token.Box.Empty() || !token.Box.In(bounds) ||
				!(token.Sure >= 0 && token.Sure <= 1) || token.Line < last {
				t.Errorf("got %+v", token)
			}
			last = token.Line
		}
	})
}
