package parse

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

const relationshipType = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

// docx packs parts into a Word document whose body is word/b.xml.
func docx(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	all := map[string]string{
		"[Content_Types].xml": "<Types/>",
		"_rels/.rels":         `<Relationships><Relationship Type="` + relationshipType + `/officeDocument" Target="/word/b.xml"/></Relationships>`,
	}
	for name, content := range parts {
		all[name] = content
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, content := range all {
		part, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// lines are a document's words, line by line.
func lines(d *reader.Document) []string {
	var out []string
	last := 0
	for _, p := range d.Pages {
		for _, w := range p.Words {
			if w.Line != last {
				out, last = append(out, w.Text), w.Line
				continue
			}
			out[len(out)-1] += " " + w.Text
		}
	}
	return out
}

// TestWordDocumentsAreReadAlongTheirRelationships: headers first, footers last,
// cells beside each other, without what was deleted.
func TestWordDocumentsAreReadAlongTheirRelationships(t *testing.T) {
	t.Parallel()
	d, err := readDocx(docx(t, map[string]string{
		"word/_rels/b.xml.rels": `<Relationships><Relationship Type="` + relationshipType + `/footer" Target="c.xml"/>` +
			`<Relationship Type="` + relationshipType + `/header" Target="a.xml"/>` +
			`<Relationship Type="` + relationshipType + `/header" TargetMode="External" Target="http://127.0.0.1/x"/></Relationships>`,
		"word/a.xml": `<w:hdr xmlns:w="w"><w:p><w:r><w:t>Acme</w:t></w:r></w:p></w:hdr>`,
		"word/c.xml": `<w:ftr xmlns:w="w"><w:p><w:r><w:t>Page one</w:t></w:r></w:p></w:ftr>`,
		"word/b.xml": `<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Total</w:t><w:tab/><w:t>12 €</w:t></w:r>` +
			`<w:del><w:r><w:t>13</w:t></w:r></w:del></w:p>` +
			`<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Item</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Price</w:t></w:r></w:p><w:p><w:r><w:t>net</w:t></w:r></w:p></w:tc></w:tr></w:tbl>` +
			`</w:body></w:document>`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(lines(d), " | "); got != "Acme | Total 12 € | Item Price net | Page one" {
		t.Errorf("got %q", got)
	}
	words := d.Pages[0].Words
	if item, price := words[4], words[5]; item.Box.X != 0 || price.Box.X != 0.5 {
		t.Errorf("the cells stand at %v and %v", item.Box.X, price.Box.X)
	}
}

func TestWordDocumentsThatCantBeRead(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{
		"no body":         docx(t, nil),
		"broken XML":      docx(t, map[string]string{"word/b.xml": "<w:document><w:p>"}),
		"no zip":          []byte("nothing of the kind"),
		"unpacks to much": docx(t, map[string]string{"word/b.xml": "<w:document>" + strings.Repeat(" ", maxPart+1) + "</w:document>"}),
	} {
		if _, err := readDocx(content); !isFailure(err, models.FailureDocumentBroken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func isFailure(err error, want models.FailureType) bool {
	e, ok := errors.AsType[*models.Error](err)
	return ok && e.Type == want
}

func TestTextIsReadInItsEncoding(t *testing.T) {
	t.Parallel()
	const text = "Größe: 5 €"
	utf16 := func(order unicode.Endianness, mark unicode.BOMPolicy) []byte {
		out, err := unicode.UTF16(order, mark).NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	windows, err := charmap.Windows1252.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"UTF-8": []byte(text), "UTF-8 with a mark": []byte("\ufeff" + text), "Windows-1252": windows,
		"UTF-16, little end first, with a mark": utf16(unicode.LittleEndian, unicode.UseBOM),
		"UTF-16, big end first, with a mark":    utf16(unicode.BigEndian, unicode.UseBOM),
		"UTF-16, little end first":              utf16(unicode.LittleEndian, unicode.IgnoreBOM),
		"UTF-16, big end first":                 utf16(unicode.BigEndian, unicode.IgnoreBOM),
	} {
		if got := lines(readText(content)); len(got) != 1 || got[0] != text {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// TestTypedWordsStandOnThePaper: whatever the text, every word is there, in
// order, and inside its page.
func TestTypedWordsStandOnThePaper(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.StringMatching(`[a-z]{0,8}[ \t]{0,3}`)).Draw(t, "words"), "")
		d := readText([]byte(text))
		var got []string
		for _, p := range d.Pages {
			for _, w := range p.Words {
				if w.Box.X < 0 || w.Box.Y < 0 || w.Box.Right() > 1+1e-9 || w.Box.Bottom() > 1+1e-9 {
					t.Fatalf("%q stands at %+v", w.Text, w.Box)
				}
				got = append(got, w.Text)
			}
		}
		// A word that is longer than a line is broken.
		if want := strings.Join(strings.Fields(text), ""); strings.Join(got, "") != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

// exif is a JPEG's or PNG's orientation, as cameras write it.
func exif(order binary.AppendByteOrder, mark string, value uint16) []byte {
	out := order.AppendUint32(append([]byte(mark), 0, 0)[:4], 8)
	copy(out[2:], order.AppendUint16(nil, 42))
	out = order.AppendUint16(out, 1)
	out = order.AppendUint16(out, 0x0112)
	out = order.AppendUint16(out, 3)
	out = order.AppendUint32(out, 1)
	return append(order.AppendUint16(out, value), 0, 0)
}

func TestOrientationIsReadFromEachFormat(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{
		"JPEG, big end first": append([]byte("\xff\xd8\xff\xe1\x00\x20Exif\x00\x00"), exif(binary.BigEndian, "MM", 6)...),
		"PNG":                 append([]byte("\x89PNG....eXIf"), exif(binary.LittleEndian, "II", 6)...),
		"WebP":                append([]byte("RIFF....WEBPEXIF\x1a\x00\x00\x00"), exif(binary.LittleEndian, "II", 6)...),
	} {
		if got := orientation(content); got != 6 {
			t.Errorf("%s: got %d", name, got)
		}
		for n := range content { // cut off anywhere, it is some orientation
			if got := orientation(content[:n]); got < 1 || got > 8 {
				t.Errorf("%s cut off at %d: got %d", name, n, got)
			}
		}
	}
}

// TestTurnsUndoThemselves: each of the eight ways to hold a camera, twice or
// with its opposite, gives the picture back.
func TestTurnsUndoThemselves(t *testing.T) {
	t.Parallel()
	picture := image.NewGray(image.Rect(0, 0, 3, 2))
	for i := range picture.Pix {
		picture.Pix[i] = uint8(i)
	}
	for way, back := range map[int]int{1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6} {
		turned := turn(turn(picture, way), back)
		if turned.Bounds() != picture.Bounds() || !bytes.Equal(turned.Pix, picture.Pix) {
			t.Errorf("way %d and back: got %v", way, turned)
		}
	}
	if clockwise := turn(picture, 6); clockwise.GrayAt(1, 0).Y != 0 || clockwise.GrayAt(0, 0).Y != 3 {
		t.Errorf("turned clockwise: got %v", clockwise.Pix)
	}
}

func TestPicturesThatCantBeRead(t *testing.T) {
	t.Parallel()
	var whole bytes.Buffer
	if err := png.Encode(&whole, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	r := &Reader{}
	for name, content := range map[string][]byte{"no picture": []byte("\x89PNG"), "cut off": whole.Bytes()[:40]} {
		if _, err := r.readImage(t.Context(), content, func(int, int) {}); !isFailure(err, models.FailureDocumentBroken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestFlattenKeepsWhatIsSeen: colours become their grey, and what lets light
// through shows paper.
func TestFlattenKeepsWhatIsSeen(t *testing.T) {
	t.Parallel()
	in := image.NewNRGBA(image.Rect(5, 5, 7, 6))
	in.Set(5, 5, color.NRGBA{0, 0, 0, 255})
	if out := flatten(in); out.Bounds().Size() != image.Pt(2, 1) || out.Pix[0] != 0 || out.Pix[1] != 255 {
		t.Errorf("got %+v", out)
	}
}

func FuzzDocx(f *testing.F) {
	f.Add("<w:document><w:p><w:r><w:t>x</w:t></w:r></w:p></w:document>")
	f.Add("<w:tbl><w:tr><w:tc><w:tbl><w:tr></w:tr></w:tbl></w:tc></w:tr></w:tbl>")
	f.Fuzz(func(t *testing.T, body string) {
		if _, err := readDocx(docx(t, map[string]string{"word/b.xml": body})); err != nil && !isFailure(err, models.FailureDocumentBroken) {
			t.Errorf("got %v", err)
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add([]byte("Total\t5 €\f\r\n"))
	f.Add([]byte("\xff\xfeT\x00o\x00"))
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, p := range readText(content).Pages {
			for _, w := range p.Words {
				if w.Text == "" || strings.ContainsAny(w.Text, " \t\n\f") || w.Box.Right() > 1+1e-9 {
					t.Errorf("got %+v", w)
				}
			}
		}
	})
}

// FuzzImage: whatever the bytes, a picture is decoded within its limits, or
// refused.
func FuzzImage(f *testing.F) {
	var whole bytes.Buffer
	if err := png.Encode(&whole, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add(append([]byte("\xff\xd8\xff\xe1\x00\x20Exif\x00\x00"), exif(binary.BigEndian, "MM", 6)...))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L"))
	f.Fuzz(func(t *testing.T, content []byte) {
		picture, err := decodeImage(content)
		if err != nil && !isFailure(err, models.FailureDocumentBroken) && !isFailure(err, models.FailureDocumentTooLarge) {
			t.Errorf("got %v", err)
		}
		if err == nil && picture.Bounds().Dx()*picture.Bounds().Dy() > maxPixels {
			t.Errorf("got %v", picture.Bounds())
		}
	})
}
