package intake

import (
	"archive/zip"
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"unicode/utf16"
)

// docx is a Word document of the entries named; one that ends in "!" has a
// megabyte of zeros.
func docx(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for _, name := range names {
		name, large := strings.CutSuffix(name, "!")
		w, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		content := "<xml/>"
		if name == "_rels/.rels" {
			content = `<Relationships><Relationship Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="/word/b.xml"/></Relationships>`
		}
		if large {
			content = strings.Repeat("\x00", 1<<20)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func picture(t *testing.T, encode func(io.Writer, image.Image) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func utf16LE(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(unit))
		b.WriteByte(byte(unit >> 8))
	}
	return b.String()
}

// A WebP of one pixel.
const webp = "RIFF\x1a\x00\x00\x00WEBPVP8L\r\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"

func TestTheBytesSayWhatAFileIs(t *testing.T) {
	t.Parallel()
	word := []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml"}
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 70_000)
	for name, tc := range map[string]struct{ content, want string }{
		"PDF":                      {"%PDF-1.7", typePDF},
		"PDF with a script behind": {"%PDF-1.7\n<script>alert(1)</script>", typePDF},
		"PDF after junk":           {"junk\n%PDF-1.7", ""},
		"HTML with a PDF":          {"<html>%PDF-1.7", ""},
		"JPEG":                     {picture(t, func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }), typeJPEG},
		"PNG":                      {picture(t, png.Encode), typePNG},
		"WebP":                     {webp, typeWebP},
		"PNG's head alone":         {"\x89PNG\r\n\x1a\n", ""},
		"PNG of a trillion pixels": {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x0f\x42\x40\x00\x0f\x42\x40\x08\x00\x00\x00\x00\x4c\x8c\x0d\x5d", ""},
		"GIF":                      {"GIF89a=1;alert(1)", ""},
		"SVG":                      {`<svg xmlns="http://www.w3.org/2000/svg"/>`, ""},
		"text":                     {"plain text", typeText},
		"text that looks like CSV": {"a,b,c\n1,2,3\n4,5,6\n", typeText},
		"text that is JSON":        {`{"a": 1}`, typeText},
		"text with a script in it": {"see <script>alert(1)</script>", typeText},
		"UTF-8 over its buffer":    {strings.Repeat("a", 64<<10-1) + "ü" + strings.Repeat("ü€😀", 30_000), typeText},
		"UTF-16":                   {"\xff\xfe" + utf16LE("Grüße"), typeText},
		"text with NUL far behind": {strings.Repeat("a", 100_000) + "\x00", ""},
		"text in Latin-1":          {"Gr\xfc\xdfe aus K\xf6ln, 5 \x80\n", typeText},
		"Latin-1 far behind":       {strings.Repeat("a", 100_000) + "\xfc", typeText},
		"bytes that are no text":   {"Gr\xfc\xdfe" + strings.Repeat("a", 4000) + "\x01\x02", ""},
		"HTML":                     {"  <!DOCTYPE html><p>", ""},
		"Word":                     {docx(t, word...), typeDocx},
		"Word with another name":   {docx(t, append(word[:2:2], "word/b.xml")...), typeDocx},
		"a zip":                    {docx(t, "a.txt"), ""},
		"Word with macros":         {docx(t, append(word, "word/vbaProject.bin")...), ""},
		"Word that leads out":      {docx(t, append(word, "../../etc/passwd")...), ""},
		"Word that is a bomb":      {docx(t, append(word, strings.Split(strings.Repeat("word/a!,", 8)+"b", ",")...)...), ""},
		"Word without document":    {docx(t, "[Content_Types].xml", "_rels/.rels", "word/styles.xml"), ""},
		"old Word":                 {ole + utf16LE("WordDocument"), typeDoc},
		"old Excel":                {ole + utf16LE("Workbook"), ""},
		"a program":                {"MZ\x90\x00\x03", ""},
	} {
		up, err := Receive("x", strings.NewReader(tc.content))
		if err == nil {
			if up.Type != tc.want {
				t.Errorf("%s: got %q", name, up.Type)
			}
			_ = up.Close()
		} else if tc.want != "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAFileHasALimit(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]string{0: "empty", MaxFileSize: "", MaxFileSize + 1: "10MB"} {
		up, err := Receive("x", io.LimitReader(&pdf{}, int64(size)))
		if (want == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("%d bytes: got %v", size, err)
		}
		if err == nil {
			if up.Size != int64(size) {
				t.Errorf("got %d bytes", up.Size)
			}
			_ = up.Close()
		}
	}
}

// pdf is an endless PDF.
type pdf struct{ begun bool }

func (p *pdf) Read(b []byte) (int, error) {
	clear(b)
	if !p.begun {
		p.begun = true
		copy(b, "%PDF-1.7")
	}
	return len(b), nil
}
