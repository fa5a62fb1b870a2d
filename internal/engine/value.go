package engine

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"decoded.digital/extractor/models"
)

// coerce turns text into a value of the type; false: it is none.
func coerce(kind models.FieldType, text string) (any, bool) {
	text = strings.TrimSpace(text)
	switch kind { //nolint:exhaustive // the other types hold these
	case models.TypeString:
		return text, text != ""
	case models.TypeNumber:
		return number(text)
	case models.TypeDate:
		return date(text)
	case models.TypeBoolean:
		return boolean(text)
	}
	return nil, false
}

// amount is a number with a currency or a unit before or after it, negative by a
// sign on either side or by brackets.
var amount = regexp.MustCompile(`^([^\d(-]{0,5}?)\s*(-|\()?\s*(?:[^\d(-]{0,5}?)\s*(\d[\d.,' \x{a0}\x{202f}’]*?)\s*(-|\))?\s*([^\d%]{0,5})$`)

// number reads 1,234.56 and 1.234,56 with a currency before or after. Of two
// separators the last is the decimal one; a lone one followed by exactly three
// digits parts thousands.
func number(text string) (any, bool) {
	found := amount.FindStringSubmatch(text)
	if found == nil || (found[2] == "(") != (found[4] == ")") {
		return nil, false
	}
	digits := strings.NewReplacer(" ", "", "'", "", "’", "", "\u00a0", "", "\u202f", "").Replace(found[3])
	point := max(strings.LastIndex(digits, "."), strings.LastIndex(digits, ","))
	whole, fraction := digits, ""
	if point >= 0 {
		both := strings.Contains(digits, ".") && strings.Contains(digits, ",")
		repeated := strings.Count(digits, digits[point:point+1]) > 1
		if after := len(digits) - point - 1; (both && !repeated) || (!both && !repeated && after != 3) {
			whole, fraction = digits[:point], digits[point+1:]
		}
	}
	value, err := strconv.ParseFloat(strings.NewReplacer(".", "", ",", "").Replace(whole)+"."+fraction+"0", 64)
	if found[2] != "" || found[4] != "" {
		value = -value
	}
	return value, err == nil
}

// date reads the usual spellings as YYYY-MM-DD. Where day and month could be
// either, the day comes first, as in most of the world.
func date(text string) (any, bool) {
	text = strings.Join(strings.Fields(strings.Trim(text, " .,")), " ")
	for _, layout := range []string{
		"2006-01-02", "2006/01/02", "2.1.2006", "2. 1. 2006", "2/1/2006", "2-1-2006", "1/2/2006", "2.1.06", "2/1/06",
		"2 Jan 2006", "2 January 2006", "2. January 2006", "January 2, 2006", "Jan 2, 2006", "January 2 2006", "2-Jan-2006",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	return nil, false
}

func boolean(text string) (any, bool) {
	switch strings.ToLower(strings.Trim(text, " .[]()")) {
	case "yes", "true", "x", "✓", "☒", "☑", "ja", "oui":
		return true, true
	case "no", "false", "☐", "nein", "non":
		return false, true
	}
	return nil, false
}
