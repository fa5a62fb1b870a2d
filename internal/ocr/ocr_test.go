package ocr

import (
	"cmp"
	"context"
	"errors"
	"image"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dir is where make ocr puts the models.
func dir(t testing.TB) string {
	t.Helper()
	path := cmp.Or(os.Getenv("EXTRACTOR_OCR_DIR"), filepath.Join("..", "..", "bin", "ocr"))
	if err := hasPaddle(path); err != nil {
		t.Fatalf("%v; run: make ocr", err)
	}
	return path
}

func program(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("tesseract")
	if err != nil {
		t.Fatalf("%v; run: make ocr", err)
	}
	return path
}

// german is a bill with every letter that PP-OCR's alphabet lacks and a German
// one needs.
func german() []string {
	return []string{
		"Rechnung Nr. 2026-0417 vom 17.04.2026",
		"Müller & Söhne Großhandel GmbH",
		"Königsstraße 12, 80333 München",
		"Für die Lieferung gemäß Auftrag berechnen wir Ihnen",
		"Gerät Größe XL, 3 Stück 1.249,50 €",
		"Gesamtbetrag einschließlich Umsatzsteuer 1.486,91 €",
		"Bitte zahlen Sie den Betrag bis zum 01.05.2026",
		"IBAN DE21 8600 0000 0086 0010 55",
	}
}

// TestReader shares one reader, as a child process does.
func TestReader(t *testing.T) {
	program(t)
	r := New(dir(t))
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	for name, test := range map[string]func(*testing.T, *Reader){
		"a German bill comes out as it is printed": testGerman,
		"turned and skewed pages are set upright":  testUpright,
		"boxes stand where the words are":          testBoxes,
		"nothing to read is no error":              testNothing,
		"a cancelled call ends":                    testCancelled,
		"tesseract alone serves":                   testTesseractAlone,
		"PP-OCR alone serves":                      testPaddleAlone,
		"colour and a corner elsewhere are read":   testColour,
	} {
		t.Run(name, func(t *testing.T) { test(t, r) })
	}
}

func read(t *testing.T, r *Reader, img image.Image) Result {
	t.Helper()
	result, err := r.Read(t.Context(), img, 150)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range result.Words {
		if w.Text == "" || strings.ContainsAny(w.Text, " \t\n") || w.Box.Empty() || !w.Box.In(image.Rect(0, 0, result.Width, result.Height)) ||
			!(w.Confidence >= 0 && w.Confidence <= 1) || w.Line < 1 {
			t.Errorf("got word %+v of %d x %d", w, result.Width, result.Height)
		}
	}
	return result
}

func testGerman(t *testing.T, r *Reader) {
	if got := textLines(read(t, r, page(t, german()...)).Words); !slices.Equal(got, german()) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(german(), "\n"))
	}
}

func testUpright(t *testing.T, r *Reader) {
	upright := page(t, german()...)
	for _, degrees := range []float64{90, 180, 270, -5, 5, -12, 12, 275} {
		result := read(t, r, turned(upright, math.Mod(degrees+360, 360)))
		back := math.Mod(float64(result.Turn)+result.Skew+degrees+720, 360)
		if min(back, 360-back) > 0.4 || math.Abs(result.Skew) > 15 {
			t.Errorf("turned by %v: set upright by %d and %v", degrees, result.Turn, result.Skew)
		}
		text := strings.Join(textLines(result.Words), "\n")
		for _, want := range []string{"2026-0417", "17.04.2026", "80333 München", "1.486,91 €"} {
			if !strings.Contains(text, want) {
				t.Errorf("turned by %v: %q is not in\n%s", degrees, want, text)
			}
		}
	}
}

func testBoxes(t *testing.T, r *Reader) {
	result := read(t, r, page(t, "Invoice total 41.50", "paid in cash"))
	at := slices.IndexFunc(result.Words, func(w Word) bool { return w.Text == "41.50" })
	if at < 0 {
		t.Fatalf("got %+v", result.Words)
	}
	box, want := result.Words[at].Box, span(t, "Invoice total ", "41.50")
	if shared := box.Intersect(want); shared.Dx() < want.Dx()*8/10 || shared.Dy() < want.Dy()*8/10 || box.Dx() > want.Dx()*13/10 || box.Dy() > 2*want.Dy() {
		t.Errorf("got %v, want about %v", box, want)
	}
}

func testNothing(t *testing.T, r *Reader) {
	for name, img := range map[string]image.Image{
		"empty":      image.NewGray(image.Rectangle{}),
		"a pixel":    uniform(1, 1, 0),
		"a row":      uniform(3000, 1, 0),
		"a column":   uniform(1, 3000, 200),
		"a strip":    uniform(5000, 5, 90),
		"white":      uniform(800, 1000, 255),
		"black":      uniform(800, 1000, 0),
		"large":      uniform(9000, 4000, 128),
		"edge alone": turned(uniform(400, 400, 0), 45),
	} {
		b := img.Bounds()
		if got := read(t, r, img); len(got.Words) > 0 || got.Width != b.Dx() || got.Height != b.Dy() {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func testCancelled(t *testing.T, r *Reader) {
	img := page(t, german()...)
	for _, after := range []time.Duration{0, 300 * time.Millisecond, 700 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		begun := time.Now()
		if _, err := r.Read(ctx, img, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: got %v", after, err)
		}
		if took := time.Since(begun); took > after+5*time.Second {
			t.Errorf("after %v: ended after %v", after, took)
		}
		cancel()
	}
}

func testTesseractAlone(t *testing.T, _ *Reader) {
	r := New(t.TempDir())
	for _, degrees := range []float64{0, 180, 90} {
		text := strings.Join(textLines(read(t, r, turned(page(t, german()...), degrees)).Words), "\n")
		for _, want := range []string{"Königsstraße 12, 80333 München", "1.486,91 €"} {
			if !strings.Contains(text, want) {
				t.Errorf("turned by %v: %q is not in\n%s", degrees, want, text)
			}
		}
	}
}

func testPaddleAlone(t *testing.T, r *Reader) {
	alone := &Reader{paddle: r.paddle, dir: r.dir}
	text := strings.Join(textLines(read(t, alone, page(t, "TAX INVOICE No. 4711", "Total amount due 41.50")).Words), "\n")
	if want := "TAX INVOICE No. 4711\nTotal amount due 41.50"; text != want {
		t.Errorf("got\n%s", text)
	}
}

// testColour reads part of a larger picture, coloured and half transparent.
func testColour(t *testing.T, r *Reader) {
	grey := page(t, "Invoice total 41.50")
	img := image.NewNRGBA(image.Rect(-30, -40, grey.Rect.Dx(), grey.Rect.Dy()))
	for y := range grey.Rect.Dy() {
		for x := range grey.Rect.Dx() {
			if p := grey.Pix[y*grey.Stride+x]; p < 255 { // paper is transparent
				at := img.PixOffset(x-30, y-40)
				copy(img.Pix[at:], []uint8{20, 40, 160, 255 - p})
			}
		}
	}
	if got := textLines(read(t, r, img).Words); !slices.Equal(got, []string{"Invoice total 41.50"}) {
		t.Errorf("got %q", got)
	}
}

func TestWithoutReadersTheErrorSaysHowToGetThem(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	empty := t.TempDir()
	r := New(empty)
	if _, err := r.Read(t.Context(), page(t, "text"), 0); !errors.Is(err, ErrNoReader) || !strings.Contains(err.Error(), "make ocr") {
		t.Errorf("got %v", err)
	}
	for _, part := range Status(t.Context(), empty) {
		if part.OK || !strings.Contains(part.Advice, "make ocr") || !strings.HasSuffix(part.Advice, ".") {
			t.Errorf("got %+v", part)
		}
	}
}

func TestStatusNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	program(t)
	for _, part := range Status(t.Context(), dir(t)) {
		if !part.OK || strings.Contains(part.Advice, "make ocr") {
			t.Errorf("got %+v", part)
		}
	}
}
