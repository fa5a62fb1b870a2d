package ocr

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
)

// label is one document of a corpus with its true values.
type label struct {
	File     string         `json:"file"`
	Template string         `json:"template"`
	Expected map[string]any `json:"expected"`
}

// corpus reads a corpus's labels and the type of each field.
func corpus(t testing.TB, dir string) (labels []label, kinds map[string]string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "labels.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for decoder := json.NewDecoder(strings.NewReader(string(content))); decoder.More(); {
		var l label
		if err := decoder.Decode(&l); err != nil {
			t.Fatal(err)
		}
		labels = append(labels, l)
	}
	content, err = os.ReadFile(filepath.Join(dir, "templates.json"))
	if err != nil {
		t.Fatal(err)
	}
	var templates map[string]struct {
		Fields []struct{ Key, Type string }
	}
	if err := json.Unmarshal(content, &templates); err != nil {
		t.Fatal(err)
	}
	kinds = map[string]string{}
	for _, template := range templates {
		for _, f := range template.Fields {
			kinds[f.Key] = f.Type
		}
	}
	return labels, kinds
}

// squash leaves letters and digits alone, without case.
func squash(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// longWords are the runs of three letters and digits or more, without case.
func longWords(text string) []string {
	return regexp.MustCompile(`[\pL\pN]{3,}`).FindAllString(strings.ToLower(text), -1)
}

// present says whether a text holds a value at all, which bounds what can be
// found in it: all words of a string with spaces ignored, a number and a date in
// any usual spelling, a currency as its code or sign.
func present(kind, key string, value any, text string) bool {
	switch {
	case kind == "Date":
		return hasDate(value.(string), text)
	case kind == "Number":
		return hasNumber(value.(float64), text)
	case key == "currency":
		signs := map[string]string{"EUR": "€", "USD": "$", "GBP": "£", "PLN": "zł"}
		code := value.(string)
		return strings.Contains(text, code) || signs[code] != "" && strings.Contains(text, signs[code])
	}
	squashed := squash(text)
	for word := range strings.FieldsSeq(value.(string)) {
		if !strings.Contains(squashed, squash(word)) {
			return false
		}
	}
	return true
}

func hasDate(iso, text string) bool {
	day, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return false
	}
	squashed := squash(text)
	for _, layout := range []string{
		"02012006", "212006", "020106", "2106", "20060102", "060102", "01022006", "010206", "122006",
		"2Jan2006", "02Jan2006", "2Jan06", "02Jan06", "Jan22006", "Jan022006", "2January2006", "02January2006", "January22006", "January022006",
	} {
		if strings.Contains(squashed, strings.ToLower(day.Format(layout))) {
			return true
		}
	}
	for _, month := range [][]string{
		{"januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"},
		{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	} {
		if strings.Contains(squashed, day.Format("2")+month[day.Month()-1]+day.Format("2006")) {
			return true
		}
	}
	return false
}

func hasNumber(want float64, text string) bool {
	for _, found := range regexp.MustCompile(`\d[\d.,']*`).FindAllString(text, -1) {
		found = strings.TrimRight(found, ".,'")
		for _, decimal := range []string{".", ","} {
			thousands := map[string]string{".": ",", ",": "."}[decimal]
			plain := strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(found, thousands, ""), "'", ""), decimal, ".")
			if got, err := strconv.ParseFloat(plain, 64); err == nil && math.Abs(math.Abs(want)-got) < 0.005 {
				return true
			}
		}
	}
	return false
}

// wordsPresent counts the words of a value, of three characters or more, and those that stand in the text as
// words.
func wordsPresent(value, text string) (have, all int) {
	in := map[string]bool{}
	for _, word := range longWords(text) {
		in[word] = true
	}
	for _, word := range longWords(value) {
		all++
		if in[word] {
			have++
		}
	}
	return have, all
}
