package parse

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// pdf writes a PDF with one page for each of pages: its dictionary's entries and
// its content stream (ISO 32000-1, 7.5).
func pdf(pages ...[2]string) []byte {
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}
	var kids strings.Builder
	for _, page := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", len(objects)+1)
		objects = append(objects,
			fmt.Sprintf("<< /Type /Page /Parent 2 0 R /Resources << /Font << /F 3 0 R >> >> /Contents %d 0 R %s >>", len(objects)+2, page[0]),
			fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(page[1]), page[1]))
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [ %s] /Count %d >>", kids.String(), len(pages))
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n")
	offsets := make([]int, len(objects))
	for i, object := range objects {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	xref := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return out.Bytes()
}

// show is the content stream that prints text at x, y points from the lower
// left.
func show(text string, size, x, y float64) string {
	return fmt.Sprintf("BT /F %g Tf %g %g Td (%s) Tj ET\n", size, x, y, text)
}

func read(t *testing.T, r *Reader, content []byte) []reader.Page {
	t.Helper()
	pages, err := r.Read(t.Context(), "application/pdf", content, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	return pages.Pages
}

func word(t *testing.T, pages []reader.Page, text string) reader.Word {
	t.Helper()
	for _, p := range pages {
		for _, w := range p.Words {
			if w.Text == text {
				return w
			}
		}
	}
	t.Fatalf("%q was not read in %+v", text, pages)
	return reader.Word{}
}

const portrait = "/MediaBox [0 0 600 800]"

func testBoxes(t *testing.T, r *Reader) {
	text := show("Total", 20, 60, 80)
	for name, tc := range map[string]struct {
		page          string
		width, height float64
		x, y          float64 // of the word's middle, in shares of the page as it is seen
	}{
		"upright":             {portrait, 600, 800, 84.0 / 600, 1 - 87.0/800},
		"rotated by 90":       {portrait + " /Rotate 90", 800, 600, 87.0 / 800, 84.0 / 600},
		"rotated by 180":      {portrait + " /Rotate 180", 600, 800, 1 - 84.0/600, 87.0 / 800},
		"cropped":             {portrait + " /CropBox [50 50 350 450]", 300, 400, 34.0 / 300, 1 - 37.0/400},
		"box not at the zero": {"/MediaBox [-100 -100 500 700]", 600, 800, 184.0 / 600, 1 - 187.0/800},
	} {
		t.Run(name, func(t *testing.T) {
			pages := read(t, r, pdf([2]string{tc.page, text}))
			w := word(t, pages, "Total")
			seen := pages[0].Original(w.Box)
			x, y := seen.X+seen.Width/2, seen.Y+seen.Height/2
			if math.Abs(x-tc.x) > 0.01 || math.Abs(y-tc.y) > 0.01 || w.Hidden {
				t.Errorf("it stands at %.3f, %.3f (hidden: %v), want %.3f, %.3f", x, y, w.Hidden, tc.x, tc.y)
			}
			width, height := pages[0].Width, pages[0].Height
			if pages[0].Turn%180 != 0 {
				width, height = height, width
			}
			if width != tc.width || height != tc.height {
				t.Errorf("the page is %g x %g, want %g x %g", width, height, tc.width, tc.height)
			}
			if w.Box.Width < w.Box.Height {
				t.Errorf("the page was not set upright: %+v", w.Box)
			}
		})
	}
}

// testTurnedText: text that runs in any direction comes out as words.
func testTurnedText(t *testing.T, r *Reader) {
	for name, matrix := range map[string]string{
		"upwards": "0 1 -1 0 300 400", "downwards": "0 -1 1 0 300 400", "upside down": "-1 0 0 -1 300 400", "slanting": "0.8 0.6 -0.6 0.8 300 400",
	} {
		pages := read(t, r, pdf([2]string{portrait, "BT /F 20 Tf " + matrix + " Tm (Total amount) Tj ET"}))
		words := pages[0].Words
		if name != "slanting" && (len(words) != 2 || words[0].Text != "Total" || words[1].Text != "amount" || words[0].Line != words[1].Line) {
			t.Errorf("%s: got %+v", name, words)
		}
		word(t, pages, "Total")
		word(t, pages, "amount")
	}
}

func testHidden(t *testing.T, r *Reader) {
	pages := read(t, r, pdf([2]string{
		portrait, show("seen", 10, 60, 700) + show("tiny", 1, 60, 600) + show("off", 10, 60, 900) + show("left", 10, -90, 500),
	}))
	for text, hidden := range map[string]bool{"seen": false, "tiny": true, "off": true, "left": true} {
		found := false
		for _, w := range pages[0].Words {
			found = found || w.Text == text
			if w.Text == text && w.Hidden != hidden {
				t.Errorf("%q: hidden is %v", text, w.Hidden)
			}
		}
		if !hidden && !found {
			t.Errorf("%q was not read", text)
		}
	}
}

func testPages(t *testing.T, r *Reader) {
	pages := read(t, r, pdf([2]string{portrait, show("one", 10, 60, 700)}, [2]string{portrait, ""}, [2]string{portrait, show("three", 10, 60, 700)}))
	if len(pages) != 3 || pages[2].Number != 3 || len(pages[1].Words) != 0 {
		t.Errorf("got %+v", pages)
	}
}

// testAtOnce reads good and bad documents at once: what one breaks must not
// show in another.
func testAtOnce(t *testing.T, r *Reader) {
	good, bad := pdf([2]string{portrait, show("fine", 10, 60, 700)}), []byte("%PDF-1.7\nbroken")
	var group errgroup.Group
	for i := range 12 {
		group.Go(func() error {
			content := good
			if i%3 == 0 {
				content = bad
			}
			pages, err := r.Read(t.Context(), "application/pdf", content, func(int, int) {})
			switch {
			case i%3 == 0 && models.CodeOf(err) != models.CodeInvalid:
				return fmt.Errorf("a broken document: %w", err)
			case i%3 != 0 && (err != nil || pages.Pages[0].Words[0].Text != "fine"):
				return fmt.Errorf("a good document: %w", err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

// BenchmarkRead measures one born-digital page.
func BenchmarkRead(b *testing.B) {
	r := newReader(b)
	content := file(b, "../../../samples/invoice.pdf")
	for b.Loop() {
		if _, err := r.Read(b.Context(), "application/pdf", content, func(int, int) {}); err != nil {
			b.Fatal(err)
		}
	}
}
