package engine

import (
	"regexp"
	"strings"
	"unicode"
)

// place is a line that ends a postal address: the town with its code.
type place struct {
	text string // as an address has it, without the country's letters
	zip  string
	city string
}

// How a town stands with its code: "D-63571 Gelnhausen", "3012 CN Rotterdam",
// "New Haven, CT 06520-8283", "London SW1A 1AA".
var (
	zipFirst   = regexp.MustCompile(`^(?:[A-Z]{1,3}[\s\-–]+)?(\d{2}-\d{3}|\d{4}-\d{3}|\d{4}\s?[A-Z]{2}|\d{4,6}|\d{3}\s\d{2})[,\s]*(\p{Lu}[\p{L}\d\s.,\-/()'’&]{1,60})$`)
	zipLast    = regexp.MustCompile(`^(\p{L}[\p{L}\s.\-'’]{1,40}?),?\s+([A-Z]{2}|\p{L}{4,20}),?\s+(\d{5}(?:-\d{4})?)(?:,?\s+(?:US|USA|U\.S\.A\.))?$`)
	zipBritish = regexp.MustCompile(`^(?:(\p{L}[\p{L}\s.\-'’]{1,40}?),?\s+)?([A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})$`)
)

// placeOf reads the last line of a postal address.
func placeOf(text string) (place, bool) {
	text = strings.Trim(strings.TrimSpace(text), ",;.|•●· ")
	if !strings.ContainsAny(text, "0123456789") || len(text) > 90 {
		return place{}, false
	}
	if m := zipFirst.FindStringSubmatch(text); m != nil && !unit(m[2]) && !streetWord.MatchString(m[2]) {
		at := strings.Index(text, m[1])
		city, _, _ := strings.Cut(m[2], ",")
		return place{text: text[at:], zip: m[1], city: strings.TrimSpace(city)}, true
	}
	if m := zipLast.FindStringSubmatch(text); m != nil && monthOf(m[2]) == 0 && monthOf(m[1]) == 0 {
		return place{text: text, zip: m[3], city: strings.TrimSpace(m[1])}, true
	}
	if m := zipBritish.FindStringSubmatch(text); m != nil {
		return place{text: text, zip: m[2], city: strings.TrimSpace(m[1])}, true
	}
	return place{}, false
}

// unit says whether words behind a number are what is counted, not a town.
func unit(text string) bool {
	first, _, _ := strings.Cut(strings.ToLower(text), " ")
	switch strings.Trim(first, ".,") {
	case "stk", "stück", "st", "kg", "km", "m", "m²", "pcs", "x", "h", "std", "uhr", "eur", "euro", "tage", "tagen", "days", "pkt", "ltr", "usd", "gbp":
		return true
	}
	return monthOf(first) > 0
}

// streetWords name streets in the engine's languages, as words or as endings.
var streetWord = regexp.MustCompile(`(?i)(stra(ss|ß)e|str\.|\bstr\b|weg\b|platz\b|allee|gasse|ring\b|ufer|damm\b|promenade|\bpostfach|street|\bst\b|road|\brd\b|avenue|\bave\b|lane|\bblvd|boulevard|drive\b|\bdr\b|square|suite|floor|\bp\.?\s?o\.?\s?box|\brue\b|\bchemin|\bimpasse|\bplace\b|straat|laan\b|plein\b|gracht|kade\b|\bcalle\b|avenida|plaza\b|\bvia\b|viale|piazza|corso\b|\bul\.|ulica|aleja|\bal\.|\brua\b|travessa|\bjalan\b|\bjln\b|\blot\b|\btaman\b|\bno\.?\s?\d|\bunit\b|\bblock\b|\bblk\b|\bmile|\bhof\b|\bkm\b)`)

// streetLike says whether a line can be the street of an address: words and a
// number of a house, or a word for a street.
func streetLike(text string) bool {
	if len(text) > 80 || strings.Contains(text, "@") || strings.HasSuffix(text, ":") {
		return false
	}
	letters, digits := 0, 0
	for _, c := range text {
		switch {
		case unicode.IsLetter(c):
			letters++
		case unicode.IsDigit(c):
			digits++
		}
	}
	return letters >= 3 && (digits > 0 && digits <= letters || streetWord.MatchString(text)) && !phoneLike(text)
}

// phoneLike says whether a text names a telephone or a register rather than a
// street.
func phoneLike(text string) bool {
	first := fold(text)
	for _, word := range []string{"tel", "fax", "fon", "phone", "mobil", "email", "www", "gst", "ust", "vat", "hrb", "iban", "bic", "btw", "kvk", "nip", "siret", "tin", "gln"} {
		if strings.HasPrefix(first, word) {
			return true
		}
	}
	return false
}

// companySuffix is the legal forms that end a company's name.
var companySuffix = regexp.MustCompile(`(?i)(^|[\s,(])(gmbh|mbh|ag|kg|kgaa|ohg|gbr|e\.?\s?k\.?|e\.?\s?v\.?|ug|se|a\.\s?g\.|inc\.?|incorporated|corp\.?|corporation|company|co\.|llc|l\.l\.c\.|llp|l\.p\.|lp|ltd\.?|limited|plc|pty|pvt|pte|sdn\.?\s?bhd\.?|bhd\.?|s/b|b\.?v\.?|n\.?v\.?|v\.?o\.?f\.?|sarl|s\.a\.r\.l\.|sas|s\.a\.s\.|s\.?a\.?|sasu|eurl|s\.?l\.?u?\.?|s\.?r\.?l\.?|s\.?p\.?a\.?|sp\.?\s?z\s?o\.?\s?o\.?|spółka akcyjna|lda\.?|a/s|aps|oy|ab|enterprise|trading|bank|trust)([\s,.;)]|$)`)

// companyLike says whether a text has the legal form of a company in it.
func companyLike(text string) bool { return companySuffix.MatchString(text) }
