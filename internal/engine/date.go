package engine

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The spellings of a date: numbers with one kind of separator, and a month's
// name between or before day and year.
var (
	numericDate = regexp.MustCompile(`(\d{1,4})\s?([./\-])\s?(\d{1,2})\s?([./\-])\s?(\d{4}|\d{2})`)
	dayMonth    = regexp.MustCompile(`(?i)(\d{1,2})(?:st|nd|rd|th|er|º|ª)?[.,]?\s*(?:day\s+of|of|de)?[\s\-/.]*(\p{L}{3,12})[.,]?[\s\-/]*(?:(?:de|del|of)\s+)?(\d{4}|\d{2})`)
	monthDay    = regexp.MustCompile(`(?i)(\p{L}{3,12})\.?\s*(\d{1,2})(?:st|nd|rd|th)?\s*,?\s*(\d{4})`)
	yearMonth   = regexp.MustCompile(`(\d{4})\s?[-. ]\s?(\p{L}{3,12})\.?\s?[-. ]\s?(\d{1,2})`)
)

// found is a value in a text, with its place in bytes.
type found struct {
	from, to int
	value    string
}

// datesIn finds the dates of a text as YYYY-MM-DD, in their order.
func datesIn(text string, s style) []found {
	if !strings.ContainsAny(text, "0123456789") {
		return nil
	}
	var dates []found
	add := func(at []int, year, month, day string) {
		for _, d := range dates {
			if at[0] < d.to && d.from < at[1] {
				return
			}
		}
		if !bounded(text, at[0], at[1], len(year)) {
			return
		}
		if value, ok := calendar(year, month, day); ok {
			dates = append(dates, found{from: at[0], to: at[1], value: value})
		}
	}
	for _, m := range numericDate.FindAllStringSubmatchIndex(text, -1) {
		part := func(i int) string { return text[m[2*i]:m[2*i+1]] }
		if part(2) != part(4) {
			continue
		}
		switch first, second := part(1), part(3); {
		case len(first) == 4 && len(part(5)) == 2:
			add(m, first, second, part(5))
		case len(first) > 2:
		case monthFirst(first, second, part(2), s):
			add(m, part(5), first, second)
		default:
			add(m, part(5), second, first)
		}
	}
	for _, m := range dayMonth.FindAllStringSubmatchIndex(text, -1) {
		add(m, text[m[6]:m[7]], text[m[4]:m[5]], text[m[2]:m[3]])
	}
	for _, m := range monthDay.FindAllStringSubmatchIndex(text, -1) {
		add(m, text[m[6]:m[7]], text[m[2]:m[3]], text[m[4]:m[5]])
	}
	for _, m := range yearMonth.FindAllStringSubmatchIndex(text, -1) {
		add(m, text[m[2]:m[3]], text[m[4]:m[5]], text[m[6]:m[7]])
	}
	return dates
}

// bounded says whether a date is not the middle of a longer number; after a
// year of four digits a scan may have lost the space.
func bounded(text string, from, to, year int) bool {
	if from > 0 {
		if c := text[from-1]; c >= '0' && c <= '9' || (c == '.' || c == '/' || c == '-') && from > 1 && text[from-2] >= '0' && text[from-2] <= '9' {
			return false
		}
	}
	if to >= len(text) {
		return true
	}
	digit := func(i int) bool { return i < len(text) && text[i] >= '0' && text[i] <= '9' }
	if digit(to) {
		return year == 4
	}
	return (text[to] != '-' && text[to] != '/' && text[to] != '.') || !digit(to+1) || year == 4 && text[to] == '-'
}

func monthFirst(first, second, separator string, s style) bool {
	a, _ := strconv.Atoi(first)
	b, _ := strconv.Atoi(second)
	if a > 12 || b > 12 {
		return b > 12 && a <= 12
	}
	return s.monthDay && separator != "."
}

// calendar is the day as YYYY-MM-DD, if there is one.
func calendar(year, month, day string) (string, bool) {
	y, err := strconv.Atoi(year)
	if err != nil {
		return "", false
	}
	if len(year) == 2 {
		if y += 2000; y > 2069 {
			y -= 100
		}
	}
	m, err := strconv.Atoi(month)
	if err != nil {
		m = monthOf(month)
	}
	d, err := strconv.Atoi(day)
	if err != nil || y < 1900 || y > 2100 || m < 1 || m > 12 || d < 1 {
		return "", false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t.Format(time.DateOnly), t.Day() == d
}

// monthOf reads the name of a month or its beginning in the engine's languages;
// 0: it is none.
func monthOf(name string) int {
	name = fold(name)
	if len(name) < 3 {
		return 0
	}
	for month, names := range [12]string{
		"january januar janvier januari enero gennaio stycznia styczen janeiro janner",
		"february februar fevrier februari febrero febbraio lutego luty fevereiro feber",
		"march marz mars maart marzo marca marzec marco maerz mrz mrt",
		"april avril abril aprile kwietnia kwiecien",
		"may mai mei mayo maggio maja maj maio",
		"june juni juin junio giugno czerwca czerwiec junho",
		"july juli juillet julio luglio lipca lipiec julho",
		"august aout augustus agosto sierpnia sierpien",
		"september septembre septiembre settembre wrzesnia wrzesien setembro sept",
		"october oktober octobre octubre ottobre pazdziernika pazdziernik outubro okt",
		"november novembre noviembre listopada listopad novembro",
		"december dezember decembre diciembre dicembre grudnia grudzien dezembro", //nolint:misspell // French
	} {
		for full := range strings.FieldsSeq(names) {
			if full == name || len(name) >= 3 && len(name) <= 5 && strings.HasPrefix(full, name) {
				return month + 1
			}
		}
	}
	return 0
}

// isDay says whether a text is a day as YYYY-MM-DD.
func isDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}
