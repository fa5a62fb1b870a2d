package understand

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// shown is a document as one window.
func shown(read *reader.Document) window {
	return windowsOf(layOut(read), math.MaxInt, false)[0]
}

func located(t *testing.T, read *reader.Document, f models.Field, value any) *place {
	t.Helper()
	l := &leaf{value: value}
	locate([]models.Field{f}, object{f.Key: l}, shown(read))
	return l.at
}

func TestValuesAreFoundAsThePageSpellsThem(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		value any
		page  string
		want  string // empty: it is not there
	}{
		{1234.5, "Total 1.234,50 EUR", "1.234,50"},
		{1234.5, "Total EUR 1,234.50", "1,234.50"},
		{1234.5, "Total 1 234,50", "1 234,50"},
		{1234.5, "Total 1'234.50", "1'234.50"},
		{1234.5, "Total €1234.5", "€1234.5"},
		{1234.0, "Total 1,234", "1,234"},
		{1.234, "Weight 1,234", "1,234"},
		{-5.0, "Discount -5.00", "-5.00"},
		{-5.0, "Discount 5.00-", "5.00-"},
		{-5.0, "Discount (5.00)", "(5.00)"},
		{5.0, "Discount -5.00", ""},
		{0.19, "VAT 19 %", "19 %"},
		{19.0, "VAT 19%", "19%"},
		{12.0, "Total:12.00", "Total:12.00"},
		{12.0, "Total 112.00", ""},
		{4711.0, "No INV-4711-2", ""},
		{"2026-04-03", "Date 3.4.2026", "3.4.2026"},
		{"2026-04-03", "Date 04/03/2026", "04/03/2026"},
		{"2026-04-03", "Date 03/04/26", "03/04/26"},
		{"2026-04-03", "Date April 3rd, 2026", "April 3rd, 2026"},
		{"2026-04-03", "Datum 3. April 2026", "3. April 2026"},
		{"2026-05-03", "le 3 mai 2026", "3 mai 2026"},
		{"2026-08-03", "3 de agosto de 2026", "3 de agosto de 2026"},
		{"2026-10-03", "3 października 2026", "3 października 2026"},
		{"2026-04-03", "20260403", "20260403"},
		{"2026-04-03", "2026-04-03", "2026-04-03"},
		{"2026-04-03", "Date 3.5.2026", ""},
		{"2005-06-04", "as of the 4th day of June, 2005", "4th day of June, 2005"},
		{"EUR", "Total 12.00 €", "€"},
		{"USD", "Total $12.00", "$12.00"},
		{"GBP", "Total 12.00 €", ""},
		{"Müller & Söhne GmbH", "an Müller & Söhne GmbH, Ulm", "Müller & Söhne GmbH,"},
		{"DE89370400440532013000", "IBAN DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00"},
		{"4711", "Nr.:4711", "Nr.:4711"},
		{"Acme", "Acmeville", "Acmeville"},
		{"Nobody", "Acme", ""},
		{"-", "Acme", ""},
	} {
		at := located(t, documentOf(tc.page), field("value", models.TypeString), tc.value)
		if (at == nil) != (tc.want == "") || (at != nil && at.text != tc.want) {
			t.Errorf("%v in %q: got %+v", tc.value, tc.page, at)
		}
	}
}

func TestATextGoesOnInItsColumn(t *testing.T) {
	t.Parallel()
	read := documentOf(
		"Sold to               Ship to",
		"Acme Limited          Bolt Works",
		"Long Street 5         Canal Row 9",
		"12345 Town            54321 City",
	)
	at := located(t, read, field("ship_to", models.TypeString), "Bolt Works\nCanal Row 9, 54321 City")
	if at == nil || at.text != "Bolt Works Canal Row 9 54321 City" || at.box.X < 0.2 {
		t.Errorf("got %+v", at)
	}
}

func TestOfEqualValuesTheOneAtItsLabelIsTaken(t *testing.T) {
	t.Parallel()
	read := documentOf("Net amount     12.00", "Shipping     0.00", "Grand total     12.00")
	if at := located(t, read, field("grandTotal", models.TypeNumber), 12.0); at == nil || at.box.Y < 0.02 {
		t.Errorf("got %+v", at)
	}
}

func TestABoxIsOnThePageAsTheFileHasIt(t *testing.T) {
	t.Parallel()
	read := documentOf("Total     12.00")
	read.Pages[0].Turn = 180
	b := setup(t, telling(map[string]any{"price": 12}))
	e := b.extract(t, read, field("price", models.TypeNumber)).Evidence["price"]
	upright := read.Pages[0].Words[1].Box
	if e.Box == nil || math.Abs(e.Box.X-(1-upright.Right())) > 1e-9 || math.Abs(e.Box.Y-(1-upright.Bottom())) > 1e-9 {
		t.Errorf("got %+v, upright it is %+v", e.Box, upright)
	}
}

func TestEveryDateIsFoundInEachSpelling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		day := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(rt, "time"), 0).UTC()
		layout := rapid.SampledFrom([]string{"2006-01-02", "2.1.2006", "02/01/2006", "01/02/2006", "January 2, 2006", "2 Jan 2006", "2006/1/2", "20060102"}).Draw(rt, "layout")
		at := located(t, documentOf("on "+day.Format(layout)+" we met"), field("date", models.TypeDate), day.Format(time.DateOnly))
		if at == nil || at.text != day.Format(layout) {
			rt.Fatalf("%s: got %+v", day.Format(layout), at)
		}
	})
}

func TestEveryAmountIsFoundInEachSpelling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		cents := rapid.Int64Range(0, 99_999_999).Draw(rt, "cents")
		text := fmt.Sprintf("%d.%02d", cents/100, cents%100)
		whole, decimals, _ := strings.Cut(text, ".")
		separator := rapid.SampledFrom([]string{"", ",", ".", "'", " "}).Draw(rt, "separator")
		point := "."
		if separator == "." {
			point = ","
		}
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + separator + whole[i:]
		}
		spelled := whole + point + decimals
		if at := located(t, documentOf("sum "+spelled+" EUR"), field("sum", models.TypeNumber), float64(cents)/100); at == nil || at.text != spelled {
			rt.Fatalf("%s: got %+v", spelled, at)
		}
	})
}
