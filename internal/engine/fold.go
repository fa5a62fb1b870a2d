package engine

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold is text's letters and digits alone, in lower case and without accents:
// the form in which words are compared, because a print's spaces, a scan's
// accents and a template's underscores say nothing.
func fold(text string) string {
	if plain(text) {
		return foldASCII(text)
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		r = unicode.ToLower(r)
		switch {
		case r == 'ß':
			b.WriteString("ss")
		case r == 'ł':
			b.WriteByte('l')
		case r == 'ø':
			b.WriteByte('o')
		case r == 'æ':
			b.WriteString("ae")
		case r == 'œ':
			b.WriteString("oe")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

func plain(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

func foldASCII(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'A' && c <= 'Z':
			b.WriteByte(c + 'a' - 'A')
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b.WriteByte(c)
		}
	}
	return b.String()
}

// terms is text's words, folded; a key's camel case and underscores part them,
// too, and so does a digit after a letter or the other way round.
func terms(text string) []string {
	var words []string
	var word strings.Builder
	end := func() {
		if w := fold(word.String()); w != "" {
			words = append(words, w)
		}
		word.Reset()
	}
	runes := []rune(text)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '’' {
			end()
			continue
		}
		if i > 0 && unicode.IsUpper(r) {
			lower := unicode.IsLower(runes[i-1])
			acronymEnds := unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if lower || acronymEnds {
				end()
			}
		}
		if i > 0 && unicode.IsDigit(r) && unicode.IsLower(runes[i-1]) {
			end()
		}
		word.WriteRune(r)
	}
	end()
	return words
}

// filler says whether a word says nothing of what a field is.
func filler(word string) bool {
	switch word {
	case "of", "the", "a", "an", "to", "is", "for", "or", "and", "with", "was", "in", "on", "by", "this", "that", "as", "at", "from",
		"der", "die", "das", "des", "dem", "den", "und", "oder", "von", "fur", "im", "de", "du", "la", "le", "les", "et", "d", "l",
		"van", "het", "een", "en", "el", "los", "las", "y", "del", "della", "di", "il", "e", "do", "da", "i", "o", "w", "z", "its", "their", "whose":
		return true
	}
	return false
}

// significant is text's terms without those that say nothing.
func significant(text string) []string {
	words := terms(text)
	kept := words[:0]
	for _, w := range words {
		if !filler(w) {
			kept = append(kept, w)
		}
	}
	return kept
}
