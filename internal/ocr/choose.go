package ocr

import (
	"strings"
	"unicode"
)

const (
	trust      = 0.7   // how far tesseract's confidence is believed beside PP-OCR's
	unseen     = 0.003 // probability of a reading that PP-OCR did not consider
	slipTwin   = 0.7   // how likely a wrong character is the one of two that look alike
	slipDigit  = 0.2   // or of two digits
	slipOther  = 0.02  // and any other
	certain    = 0.95  // probability from which PP-OCR is right
	accentSure = 0.5   // confidence of a word from which its accents are believed
	signSure   = 0.3   // and its currency
	caseSure   = 0.85  // and its capitals
)

// choose chooses between two readings of one character, of which tesseract's is
// as sure as its word.
func choose(g glyph, other rune, sure float64) (rune, float64) {
	switch {
	case g.Rune == other:
		return g.Rune, 1 - (1-g.Sure)*(1-sure)
	case other == '€' && sure >= signSure, !latin(g.Rune) && latin(other):
		return other, sure
	case other >= 0x80 && unicode.IsLetter(other) && (sure >= accentSure && alike(g.Rune, other) || sure >= good && g.Sure < certain):
		return other, sure // PP-OCR has few of these letters
	case plain(g.Rune) == plain(other):
		if sure >= caseSure && g.Rune < 0x80 {
			return other, max(g.Sure, sure)
		}
		return g.Rune, g.Sure
	}
	seen, slip := max(g.considered(other), unseen), slipOther
	switch {
	case g.Sure >= certain:
		return g.Rune, g.Sure
	case alike(g.Rune, other):
		slip = slipTwin
	case unicode.IsDigit(g.Rune) && unicode.IsDigit(other):
		slip = slipDigit
	}
	for1, for2 := g.Sure*(1-trust*sure)*slip, seen*trust*sure
	if for2 > for1 {
		return other, for2 / (for1 + for2) * sure
	}
	return g.Rune, g.Sure * for1 / (for1 + for2)
}

// considered is the probability that PP-OCR gave a reading that it did not
// choose.
func (g glyph) considered(r rune) float64 {
	for _, o := range g.Other {
		if o.Rune == r {
			return o.Sure
		}
	}
	return 0
}

// inContext turns a digit among letters into the letter that it looks like, and
// a letter among digits into the digit, in each run of a word between its
// punctuation.
func inContext(chars []char) {
	for from := 0; from < len(chars); {
		to := from
		for to < len(chars) && (unicode.IsLetter(chars[to].r) || unicode.IsDigit(chars[to].r)) {
			to++
		}
		settle(chars[from:to])
		from = max(to, from+1)
	}
}

const (
	digitTwins  = "01582"
	letterTwins = "OISBZ"
)

func settle(run []char) {
	letters, digits := 0, 0
	for _, c := range run {
		switch {
		case strings.ContainsRune(digitTwins+letterTwins+"ol", c.r):
		case unicode.IsLetter(c.r):
			letters++
		default:
			digits++
		}
	}
	for i := range run {
		c := &run[i]
		if at := strings.IndexRune(digitTwins, c.r); at >= 0 && letters >= 2 && digits == 0 {
			between := i > 0 && i+1 < len(run) && unicode.IsLetter(run[i-1].r) && unicode.IsLetter(run[i+1].r)
			if twin := rune(letterTwins[at]); c.supports(twin) || between && at < 2 && c.considered(twin) {
				c.r = twin
			}
		}
		if at := strings.IndexRune(letterTwins, toTwin(c.r)); at >= 0 && digits >= 2 && letters == 0 {
			between := i > 0 && i+1 < len(run) && unicode.IsDigit(run[i-1].r) && unicode.IsDigit(run[i+1].r)
			if twin := rune(digitTwins[at]); c.supports(twin) || (at < 2 || between) && c.considered(twin) {
				c.r = twin
			}
		}
	}
}

// toTwin is the capital of the letters that look like a digit in either case.
func toTwin(r rune) rune {
	switch r {
	case 'o':
		return 'O'
	case 'l':
		return 'I'
	}
	return r
}

// considered says whether a reader took the character for r, or thought of it.
func (c char) considered(r rune) bool {
	return c.other == r || c.from.Rune == r || c.from.considered(r) > 0
}

// supports says whether one of the readers took the character for r, or nearly.
func (c char) supports(r rune) bool {
	return c.other == r && c.from.Sure < certain || c.from.Rune == r || c.from.considered(r) >= 0.2
}
