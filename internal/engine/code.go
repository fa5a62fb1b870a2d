package engine

import (
	"math/big"
	"regexp"
	"strings"
)

// Values that are told by their own form.
var (
	ibanForm  = regexp.MustCompile(`\b[A-Z]{2}\s?\d{2}(?:[\s]?[A-Z0-9]){10,30}`)
	bicForm   = regexp.MustCompile(`\b[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b`)
	emailForm = regexp.MustCompile(`[\p{L}\d._%+\-]+@[\p{L}\d\-]+(?:\.[\p{L}\d\-]+)+`)
	urlForm   = regexp.MustCompile(`(?i)\b(?:https?://)?(?:[a-z\d](?:[a-z\d\-]*[a-z\d])?\.)+(?:com|org|net|de|nl|fr|es|it|pl|pt|at|ch|be|uk|co\.uk|eu|io|my|info|biz|us|ie|com\.my|com\.br|shop|dev|app|in|sg|au|ca)(?:/[^\s,;]*)?\b`)
	phoneForm = regexp.MustCompile(`\+?\(?\d[\d\s()/.\-]{5,20}\d`)
)

// vatForm is the VAT identification numbers of the European Union, the United
// Kingdom, Norway and Switzerland, with spaces or dots as they are printed.
var vatForm = regexp.MustCompile(`\b(?:ATU\s?\d{8}|BE\s?[01]?[\d. ]{9,12}|BG\s?\d{9,10}|CHE[\- ]?[\d.\- ]{9,13}|CY\s?\d{8}[A-Z]|CZ\s?\d{8,10}|DE\s?\d{3}\s?\d{3}\s?\d{3}|DK\s?\d{2}\s?\d{2}\s?\d{2}\s?\d{2}|EE\s?\d{9}|EL\s?\d{9}|ES\s?[A-Z\d]\d{7}[A-Z\d]|FI\s?\d{8}|FR\s?[A-Z\d]{2}\s?\d{3}\s?\d{3}\s?\d{3}|GB\s?\d{3}\s?\d{4}\s?\d{2}(?:\s?\d{3})?|HR\s?\d{11}|HU\s?\d{8}|IE\s?\d[A-Z\d+*]\d{5}[A-Z]{1,2}|IT\s?\d{11}|LT\s?\d{9,12}|LU\s?\d{8}|LV\s?\d{11}|MT\s?\d{8}|NL\s?\d{3}\.?\d{3}\.?\d{3}\.?B\d{2}|NO\s?\d{9}|PL\s?\d{3}[\- ]?\d{3}[\- ]?\d{2}[\- ]?\d{2}|PT\s?\d{9}|RO\s?\d{2,10}|SE\s?\d{12}|SI\s?\d{8}|SK\s?\d{10})\b`)

// validIBAN checks the two digits of ISO 13616.
func validIBAN(iban string) bool {
	if len(iban) < 15 || len(iban) > 34 {
		return false
	}
	var digits strings.Builder
	for _, c := range iban[4:] + iban[:4] {
		switch {
		case c >= '0' && c <= '9':
			digits.WriteRune(c)
		case c >= 'A' && c <= 'Z':
			digits.WriteString(big.NewInt(int64(c-'A') + 10).String())
		default:
			return false
		}
	}
	n, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && new(big.Int).Mod(n, big.NewInt(97)).Int64() == 1
}

// plausibleIBAN says whether a text is as long as its country's account numbers;
// made-up ones in samples and misread ones fail the check digits alone.
func plausibleIBAN(iban string) bool {
	lengths := map[string]int{
		"AT": 20, "BE": 16, "CH": 21, "CZ": 24, "DE": 22, "DK": 18, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "HU": 28, "IE": 22, "IT": 27,
		"LU": 20, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SK": 24,
	}
	return len(iban) > 2 && lengths[iban[:2]] == len(iban)
}

func compact(text string) string { return strings.Join(strings.Fields(text), "") }

// host is the host of a web address.
func host(address string) string {
	address = strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(address), "https://"), "http://")
	name, _, _ := strings.Cut(address, "/")
	return name
}
