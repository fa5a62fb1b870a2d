package understand

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"decoded.digital/extractor/models"
)

// locate finds where an answer's values stand in what was shown.
func locate(fields []models.Field, found object, w window) {
	newIndex(w).object(fields, found)
}

func (ix *index) object(fields []models.Field, found object) {
	for _, f := range fields {
		switch value := found[f.Key].(type) {
		case object:
			ix.object(f.Children, value)
		case []object:
			ix.rows(f.Children, value)
		case []*leaf:
			for _, l := range value {
				l.at = ix.placed(ix.best(ix.spans(l.value, true), f))
			}
		case *leaf:
			spans := ix.spans(value.value, true)
			if value.at = ix.placed(ix.best(spans, f)); value.at != nil {
				value.at.count = len(spans)
			}
		}
	}
}

// spans are the places that say a value, in the order of the page. within also
// looks inside of words.
func (ix *index) spans(value any, within bool) []span {
	switch v := value.(type) {
	case float64:
		return ix.numbers[rounded(v)]
	case string:
		if spans := ix.dates[v]; len(spans) > 0 {
			return spans
		}
		if spans := ix.text(v); len(spans) > 0 || !within {
			return spans
		}
		if signs := signsOf(v); signs != nil {
			return ix.signed(signs)
		}
		return ix.inside(keyOf(v))
	}
	return nil
}

// signsOf are the signs that are printed for a currency; a dollar may be of many
// countries. Nil: the text is no currency that has one.
func signsOf(code string) []string {
	return map[string][]string{
		"EUR": {"€"}, "USD": {"$"}, "CAD": {"$"}, "AUD": {"$"}, "NZD": {"$"}, "SGD": {"$"}, "HKD": {"$"}, "MXN": {"$"},
		"GBP": {"£"}, "JPY": {"¥", "￥"}, "CNY": {"¥", "￥"}, "INR": {"₹", "Rs"}, "PLN": {"zł"}, "CZK": {"Kč"}, "CHF": {"Fr."},
		"SEK": {"kr"}, "NOK": {"kr"}, "DKK": {"kr"}, "BRL": {"R$"}, "MYR": {"RM"}, "UAH": {"₴"}, "TRY": {"₺"}, "KRW": {"₩"}, "ILS": {"₪"},
	}[code]
}

// signed are the words that have a currency's sign at either end.
func (ix *index) signed(signs []string) []span {
	var spans []span
	for i := range ix.words {
		for _, sign := range signs {
			if text := ix.words[i].Text; strings.HasPrefix(text, sign) || strings.HasSuffix(text, sign) {
				spans = append(spans, span{i})
			}
		}
	}
	return spans
}

// text finds a text, which may go on over several lines of its column.
func (ix *index) text(text string) []span {
	key := keyOf(text)
	if spans, known := ix.memo[key]; known || key == "" {
		return spans
	}
	var spans []span
	beginnings := []string{start(key)}
	if len(key) > 1 {
		beginnings = append(beginnings, key[:1])
	}
	for _, beginning := range beginnings {
		for _, i := range ix.starts[beginning] {
			if s := ix.follow(i, key, 0); s != nil {
				spans = append(spans, s)
			}
		}
	}
	slices.SortStableFunc(spans, func(a, b span) int { return a[0] - b[0] })
	ix.memo[key] = spans
	return spans
}

// maxWrapped is over how many lines a text is followed.
const maxWrapped = 30

// follow takes the words from i that say the text; where the line goes on with
// something else, the text may go on under its beginning.
func (ix *index) follow(i int, key string, wrapped int) span {
	var taken span
	for end := ix.lines[ix.words[i].line][1]; i < end && key != ""; i++ {
		rest, fits := strings.CutPrefix(key, ix.words[i].key)
		if !fits {
			break
		}
		taken, key = append(taken, i), rest
	}
	if key == "" || len(taken) == 0 || wrapped == maxWrapped {
		if key != "" {
			return nil
		}
		return taken
	}
	first := &ix.words[taken[0]]
	for l := first.line + 1; l < len(ix.lines) && l <= first.line+3; l++ {
		for k := ix.lines[l][0]; k < ix.lines[l][1]; k++ {
			next := &ix.words[k]
			under := next.page == first.page && math.Abs(next.Box.X-first.Box.X) < 3*first.Box.Height
			if under && next.key != "" && strings.HasPrefix(key, next.key) {
				if rest := ix.follow(k, key, wrapped+1); rest != nil {
					return append(taken, rest...)
				}
			}
		}
	}
	return nil
}

// inside finds a text of some length as a part of a word: "No:4711".
func (ix *index) inside(key string) []span {
	var spans []span
	if len(key) < 4 {
		return nil
	}
	for i := range ix.words {
		if strings.Contains(ix.words[i].key, key) {
			spans = append(spans, span{i})
		}
	}
	return spans
}

// maxWeighed is how many places of one value are held against its label.
const maxWeighed = 200

// best is the place beside or under words that the field has, else the first.
func (ix *index) best(spans []span, f models.Field) span {
	if len(spans) == 0 {
		return nil
	}
	key, description := wordsOf(f.Key), wordsOf(f.Description)
	best, most := spans[0], -1
	for _, s := range spans[:min(len(spans), maxWeighed)] {
		score := 0
		for _, near := range ix.labels(s[0]) {
			if slices.Contains(key, near) {
				score += 3
			} else if slices.Contains(description, near) {
				score++
			}
		}
		if score > most {
			best, most = s, score
		}
	}
	return best
}

// labels are the words before a value on its line, and over it.
func (ix *index) labels(i int) []string {
	w := &ix.words[i]
	var keys []string
	for k := max(ix.lines[w.line][0], i-6); k < i; k++ {
		keys = append(keys, ix.words[k].key)
	}
	if w.line == 0 {
		return keys
	}
	for k := ix.lines[w.line-1][0]; k < ix.lines[w.line-1][1]; k++ {
		over := &ix.words[k]
		if over.page == w.page && over.Box.X < w.Box.Right() && over.Box.Right() > w.Box.X {
			keys = append(keys, over.key)
		}
	}
	return keys
}

// wordsOf parts a key or a description, camelCase too.
func wordsOf(text string) []string {
	var parted strings.Builder
	lower := false
	for _, r := range text {
		if unicode.IsUpper(r) && lower {
			parted.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		parted.WriteRune(unicode.ToLower(r))
	}
	words := strings.FieldsFunc(parted.String(), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.DeleteFunc(words, func(w string) bool { return len(w) < 3 })
}

// placed is the place of a span; nil for an empty one.
func (ix *index) placed(s span) *place {
	if len(s) == 0 {
		return nil
	}
	at := &place{page: ix.words[s[0]].page, box: ix.words[s[0]].Box, count: 1}
	texts := make([]string, len(s))
	sum := 0.0
	for k, i := range s {
		texts[k] = ix.words[i].Text
		at.box = at.box.Union(ix.words[i].Box)
		sum += certainty(ix.words[i].Word)
	}
	at.text, at.certainty = strings.Join(texts, " "), sum/float64(len(s))
	return at
}
