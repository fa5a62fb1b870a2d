package engine

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// style is how a document writes numbers and dates, by its own evidence.
type style struct {
	point    byte // which sign its decimals stand behind: , or .; 0: it shows none
	monthDay bool // 11/20/2026 rather than 20/11/2026
}

// figure is a number as it is printed.
type figure struct {
	value    float64
	decimals int
	currency string // ISO code, where one stands beside it
	percent  bool
}

// numberWord is a word that is a number, with a sign or brackets and with a
// currency or per cent before or after it.
var numberWord = regexp.MustCompile(`^([(\-−–+]?)([\p{L}$€£¥₹]{0,3}[$€£¥₹.]?)([(\-−–+]?)(\d[\d.,'’]*)([-−)]?)(%|[\p{L}$€£¥₹]{0,3}\.?)([)*,;.:]{0,2})$`)

// figureOf reads one word; false: it is no number.
func figureOf(word string, s style) (figure, bool) {
	if len(word) > 40 || !strings.ContainsAny(word, "0123456789") {
		return figure{}, false
	}
	found := numberWord.FindStringSubmatch(word)
	if found == nil {
		return figure{}, false
	}
	digits := strings.TrimRight(found[4], ".,'’")
	before, after := currencyOf(found[2]), currencyOf(found[6])
	if found[2] != "" && before == "" || found[6] != "" && found[6] != "%" && after == "" {
		return figure{}, false
	}
	value, decimals, ok := parseDigits(digits, s)
	if !ok {
		return figure{}, false
	}
	open := found[1] == "(" || found[3] == "("
	minus := strings.ContainsAny(found[1]+found[3]+found[5], "-−–")
	closed := found[5] == ")" || strings.Contains(found[7], ")")
	if open != closed && !strings.HasPrefix(found[7], ")*") {
		return figure{}, false
	}
	if minus || open {
		value = -value
	}
	if before == "" {
		before = after
	}
	return figure{value: value, decimals: decimals, currency: before, percent: found[6] == "%"}, true
}

var (
	grouped = regexp.MustCompile(`^\d{1,3}(?:[.,'’ ]\d{3})+$`)
	decimal = regexp.MustCompile(`^(\d+|\d{1,3}(?:[.'’ ]\d{3})+),(\d+)$|^(\d+|\d{1,3}(?:[,'’ ]\d{2,3})*[,'’ ]\d{3})\.(\d+)$`)
)

// parseDigits reads digits with separators: groups have three digits, the last
// separator of two kinds is the decimal one, and of 1.234 the document's own
// style tells which it is.
func parseDigits(text string, s style) (value float64, decimals int, ok bool) {
	clean := strings.NewReplacer(",", "", ".", "", "'", "", "’", "", " ", "")
	whole, fraction := text, ""
	switch {
	case len(text) > 20:
		return 0, 0, false
	case !strings.ContainsAny(text, ".,'’ "):
	case grouped.MatchString(text) && !loneDecimal(text, s):
	default:
		m := decimal.FindStringSubmatch(text)
		if m == nil {
			return 0, 0, false
		}
		whole, fraction = m[1]+m[3], m[2]+m[4]
	}
	value, err := strconv.ParseFloat(clean.Replace(whole)+"."+fraction+"0", 64)
	return value, len(fraction), err == nil
}

// loneDecimal says whether the one separator before three digits is a decimal
// one: the document writes decimals with it, or a zero stands before it.
func loneDecimal(text string, s style) bool {
	point, comma := strings.Count(text, "."), strings.Count(text, ",")
	if point+comma != 1 || strings.ContainsAny(text, "'’ ") {
		return false
	}
	if strings.HasPrefix(text, "0") {
		return true
	}
	return comma == 1 && s.point == ',' || point == 1 && s.point == '.'
}

// currencyOf is the ISO code of a currency's sign or code; empty: it is none.
func currencyOf(sign string) string {
	if sign == "" {
		return ""
	}
	switch sign = strings.ToLower(strings.TrimSpace(sign)); sign {
	case "€", "eur", "euro", "euros":
		return "EUR"
	case "$", "us$", "usd":
		return "USD"
	case "£", "gbp":
		return "GBP"
	case "¥", "jpy":
		return "JPY"
	case "cny", "rmb":
		return "CNY"
	case "₹", "inr", "rs", "rs.":
		return "INR"
	case "rm", "myr":
		return "MYR"
	case "zł", "zl", "pln":
		return "PLN"
	case "chf", "fr.", "sfr":
		return "CHF"
	case "kč", "czk":
		return "CZK"
	case "a$", "aud":
		return "AUD"
	case "c$", "cad":
		return "CAD"
	case "s$", "sgd":
		return "SGD"
	case "hk$", "hkd":
		return "HKD"
	case "nz$", "nzd":
		return "NZD"
	case "r$", "brl":
		return "BRL"
	case "huf", "ft":
		return "HUF"
	case "sek", "nok", "dkk", "mxn", "ron", "bgn", "try", "idr", "thb", "php", "zar", "aed", "ils", "krw", "vnd", "rub", "uah", "sar":
		return strings.ToUpper(sign)
	}
	return ""
}

// figureAt reads the number that begins at a token of a line: a sign or currency
// before it and a currency or per cent after it may be words of their own, and
// a space may part thousands. It answers behind which token the number ends.
func (l *line) figureAt(i, end int, s style) (figure, int, bool) {
	start, prefix, negative := i, "", false
	for ; i < end && i-start < 2; i++ {
		text := l.tokens[i].text
		if code := currencyOf(strings.Trim(text, "():")); code != "" && prefix == "" {
			prefix = code
		} else if !slices.Contains([]string{"-", "−", "–"}, text) || i+1 == end {
			break
		} else {
			negative = true
		}
	}
	if i == end {
		return figure{}, start, false
	}
	f, ok := figureOf(l.tokens[i].text, s)
	if !ok && i+1 < end && strings.HasPrefix(l.tokens[i].text, "(") && strings.HasSuffix(l.tokens[i+1].text, ")") {
		f, ok = figureOf(l.tokens[i].text[1:], s) // "(35,13 €)": an aside and no minus
	}
	if joined, did := l.thousands(i, end, s); did {
		f, ok = joined, true
		i++
	}
	if !ok {
		return figure{}, start, false
	}
	if i++; i < end && f.currency == "" && !f.percent && l.tokens[i].box.X-l.tokens[i-1].box.Right() <= columnGap*l.em {
		if after := strings.Trim(l.tokens[i].text, ".,;)*"); after == "%" {
			f.percent = true
			i++
		} else if code := currencyOf(after); code != "" {
			f.currency = code
			i++
		}
	}
	if f.currency == "" {
		f.currency = prefix
	}
	if negative {
		f.value = -f.value
	}
	return f, i, true
}

var (
	thousandHead = regexp.MustCompile(`^[-−–]?\d{1,3}$`)
	thousandTail = regexp.MustCompile(`^\d{3}[.,]\d{2}$`)
)

// thousands joins "1 234,56", which a space parts, to one number.
func (l *line) thousands(i, end int, s style) (figure, bool) {
	if i+1 >= end || !thousandHead.MatchString(l.tokens[i].text) || !thousandTail.MatchString(l.tokens[i+1].text) {
		return figure{}, false
	}
	if l.tokens[i+1].box.X-l.tokens[i].box.Right() > 0.45*l.em {
		return figure{}, false
	}
	return figureOf(l.tokens[i].text+l.tokens[i+1].text, s)
}

var (
	commaCents = regexp.MustCompile(`\d,\d{2}$`)
	pointCents = regexp.MustCompile(`\d\.\d{2}$`)
)

// styleOf looks at how a document writes cents, and at dates that can be read
// in one order alone.
func styleOf(sheet *sheet) style {
	commas, points, usual, american := 0, 0, 0, 0
	for _, l := range sheet.lines {
		for i := range l.tokens {
			text := strings.TrimRight(l.tokens[i].text, "€$£*)-.;:%")
			switch {
			case commaCents.MatchString(text):
				commas++
			case pointCents.MatchString(text):
				points++
			}
			if m := numericDate.FindStringSubmatch(l.tokens[i].text); m != nil && m[2] != "." {
				first, _ := strconv.Atoi(m[1])
				second, _ := strconv.Atoi(m[3])
				if first > 12 && second <= 12 {
					usual++
				} else if second > 12 && first <= 12 {
					american++
				}
			}
			if l.tokens[i].fold == "zip" {
				american++
			}
		}
	}
	s := style{monthDay: american > usual}
	switch {
	case commas > points:
		s.point = ','
	case points > commas:
		s.point = '.'
	}
	return s
}
