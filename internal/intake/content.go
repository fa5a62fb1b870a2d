package intake

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	_ "image/jpeg" // for image.DecodeConfig
	_ "image/png"  // likewise
	"io"
	"net/http"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
	_ "golang.org/x/image/webp" // likewise

	"decoded.digital/extractor/models"
)

// The types that are accepted.
const (
	typePDF  = "application/pdf"
	typeJPEG = "image/jpeg"
	typePNG  = "image/png"
	typeWebP = "image/webp"
	typeText = "text/plain"
	typeDoc  = "application/msword"
	typeDocx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
)

const (
	headSize   = 3072 // what the detectors look at
	maxPixels  = 50_000_000
	maxEntries = 2000      // of a .docx
	maxInflate = 100 << 20 // bytes of a .docx when unpacked
	maxRatio   = 100       // unpacked to packed
	maxList    = 1 << 20   // bytes of a .docx's list of parts
)

// sniff finds the MIME type from the bytes: what the client says of it is not
// trusted. Two detectors must answer one of the pairs that belong to a type, so
// that no page of HTML passes for a PDF because one of them is lenient; then the
// type's own check looks closer.
func sniff(content io.ReaderAt, size int64) (string, error) {
	head := make([]byte, min(size, headSize))
	if _, err := content.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", models.Internal("read an upload", err)
	}
	found := mimetype.Detect(head)
	first, _, _ := strings.Cut(found.String(), ";")
	second, _, _ := strings.Cut(http.DetectContentType(head), ";")
	whole := io.NewSectionReader(content, 0, size)
	switch [2]string{first, second} {
	case [2]string{typePDF, typePDF}:
		if bytes.HasPrefix(head, []byte("%PDF-")) {
			return typePDF, nil
		}
	case [2]string{typeJPEG, typeJPEG}, [2]string{typePNG, typePNG}, [2]string{typeWebP, typeWebP}:
		return first, checkImage(whole)
	case [2]string{typeDocx, "application/zip"}:
		return typeDocx, checkDocx(content, size)
	case [2]string{"application/x-ole-storage", "application/octet-stream"}, [2]string{typeDoc, "application/octet-stream"}:
		return typeDoc, checkDoc(whole)
	}
	if second == typeText && isText(found) {
		return typeText, checkText(head, whole)
	}
	return "", models.Invalid("file is of no type that is accepted; valid are PDF, JPEG, PNG and WebP, and for uploads without extraction plain text and Word (.doc, .docx)")
}

// isText says whether the detector found text, whatever it holds (CSV, JSON,
// source code), but markup.
func isText(found *mimetype.MIME) bool {
	for kind := found; kind != nil; kind = kind.Parent() {
		if kind.Is("text/html") || kind.Is("text/xml") || kind.Is("image/svg+xml") {
			return false
		}
		if kind.Is(typeText) {
			return true
		}
	}
	return false
}

func checkImage(content io.Reader) error {
	c, _, err := image.DecodeConfig(content)
	if err != nil {
		return models.Invalid("file is a damaged picture: its size can't be read")
	}
	if int64(c.Width)*int64(c.Height) > maxPixels {
		return models.Invalid("file is a picture of more than 50 megapixels")
	}
	return nil
}

// checkDocx looks at the list of a .docx's entries alone, and refuses what is
// made to harm: bombs, paths that lead out, macros.
func checkDocx(content io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(content, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return models.Invalid("file is a damaged Word document")
	}
	var unpacked uint64
	have := map[string]bool{}
	for _, entry := range archive.File {
		unpacked += entry.UncompressedSize64
		name := strings.ReplaceAll(entry.Name, `\`, "/")
		if path.IsAbs(name) || strings.Contains("/"+name+"/", "/../") || path.Base(name) == "vbaProject.bin" {
			return models.Invalid("file is a Word document with macros or with entries that lead out of it")
		}
		have[name] = true
	}
	switch {
	case len(archive.File) > maxEntries || unpacked > maxInflate || unpacked > maxRatio*uint64(size): //nolint:gosec // a size is positive
		return models.Invalid("file is a Word document that unpacks to more than is accepted")
	case !have["[Content_Types].xml"] || !have["word/document.xml"] && !have[body(archive)]:
		return models.Invalid("file is no Word document")
	}
	return nil
}

// body is the name of the part that a .docx says is its document: few programs
// call it otherwise than word/document.xml (ECMA-376-2, 9.3).
func body(archive *zip.Reader) string {
	list, err := archive.Open("_rels/.rels")
	if err != nil {
		return ""
	}
	defer list.Close()
	var relationships struct {
		All []struct {
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := xml.NewDecoder(io.LimitReader(list, maxList)).Decode(&relationships); err != nil {
		return ""
	}
	for _, r := range relationships.All {
		if strings.HasSuffix(r.Type, "/officeDocument") {
			return strings.TrimPrefix(r.Target, "/")
		}
	}
	return ""
}

// checkDoc looks for the stream that makes an OLE file a Word document: its
// name stands in the directory in UTF-16 ([MS-CFB], 2.6.1; [MS-DOC], 2.1.1).
func checkDoc(content io.Reader) error {
	name := []byte("W\x00o\x00r\x00d\x00D\x00o\x00c\x00u\x00m\x00e\x00n\x00t\x00")
	buffer, kept := make([]byte, 64<<10), 0
	for {
		n, err := io.ReadFull(content, buffer[kept:])
		if bytes.Contains(buffer[:kept+n], name) {
			return nil
		}
		if err != nil {
			return models.Invalid("file is no Word document")
		}
		kept = copy(buffer, buffer[len(buffer)-len(name):])
	}
}

// checkText refuses markup and bytes that are no text. UTF-16 is known by its
// byte order mark and is taken as it is. What is not UTF-8 is Latin-1, in which
// any byte is a character: it is text unless it has control characters.
func checkText(head []byte, content io.Reader) error {
	if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
		return nil
	}
	begin := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"))
	for _, markup := range []string{"<html", "<svg", "<!doctype", "<?xml", "<script"} {
		if bytes.HasPrefix(begin, []byte(markup)) {
			return models.Invalid("file is markup, which is not accepted")
		}
	}
	buffer, kept := make([]byte, 64<<10), 0
	unicode, controls := true, false
	for {
		n, err := io.ReadFull(content, buffer[kept:])
		text := buffer[:kept+n]
		if err == nil { // the last rune may go on in the next part
			text = text[:len(text)-unfinished(text)]
		}
		unicode = unicode && utf8.Valid(text)
		controls = controls || bytes.ContainsFunc(text, isControl)
		if bytes.IndexByte(text, 0) >= 0 || !unicode && controls {
			return models.Invalid("file is not valid text: it must be UTF-8, Latin-1, or UTF-16 with a byte order mark")
		}
		if err != nil {
			return nil //nolint:nilerr // the end of the bytes
		}
		kept = copy(buffer, buffer[len(text):])
	}
}

// isControl says whether r is a control character that no text needs.
func isControl(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f", r) }

// unfinished is how many bytes at the end of text begin a rune that is not
// whole.
func unfinished(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return n
			}
			return 0
		}
	}
	return 0
}
