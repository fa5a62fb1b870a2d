package understand

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"decoded.digital/extractor/internal/reader"
)

// index finds values among the words that were shown: texts by their letters and
// digits, numbers and dates by what they mean.
type index struct {
	words   []word
	lines   [][2]int         // of each line the first word and the one behind the last
	starts  map[string][]int // words by how they begin
	numbers map[float64][]span
	dates   map[string][]span
	memo    map[string][]span
}

type word struct {
	reader.Word
	page *page
	line int
	key  string // letters and digits, in lower case
}

// span is words that say a value, in order.
type span []int

func newIndex(w window) *index {
	ix := &index{starts: map[string][]int{}, numbers: map[float64][]span{}, dates: map[string][]span{}, memo: map[string][]span{}}
	for _, p := range w {
		for _, l := range p.page.lines[p.from:p.to] {
			first := len(ix.words)
			for _, shown := range l.words {
				ix.words = append(ix.words, word{Word: shown, page: p.page, line: len(ix.lines), key: keyOf(shown.Text)})
			}
			ix.lines = append(ix.lines, [2]int{first, len(ix.words)})
		}
	}
	for i := range ix.words {
		if key := ix.words[i].key; key != "" {
			ix.starts[start(key)] = append(ix.starts[start(key)], i)
		}
		ix.addNumbers(i)
		ix.addDates(i)
	}
	return ix
}

// start is the first two bytes at most.
func start(key string) string { return key[:min(len(key), 2)] }

// keyOf is what two spellings of a text share: its letters and digits.
func keyOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(text))
}

// run is the text of n words from the one at i, if one line has them.
func (ix *index) run(i, n int) (string, bool) {
	if i+n > ix.lines[ix.words[i].line][1] {
		return "", false
	}
	var text strings.Builder
	for k := i; k < i+n; k++ {
		text.WriteString(ix.words[k].Text)
		text.WriteString(" ")
	}
	return strings.TrimSpace(text.String()), true
}

func spanOf(i, n int) span {
	s := make(span, n)
	for k := range s {
		s[k] = i + k
	}
	return s
}

// addNumbers adds the numbers that begin at a word: alone, or with the groups of
// digits, the sign or the per cent that follow.
func (ix *index) addNumbers(i int) {
	for n := 1; n <= 3; n++ {
		text, ok := ix.run(i, n)
		if !ok || len(text) > 40 {
			return
		}
		if last := ix.words[i+n-1].Text; n > 1 && !hasDigit(last) && last != "-" && last != "%" && last != ")" {
			return
		}
		for _, value := range readings(text) {
			spans := ix.numbers[value]
			if len(spans) > 0 && spans[len(spans)-1][0] == i { // fewer words say it
				continue
			}
			ix.numbers[value] = append(spans, spanOf(i, n))
		}
		if first := ix.words[i].Text; !hasDigit(first) && first != "-" && first != "−" && first != "(" {
			return // a label or a currency: the number begins behind it
		}
	}
}

func hasDigit(text string) bool { return strings.ContainsAny(text, "0123456789") }

// readings are the numbers that a text may mean: which separator is the decimal
// one is settled by the value that is looked for.
func readings(text string) []float64 {
	first, last := strings.IndexAny(text, "0123456789"), strings.LastIndexAny(text, "0123456789")
	if first < 0 {
		return nil
	}
	before, after := text[:first], text[last+1:]
	before = before[strings.LastIndexAny(before, ":=#")+1:]
	if letters(before) > 3 || letters(after) > 4 {
		return nil
	}
	digits := strings.NewReplacer(" ", "", "'", "", "’", "", "\u00a0", "", "\u202f", "").Replace(text[first : last+1])
	if strings.Trim(digits, "0123456789.,") != "" {
		return nil
	}
	whole := strings.NewReplacer(".", "", ",", "").Replace(digits)
	spelled := []string{whole}
	if point := strings.LastIndexAny(digits, ".,"); point >= 0 {
		decimals := digits[point+1:]
		spelled = append(spelled, strings.TrimSuffix(whole, decimals)+"."+decimals)
	}
	sign := 1.0
	if strings.ContainsAny(before+after, "-−–") || (strings.Contains(before, "(") && strings.Contains(after, ")")) {
		sign = -1
	}
	var values []float64
	for _, s := range spelled {
		if value, err := strconv.ParseFloat(s, 64); err == nil {
			values = append(values, rounded(sign*value))
			if strings.Contains(after, "%") {
				values = append(values, rounded(sign*value/100))
			}
		}
	}
	return values
}

func letters(text string) int {
	n := 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// rounded makes equal what differs by how a float is made.
func rounded(v float64) float64 { return math.Round(v*1e6) / 1e6 }
