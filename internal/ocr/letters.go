package ocr

import (
	"strings"
	"unicode"
)

// twins are sets of characters that look so much alike that readers take one
// for another.
func twins() []string {
	return []string{
		"0OoQDöÖ", "1Il|!i", "5Ss$§", "8Bß&", "2Zz", "6Gb", "9gq", "CcG(€ç", "Vv", "Ww", "Xx", "Kk", "Pp", "Uu", "f£", "E€",
		"tł", "-–—_~", ".,·", "'’`´", "\"”“„", "{(", "})", "/7", "4A",
	}
}

// alike says whether two characters are one letter but for case and accents, or
// look alike.
func alike(a, b rune) bool {
	if plain(a) == plain(b) {
		return true
	}
	for _, set := range twins() {
		if strings.ContainsRune(set, a) && strings.ContainsRune(set, b) {
			return true
		}
	}
	return false
}

// plain is a letter without its case and accent.
func plain(r rune) rune {
	r = unicode.ToLower(r)
	if r < 0x80 {
		return r
	}
	for base, accented := range map[rune]string{
		'a': "àáâãäåąă", 'c': "çćč", 'd': "ďđ", 'e': "èéêëęě", 'g': "ğ", 'i': "ìíîïı", 'l': "łľ", 'n': "ñńň", 'o': "òóôõöøő",
		'r': "řŕ", 's': "śšş", 't': "ťţ", 'u': "ùúûüűů", 'y': "ýÿ", 'z': "źżž",
	} {
		if strings.ContainsRune(accented, r) {
			return base
		}
	}
	return r
}

// latin says whether a character belongs to the languages that are read here.
func latin(r rune) bool {
	return r < 0x250 || (r >= 0x1E00 && r < 0x1F00) || (r >= 0x2000 && r < 0x2200)
}
