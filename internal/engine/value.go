package engine

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"decoded.digital/extractor/models"
)

// spot is a typed value within a line.
type spot struct {
	shape    shape // date, amount, iban, vat, email, url or phone
	value    any
	figure   figure // of an amount
	from, to int    // tokens of the line
}

// values finds the typed values of a segment, once.
func (s *segment) values(style style) []spot {
	if s.looked {
		return s.spots
	}
	s.looked = true
	taken := make([]bool, s.to-s.from)
	add := func(kind shape, value any, from, to int) {
		for i := from; i < to; i++ {
			if taken[i-s.from] {
				return
			}
		}
		for i := from; i < to; i++ {
			taken[i-s.from] = true
		}
		s.spots = append(s.spots, spot{shape: kind, value: value, from: from, to: to})
	}
	if strings.ContainsAny(s.text, "0123456789") {
		for _, d := range datesIn(s.text, style) {
			from, to := s.tokensOf(d.from, d.to)
			add("date", d.value, from, to)
		}
		for _, at := range ibanForm.FindAllStringIndex(s.text, -1) {
			from, to := s.tokensOf(at[0], at[1])
			if iban := compact(s.text[at[0]:at[1]]); validIBAN(iban) || plausibleIBAN(iban) {
				add("iban", iban, from, to)
			}
		}
		for _, at := range vatForm.FindAllStringIndex(s.text, -1) {
			from, to := s.tokensOf(at[0], at[1])
			add("vat", strings.TrimSpace(s.text[at[0]:at[1]]), from, to)
		}
	}
	if strings.ContainsRune(s.text, '.') {
		for _, at := range emailForm.FindAllStringIndex(s.text, -1) {
			from, to := s.tokensOf(at[0], at[1])
			add("email", s.text[at[0]:at[1]], from, to)
		}
		for _, at := range urlForm.FindAllStringIndex(s.text, -1) {
			from, to := s.tokensOf(at[0], at[1])
			add("url", host(s.text[at[0]:at[1]]), from, to)
		}
	}
	s.figures(style, taken)
	return s.spots
}

// within says whether a token goes on with a value that begins before it.
func (s *segment) within(token int, style style) bool {
	return slices.ContainsFunc(s.values(style), func(v spot) bool { return v.from < token && token < v.to })
}

func (s *segment) figures(style style, taken []bool) {
	for i := s.from; i < s.to; {
		if taken[i-s.from] {
			i++
			continue
		}
		f, end, ok := s.line.figureAt(i, s.to, style)
		if !ok {
			i++
			continue
		}
		s.spots = append(s.spots, spot{shape: "amount", value: f.value, figure: f, from: i, to: end})
		i = end
	}
}

// tokensOf tells which tokens hold the bytes from…to of the segment's text.
func (s *segment) tokensOf(from, to int) (first, last int) {
	at := 0
	first, last = -1, s.to
	for i := s.from; i < s.to; i++ {
		if i > s.from && !s.line.tokens[i].glued {
			at++
		}
		end := at + len(s.line.tokens[i].text)
		if first < 0 && end > from {
			first = i
		}
		if end >= to {
			last = i + 1
			break
		}
		at = end
	}
	return max(first, s.from), last
}

// coerce turns a text into a value of the type; false: it is none.
func coerce(kind models.FieldType, text string, s style) (any, bool) {
	text = strings.TrimSpace(text)
	switch kind {
	case models.TypeString:
		return text, text != "" && utf8.ValidString(text)
	case models.TypeNumber:
		return number(text, s)
	case models.TypeDate:
		return date(text, s)
	case models.TypeBoolean:
		return boolean(text)
	case models.TypeObject, models.TypeObjectList, models.TypeStringList:
	}
	return nil, false
}

// number reads a text that is a number, with a currency or a unit.
func number(text string, s style) (any, bool) {
	fields := strings.Fields(text)
	if len(fields) == 0 || len(fields) > 6 {
		return nil, false
	}
	l := &line{}
	for _, f := range fields {
		l.tokens = append(l.tokens, token{text: f})
	}
	f, end, ok := l.figureAt(0, len(fields), s)
	if !ok || f.percent {
		return nil, false
	}
	for _, rest := range fields[end:] {
		if strings.ContainsAny(rest, "0123456789") || utf8.RuneCountInString(rest) > 5 {
			return nil, false
		}
	}
	return f.value, true
}

// date reads a text that is a date and nothing else.
func date(text string, s style) (any, bool) {
	dates := datesIn(text, s)
	if len(dates) != 1 || strings.TrimFunc(text[:dates[0].from]+text[dates[0].to:], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) != "" {
		return nil, false
	}
	return dates[0].value, true
}

// boolean reads yes, no and marks in a box.
func boolean(text string) (any, bool) {
	switch strings.ToLower(strings.Trim(text, " .[]()")) {
	case "yes", "true", "x", "✓", "✔", "✗", "✘", "☒", "☑", "ja", "oui", "sí", "si", "sì", "tak", "sim", "y", "■":
		return true, true
	case "no", "false", "☐", "□", "nein", "non", "nee", "nie", "não", "n":
		return false, true
	}
	return nil, false
}
