package parse

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"slices"
	"strings"
	"testing"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/internal/testkit/draw"
	"decoded.digital/extractor/models"
)

// raw is a PDF of one page with resources and objects from number 10 on; its
// offsets are left to pdfium to find.
func raw(stream, page, resources, catalog string, objects ...string) []byte {
	var out strings.Builder
	fmt.Fprintf(&out, `%%PDF-1.7
1 0 obj << /Type /Catalog /Pages 2 0 R %s >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] %s /Contents 4 0 R /Resources << /Font << /F 5 0 R >> %s >> >> endobj
4 0 obj << /Length %d >> stream
%s
endstream endobj
5 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> endobj
`, catalog, page, resources, len(stream), stream)
	for i, object := range objects {
		fmt.Fprintf(&out, "%d 0 obj %s endobj\n", 10+i, object)
	}
	out.WriteString("6 0 obj << /Title (Invoice 7) /Producer (Test) >> endobj\ntrailer << /Root 1 0 R /Info 6 0 R >>\n%%EOF\n")
	return []byte(out.String())
}

// picture is an image object that shows lines of text on paper.
func picture(t testing.TB, lines ...string) string {
	t.Helper()
	page := draw.Page(t, lines...)
	return fmt.Sprintf("<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 /Length %d >> stream\n%s\nendstream",
		page.Rect.Dx(), page.Rect.Dy(), len(page.Pix), page.Pix)
}

// hiddenWords are the words that are marked, and the others.
func hiddenWords(d []reader.Page) (hidden, seen []string) {
	for _, p := range d {
		for _, w := range p.Words {
			if w.Hidden {
				hidden = append(hidden, w.Text)
			} else {
				seen = append(seen, w.Text)
			}
		}
	}
	slices.Sort(hidden)
	slices.Sort(seen)
	return hidden, seen
}

// testUnseen: whatever keeps a reader from seeing a word marks it, and what
// merely looks like it does not.
func testUnseen(t *testing.T, r *Reader) {
	stream := show("plain", 10, 60, 700) +
		"1 g " + show("white", 10, 60, 680) + "0 g " +
		"0.2 g 50 640 200 30 re f 1 g " + show("onDark", 10, 60, 650) + "0 g " +
		"0 0 1 rg 300 640 200 30 re f " + show("blueOnBlue", 10, 310, 650) + "0 g " +
		"3 Tr " + show("invisible", 10, 60, 600) + "0 Tr " +
		show("covered", 10, 60, 560) + "q 100 0 0 20 55 555 cm /I Do Q " +
		show("overPicture", 10, 60, 520)
	image := "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >> stream\n\xee\nendstream"
	hidden, seen := hiddenWords(read(t, r, raw(stream, "", "/XObject << /I 10 0 R >>", "", image)))
	if got := strings.Join(hidden, " "); got != "blueOnBlue covered invisible white" {
		t.Errorf("hidden: %s; seen: %v", got, seen)
	}
}

func testRules(t *testing.T, r *Reader) {
	stream := show("x", 10, 60, 700) +
		"0.1 w 100 500 300 100 re S " + // a frame
		"100 550 150 0.8 re f 250 550 150 0.8 re f " + // a line, drawn as two thin boxes
		"200 500 m 200 600 l S " + // a column's line
		"100 100 m 300 300 l S " + // a slanting line is no rule
		"1 g 50 50 200 200 re f" // white on paper
	page := read(t, r, raw(stream, "", "", ""))[0]
	var got []string
	for _, rule := range page.Rules {
		kind, size, across := "h", page.Width, page.Height
		if rule.Vertical {
			kind, size, across = "v", page.Height, page.Width
		}
		got = append(got, fmt.Sprintf("%s%.0f:%.0f-%.0f", kind, rule.At*across, rule.From*size, rule.To*size))
	}
	if want := "h200:100-400 h250:100-400 h300:100-400 v100:200-300 v200:200-300 v400:200-300"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func testAttachments(t *testing.T, r *Reader) {
	file := func(content string) string {
		return fmt.Sprintf("<< /Type /EmbeddedFile /Length %d >> stream\n%s\nendstream", len(content), content)
	}
	content := raw(show("x", 10, 60, 700), "", "", "/Names << /EmbeddedFiles << /Names [(factur-x.xml) 10 0 R (scan.pdf) 11 0 R] >> >>",
		"<< /Type /Filespec /F (factur-x.xml) /UF (factur-x.xml) /EF << /F 12 0 R >> >>",
		"<< /Type /Filespec /F (scan.pdf) /UF (scan.pdf) /EF << /F 13 0 R >> >>", file("<Invoice/>"), file("%PDF-"))
	d, err := r.Read(t.Context(), "application/pdf", content, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Attachments) != 2 || d.Attachments[0].Name != "factur-x.xml" || string(d.Attachments[0].Content) != "<Invoice/>" || d.Attachments[1].Content != nil || d.Attachments[1].Size != 5 {
		t.Errorf("got %+v", d.Attachments)
	}
	if d.Metadata.Title != "Invoice 7" || d.Metadata.Producer != "Test" {
		t.Errorf("got %+v", d.Metadata)
	}
}

// testForms: what was filled in is text, ticks are words, and a value that no
// program has drawn is read all the same.
func testForms(t *testing.T, r *Reader) {
	tick := "<< /Type /XObject /Subtype /Form /BBox [0 0 12 12] /Resources << /Font << /F 5 0 R >> >> /Length 26 >> stream\nBT /F 10 Tf 2 2 Td (4) Tj ET\nendstream"
	empty := "<< /Type /XObject /Subtype /Form /BBox [0 0 12 12] /Length 0 >> stream\n\nendstream"
	drawn := "<< /Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << /Font << /F 5 0 R >> >> /Length 32 >> stream\nBT /F 10 Tf 2 5 Td (Yale) Tj ET \nendstream"
	content := raw(show("Name", 10, 60, 700), "/Annots [10 0 R 11 0 R 12 0 R 13 0 R]", "", "/AcroForm << /Fields [10 0 R 11 0 R 12 0 R 13 0 R] >>",
		"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (Yale) /Rect [100 695 200 715] /F 4 /AP << /N 16 0 R >> >>",
		"<< /Type /Annot /Subtype /Widget /FT /Tx /T (b) /V (New Haven) /Rect [100 655 200 675] /F 4 >>",
		"<< /Type /Annot /Subtype /Widget /FT /Btn /T (c) /V /Yes /AS /Yes /Rect [100 600 112 612] /F 4 /AP << /N << /Yes 14 0 R /Off 15 0 R >> >> >>",
		"<< /Type /Annot /Subtype /Widget /FT /Btn /T (d) /V /Off /AS /Off /Rect [100 560 112 572] /F 4 /AP << /N << /Yes 14 0 R /Off 15 0 R >> >> >>",
		tick, empty, drawn)
	_, seen := hiddenWords(read(t, r, content))
	if got := strings.Join(seen, " "); got != "Haven Name New Yale ☐ ☒" {
		t.Errorf("got %q", got)
	}
}

// testScans: a page that is a picture is read from it, at the place where it
// stands.
func testScans(t *testing.T, r *Reader) {
	pages := read(t, r, raw("q 600 0 0 800 0 0 cm /I Do Q", "", "/XObject << /I 10 0 R >>", "", picture(t, "Invoice number 471102", "Total amount 529.87")))
	w := word(t, pages, "471102")
	if !pages[0].Scanned || w.Confidence <= 0 || w.Confidence > 1 {
		t.Errorf("scanned: %v, %+v", pages[0].Scanned, w)
	}
	if w.Box.X < 0.2 || w.Box.X > 0.5 || w.Box.Y < 0.08 || w.Box.Y > 0.13 {
		t.Errorf("it stands at %+v", w.Box)
	}
	word(t, pages, "529.87")
}

// testLayers: text that was laid invisibly over a scan counts where the picture
// says the same; where it says something else, it is marked and the picture
// counts.
func testLayers(t *testing.T, r *Reader) {
	layer := "3 Tr " + show("Invoice", 14, 60, 700) + show("9999", 14, 140, 671) + show("nowhere", 14, 300, 300)
	pages := read(t, r, raw("q 600 0 0 800 0 0 cm /I Do Q "+layer, "", "/XObject << /I 10 0 R >>", "", picture(t, "Invoice number 471102", "Total amount 529.87")))
	hidden, seen := hiddenWords(pages)
	if got := strings.Join(hidden, " "); got != "9999 nowhere" {
		t.Errorf("hidden: %q, seen: %q", got, seen)
	}
	for _, text := range []string{"Invoice", "471102", "529.87"} {
		if n := len(slices.DeleteFunc(slices.Clone(seen), func(s string) bool { return s != text })); n != 1 {
			t.Errorf("%q was read %d times: %q", text, n, seen)
		}
	}
}

func TestSimilarityIsOfLettersAndDigits(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b     string
		from, to float64
	}{{"Straße 12", "STRASE-12", 0.8, 0.99}, {"abc", "xyz", 0, 0}, {"", "…", 1, 1}, {"Total:", "total", 1, 1}} {
		if got := similarity(tc.a, tc.b); got < tc.from || got > tc.to {
			t.Errorf("%q and %q: got %v", tc.a, tc.b, got)
		}
	}
}

func testPicture(t *testing.T, r *Reader) {
	for degrees, want := range map[int]image.Point{0: {1250, 1667}, 90: {1667, 1250}, 180: {1250, 1667}} {
		content, err := r.Picture("application/pdf", pdf([2]string{portrait, show("Total", 10, 60, 700)}), 1, degrees)
		if err != nil {
			t.Fatal(err)
		}
		got, err := jpeg.DecodeConfig(bytes.NewReader(content))
		if err != nil || max(got.Width-want.X, want.X-got.Width, got.Height-want.Y, want.Y-got.Height) > 1 {
			t.Errorf("turned by %d: got %d x %d, %v", degrees, got.Width, got.Height, err)
		}
	}
	if _, err := r.Picture("application/pdf", pdf([2]string{portrait, ""}), 2, 0); !isFailure(err, models.FailureDocumentBroken) {
		t.Errorf("a page that is not there: got %v", err)
	}
}
