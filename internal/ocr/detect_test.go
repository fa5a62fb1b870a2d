package ocr

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// mapOf is a map of probabilities with text in the given places.
func mapOf(w, h int, text map[image.Rectangle]float32) []float32 {
	out := make([]float32, w*h)
	for r, p := range text {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				out[y*w+x] = p
			}
		}
	}
	return out
}

func TestBoxesAreGrownOntoTheTextAndSpecksAreNone(t *testing.T) {
	t.Parallel()
	probability := mapOf(64, 32, map[image.Rectangle]float32{
		image.Rect(10, 10, 30, 14): 0.9,
		image.Rect(40, 20, 43, 22): 0.9, // too low
		image.Rect(50, 4, 60, 10):  0.4, // not sure enough
	})
	// 1.6 × 20 × 4 / (2 × 24) = 2.67 on each side, at twice the size.
	want := []image.Rectangle{image.Rect(14, 14, 66, 34)}
	if got := boxes(probability, 64, 32, image.Pt(128, 64)); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBoxesOfAnyMapStandInThePicture(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 40).Draw(t, "w"), rapid.IntRange(1, 40).Draw(t, "h")
		probability := rapid.SliceOfN(rapid.Float32Range(0, 1), w*h, w*h).Draw(t, "probability")
		size := image.Pt(rapid.IntRange(minSide, 3000).Draw(t, "width"), rapid.IntRange(minSide, 3000).Draw(t, "height"))
		for _, box := range boxes(probability, w, h, size) {
			if box.Empty() || !box.In(image.Rectangle{Max: size}) {
				t.Fatalf("got %v in %v", box, size)
			}
		}
	})
}

func TestWhereTextIsLookedForIsNeverTooLarge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, h := detectSize(image.Pt(rapid.IntRange(minSide, maxSide).Draw(t, "w"), rapid.IntRange(minSide, maxSide).Draw(t, "h")))
		if w%detectStep != 0 || h%detectStep != 0 || w < detectStep || h < detectStep || w > detectSide || h > detectSide || w*h > detectArea*3/2 {
			t.Fatalf("got %d x %d", w, h)
		}
	})
}

func TestResizeKeepsEvenGreyAndItsMean(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 60).Draw(t, "w"), rapid.IntRange(1, 60).Draw(t, "h")
		level := uint8(rapid.IntRange(0, 255).Draw(t, "grey"))
		src := image.NewGray(image.Rect(0, 0, w, h))
		draw.Draw(src, src.Rect, image.NewUniform(color.Gray{Y: level}), image.Point{}, draw.Src)
		out := resize(src, src.Rect, rapid.IntRange(1, 90).Draw(t, "to w"), rapid.IntRange(1, 90).Draw(t, "to h"))
		for _, p := range out.Pix {
			if math.Abs(float64(p)-float64(level)) > 1 {
				t.Fatalf("got %d of %d", p, level)
			}
		}
	})
}

func TestLanguageIsGuessedFromWhatPaddleReads(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"TAX INVOICE\nTotal amount due\nThank you":                                          "",
		"Rechnungsdatum:01.02.2026\nZahlbarinnerhalb 30 Tagen\nGesamtbetrag":                "deu",
		"FACTURE du 3 mars\nMontant TTC\nDate d'echeance":                                   "fra",
		"Factura\nImporte total\nDireccion de las empresas\nVencimiento":                    "spa",
		"Fattura\nImponibile\nScadenza del pagamento\nPartita IVA":                          "ita",
		"Factuurnummer 12\nTotaal incl. btw\nVervaldatum":                                   "nld",
		"Faktura VAT\nSprzedawca\nRazem do zaplaty\nTermin platnosci":                       "pol",
		"Fatura\nContribuinte\nData de vencimento\nMorada\nObrigado":                        "por",
		"MR. D.I.Y. (M) SDN BHD\nLOT 1851-A, JALAN KPB 6\nRECEIPT\nCASH 50.00\nCHANGE 2.00": "",
		"": "",
	} {
		if got := guessLanguage(text, languageNames()); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestFullWidthFormsAreASCII(t *testing.T) {
	t.Parallel()
	for from, want := range map[rune]rune{'（': '(', '：': ':', '９': '9', '　': ' ', 'ü': 'ü', 'A': 'A'} {
		if got := narrow(from); got != want {
			t.Errorf("%q: got %q, want %q", from, got, want)
		}
	}
}
