package engine

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"decoded.digital/extractor/models"
)

func TestNumbersAreReadInTheFormsOfTheWorld(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"1,234.56": 1234.56, "1.234,56": 1234.56, "1 234,56": 1234.56, "1'234.56": 1234.56, "1’234.56": 1234.56, "1\u00a0234,56": 1234.56,
		"12": 12.0, "0.5": 0.5, "12.345": 12345.0, "12,34": 12.34, "1,234,567": 1234567.0, "1.234.567,8": 1234567.8,
		"-5": -5.0, "5-": -5.0, "(5.00)": -5.0, "€ -5,00": -5.0, "-€5.00": -5.0, "$1,000.00": 1000.0, "1.000,00 EUR": 1000.0, "CHF 12.50": 12.5,
		"12 pcs": 12.0, "19 %": nil, "abc": nil, "": nil, "12-34": nil, "(5": nil, "2026-11-20": nil, "1 of 3": nil,
	} {
		got, ok := number(text, style{})
		if (want == nil) == ok || (ok && got != want) {
			t.Errorf("number(%q) = %v, %v; want %v", text, got, ok, want)
		}
	}
}

func TestDatesAreReadInTheFormsOfTheWorld(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"2026-11-20": "2026-11-20", "20.11.2026": "2026-11-20", "20. 11. 2026": "2026-11-20", "20/11/2026": "2026-11-20", "11/20/2026": "2026-11-20",
		"20.11.26": "2026-11-20", "20 Nov 2026": "2026-11-20", "November 20, 2026": "2026-11-20", "20-Nov-2026": "2026-11-20",
		"03.04.2026": "2026-04-03", "31.02.2026": nil, "2026-13-01": nil, "tomorrow": nil, "": nil, "NP-2026-0417": nil,
	} {
		got, ok := date(text, style{})
		if (want == nil) == ok || (ok && got != want) {
			t.Errorf("date(%q) = %v, %v; want %v", text, got, ok, want)
		}
	}
}

func TestBooleansAreReadAsWrittenOrTicked(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{"Yes": true, "[x]": true, "☒": true, "no": false, "☐": false, "maybe": nil, "": nil} {
		got, ok := boolean(text)
		if (want == nil) == ok || (ok && got != want) {
			t.Errorf("boolean(%q) = %v, %v; want %v", text, got, ok, want)
		}
	}
}

// checkCoerce holds for any text: the declared type, or nothing.
func checkCoerce(t interface{ Errorf(string, ...any) }, text string) {
	for _, kind := range models.FieldTypes() {
		value, ok := coerce(kind, text, style{})
		if !ok {
			continue
		}
		switch v := value.(type) {
		case string:
			if _, err := time.Parse(time.DateOnly, v); kind == models.TypeDate && err != nil || kind != models.TypeDate && kind != models.TypeString {
				t.Errorf("coerce(%s, %q) = %q", kind, text, v)
			}
		case float64:
			if kind != models.TypeNumber || math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("coerce(%s, %q) = %v", kind, text, v)
			}
		case bool:
			if kind != models.TypeBoolean {
				t.Errorf("coerce(%s, %q) = %v", kind, text, v)
			}
		default:
			t.Errorf("coerce(%s, %q) is a %T", kind, text, v)
		}
	}
}

func TestAnyTextBecomesTheDeclaredTypeOrNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { checkCoerce(t, rapid.String().Draw(t, "text")) })
}

func FuzzCoerce(f *testing.F) {
	for _, seed := range []string{"1,234.56", "20.11.2026", "yes", "(5", strings.Repeat("9", 400), "\xff\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { checkCoerce(t, text) })
}

func TestAnAmountIsReadBackFromEachWayOfWritingIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.IntRange(-99_999_999, 99_999_999).Draw(t, "cents")
		form := rapid.SampledFrom([]struct{ thousand, point, before, after string }{
			{",", ".", "$", ""}, {".", ",", "", " €"}, {" ", ",", "", " EUR"}, {"'", ".", "CHF ", ""}, {"", ".", "", ""},
		}).Draw(t, "form")
		text := form.before + write(cents, form.thousand, form.point) + form.after
		got, ok := number(text, style{})
		if !ok || math.Abs(got.(float64)-float64(cents)/100) > 1e-6 {
			t.Errorf("number(%q) = %v, %v; want %v", text, got, ok, float64(cents)/100)
		}
	})
}

func write(cents int, thousand, point string) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	whole := fmt.Sprint(cents / 100)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + thousand + whole[i:]
	}
	return fmt.Sprintf("%s%s%s%02d", sign, whole, point, cents%100)
}
