package understand

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// months are how the names of the months begin in English, German, French,
// Dutch, Spanish, Italian, Polish and Portuguese, as far as they are told apart
// by that.
func months() [12][]string {
	return [12][]string{
		{"jan", "jän", "ene", "gen", "sty"},
		{"feb", "fév", "fev", "lut"},
		{"mar", "mär", "mrz", "maa"},
		{"apr", "avr", "abr", "kwi"},
		{"may", "mai", "mei", "mag", "maj", "mayo"},
		{"jun", "juin", "giu", "cze"},
		{"jul", "juil", "lug", "lip"},
		{"aug", "aoû", "aou", "ago", "sie"},
		{"sep", "set", "wrz"},
		{"oct", "okt", "ott", "out", "paź", "paz"},
		{"nov", "lis"},
		{"dec", "dez", "déc", "dic", "gru"},
	}
}

func monthOf(name string) int {
	for i, beginnings := range months() {
		for _, beginning := range beginnings {
			if strings.HasPrefix(name, beginning) {
				if i == 2 && strings.HasPrefix(name, "mai") || i == 5 && strings.HasPrefix(name, "juil") {
					continue
				}
				return i + 1
			}
		}
	}
	return 0
}

// addDates adds the dates that begin at a word.
func (ix *index) addDates(i int) {
	first := ix.words[i].key
	if first == "" || (!unicode.IsDigit(rune(first[0])) && monthOf(first) == 0) {
		return
	}
	for n := 1; n <= 6; n++ {
		text, ok := ix.run(i, n)
		if !ok || len(text) > 40 {
			return
		}
		for _, date := range datesIn(text) {
			spans := ix.dates[date]
			if len(spans) > 0 && spans[len(spans)-1][0] == i {
				continue
			}
			ix.dates[date] = append(spans, spanOf(i, n))
		}
	}
}

// datesIn are the dates that a text of nothing else may mean, as YYYY-MM-DD:
// whether the day or the month comes first is settled by the date that is
// looked for.
func datesIn(text string) []string {
	var numbers []string
	month := 0
	for part := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		digits := strings.TrimRightFunc(part, unicode.IsLetter)
		suffix := part[len(digits):]
		switch {
		case digits != "" && len(suffix) <= 2 && strings.Trim(digits, "0123456789") == "": // 1st, 2nd
			numbers = append(numbers, digits)
		case monthOf(part) > 0 && month == 0:
			month = monthOf(part)
		case !slices.Contains([]string{"de", "del", "of", "the", "day"}, part): // the 4th day of June, 2005
			return nil
		}
	}
	switch {
	case month > 0 && len(numbers) == 2:
		return dates([2]string{numbers[1], numbers[0]}, strconv.Itoa(month), numbers[0], numbers[1])
	case month == 0 && len(numbers) == 3 && len(numbers[0]) == 4:
		return dates([2]string{}, numbers[1], numbers[2], numbers[0])
	case month == 0 && len(numbers) == 3:
		return append(dates([2]string{}, numbers[1], numbers[0], numbers[2]), dates([2]string{}, numbers[0], numbers[1], numbers[2])...)
	case month == 0 && len(numbers) == 1 && len(numbers[0]) == 8:
		return dates([2]string{}, numbers[0][4:6], numbers[0][6:], numbers[0][:4])
	}
	return nil
}

// dates are the valid ones of day and year, and of the other pair if there is
// one.
func dates(other [2]string, month, day, year string) []string {
	var found []string
	for _, pair := range [][2]string{{day, year}, other} {
		d, errDay := strconv.Atoi(pair[0])
		y, errYear := strconv.Atoi(pair[1])
		m, errMonth := strconv.Atoi(month)
		if errDay != nil || errYear != nil || errMonth != nil || (len(pair[1]) != 4 && len(pair[1]) != 2) {
			continue
		}
		years := []int{y}
		if len(pair[1]) == 2 {
			years = []int{2000 + y, 1900 + y}
		}
		for _, y := range years {
			text := fmt.Sprintf("%04d-%02d-%02d", y, m, d)
			if _, err := time.Parse(time.DateOnly, text); err == nil {
				found = append(found, text)
			}
		}
	}
	return found
}
