package tests

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image/png"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/internal/testkit/draw"
	"decoded.digital/extractor/models"
)

// mutants is how many damaged PDFs are read.
const mutants = 500

// newReaders starts the product's own readers.
func newReaders(t testing.TB, p *product, size int) *reader.Pool {
	t.Helper()
	cache := testkit.Cache(t)
	pool, err := reader.NewPool(t.Context(), reader.Options{
		Command: []string{p.path, "reader"},
		Env: []string{
			"PATH=" + os.Getenv("PATH"), "TMPDIR=" + filepath.Join(cache, "tmp"), "MALLOC_ARENA_MAX=1",
			"EXTRACTOR_READER_CACHE=" + cache, "EXTRACTOR_READER_OCR=" + testkit.OCR(t),
		},
		Size: size, Stall: 20 * time.Second, Documents: 200,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func readBytes(ctx context.Context, pool *reader.Pool, kind string, content []byte) (*reader.Document, error) {
	open := func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	result, err := pool.Read(ctx, kind, int64(len(content)), open, func(int, int) {})
	if err != nil {
		return nil, err
	}
	return reader.Decode(result.Encoded)
}

const (
	pdfType  = "application/pdf"
	docType  = "application/msword"
	docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
)

// TestHostileDocuments: each ends with text or one clear error, and the next
// document is read as if nothing had been.
func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	pool := newReaders(t, build(t), 2)
	good := sample(t, "invoice.pdf")
	stillReads := func(t *testing.T) {
		t.Helper()
		if d, err := readBytes(t.Context(), pool, pdfType, good); err != nil || len(d.Pages[0].Words) < 50 {
			t.Errorf("the next document: %+v, %v", d, err)
		}
	}
	for name, bad := range hostile() {
		t.Run(name, func(t *testing.T) {
			d, err := readBytes(t.Context(), pool, bad.kind, bad.content)
			if failure, ok := errors.AsType[*models.Error](err); err != nil && (!ok || failure.Type != bad.want || !strings.HasSuffix(failure.Message, ".")) {
				t.Errorf("got %v, want %q", err, bad.want)
			}
			if err == nil && bad.want != "" {
				t.Errorf("it was read: %d pages", len(d.Pages))
			}
			stillReads(t)
		})
	}
	t.Run("mutants", func(t *testing.T) {
		readMutants(t, pool, good)
		stillReads(t)
	})
}

// readMutants reads damaged PDFs; some must still give their text.
func readMutants(t *testing.T, pool *reader.Pool, good []byte) {
	t.Helper()
	originals := [][]byte{good, pdfOf("BT /F 12 Tf 60 700 Td (Total 12.50) Tj ET", ""), pdfOf("BT /F 12 Tf 60 700 Td (Total 12.50) Tj ET 0 0 100 100 re f", "/Rotate 90")}
	random := rand.New(rand.NewPCG(1, 2))
	contents := make([][]byte, mutants)
	for i := range contents {
		contents[i] = mutate(random, originals[i%len(originals)])
	}
	var read atomic.Int64
	var group errgroup.Group
	group.SetLimit(2)
	for i, content := range contents {
		group.Go(func() error {
			_, err := readBytes(t.Context(), pool, pdfType, content)
			if failure, ok := errors.AsType[*models.Error](err); err != nil && (!ok || failure.Type == "") {
				return fmt.Errorf("mutant %d: %w", i, err)
			}
			if err == nil {
				read.Add(1)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	if n := read.Load(); n < mutants/10 {
		t.Errorf("of %d mutants %d were read", mutants, n)
	}
}

// mutate damages a file in one of the ways in which transfers and fuzzers do.
func mutate(random *rand.Rand, original []byte) []byte {
	content := bytes.Clone(original)
	at := func() int { return random.IntN(len(content)) }
	switch random.IntN(5) {
	case 0: // cut off
		content = content[:at()]
	case 1: // bytes
		for range 1 + random.IntN(40) {
			content[at()] = byte(random.IntN(256))
		}
	case 2: // a block of zeros
		from := at()
		clear(content[from:min(from+random.IntN(600), len(content))])
	case 3: // a piece is missing
		from := at()
		content = append(content[:from], content[min(from+random.IntN(300), len(content)):]...)
	case 4: // bits
		for range 1 + random.IntN(100) {
			content[at()] ^= 1 << random.IntN(8)
		}
	}
	return content
}

// hostileFile is a document made to harm; want is empty where it may be read.
type hostileFile struct {
	kind    string
	content []byte
	want    models.FailureType
}

func hostile() map[string]hostileFile {
	text := "BT /F 12 Tf 60 700 Td (Total 12.50) Tj ET"
	html := []byte("<html><body>Total 12.50</body></html>")
	return map[string]hostileFile{
		"empty":                     {pdfType, nil, models.FailureDocumentEmpty},
		"one byte":                  {pdfType, []byte("%"), models.FailureDocumentBroken},
		"one byte of a picture":     {"image/png", []byte("\x89"), models.FailureDocumentBroken},
		"flate bomb":                {pdfType, flateBomb(400 << 20), models.FailureDocumentTooLarge},
		"forms within forms":        {pdfType, formBomb(), models.FailureDocumentTooLarge},
		"a hundred million pages":   {pdfType, bytes.Replace(pdfOf(text, ""), []byte("/Count 1"), []byte("/Count 100000000"), 1), ""},
		"a page of 70 metres":       {pdfType, bytes.Replace(pdfOf("0 0 100 100 re f", ""), []byte("[0 0 600 800]"), []byte("[0 0 200000 200000]"), 1), models.FailureDocumentEmpty},
		"picture of 3.6 gigapixels": {"image/png", pngHeader(60_000, 60_000), models.FailureDocumentTooLarge},
		"zip bomb":                  {docxType, docxOf(strings.Repeat(" ", 200<<20)), models.FailureDocumentBroken},
		"entities": {
			docxType, docxOf(`<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><w:document><w:t>&b;</w:t></w:document>`),
			models.FailureDocumentBroken,
		},
		"zip that is no document": {docxType, []byte("PK\x03\x04 and no more"), models.FailureDocumentBroken},
		"RTF named .doc":          {docType, []byte(`{\rtf1 Total 12.50}`), models.FailureDocumentUnsupported},
		"HTML named .doc":         {docType, html, models.FailureDocumentUnsupported},
		"random bytes in a .doc":  {docType, append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), bytes.Repeat([]byte("\x07x\xff"), 5000)...), models.FailureDocumentBroken},
	}
}

// TestEveryKindIsReadBehindTheWall: the wall lets the readers' own programs do
// their work.
func TestEveryKindIsReadBehindTheWall(t *testing.T) {
	t.Parallel()
	pool := newReaders(t, build(t), 1)
	var scan bytes.Buffer
	if err := png.Encode(&scan, draw.Page(t, "Rechnung 4711", "Gesamtbetrag 12,50 €")); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]struct {
		kind    string
		content []byte
	}{
		"PDF": {pdfType, pdfOf("BT /F 12 Tf 60 700 Td (Rechnung 4711 12,50) Tj ET", "")}, "PNG": {"image/png", scan.Bytes()},
		".docx": {docxType, docxOf("<w:p><w:t>Rechnung 4711 12,50</w:t></w:p>")}, ".doc": {docType, draw.Word6("Rechnung 4711\r12,50\r")},
		"text": {"text/plain", []byte("Rechnung 4711 12,50")},
	} {
		d, err := readBytes(t.Context(), pool, file.kind, file.content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var words []string
		for _, w := range d.Pages[0].Words {
			words = append(words, w.Text)
		}
		for _, want := range []string{"Rechnung", "4711", "12,50"} {
			if !slices.Contains(words, want) {
				t.Errorf("%s: %q is not among %q", name, want, words)
			}
		}
	}
}

// TestADocumentReachesNobody: scripts of a PDF don't run, and what it names
// elsewhere is not fetched.
func TestADocumentReachesNobody(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var calls atomic.Int64
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			calls.Add(1)
			_ = connection.Close()
		}
	}()
	address := "http://" + listener.Addr().String()
	content := bytes.Replace(pdfOf("BT /F 12 Tf 60 700 Td (Total 12.50) Tj ET", ""), []byte("/Type /Catalog"), fmt.Appendf(nil,
		`/Type /Catalog /OpenAction << /S /JavaScript /JS (app.launchURL\("%[1]s"\); this.submitForm\("%[1]s"\);) >> /AA << /WC << /S /URI /URI (%[1]s) >> >>`, address), 1)
	d, err := readBytes(t.Context(), newReaders(t, build(t), 1), pdfType, content)
	if err != nil || d.Pages[0].Words[0].Text != "Total" {
		t.Errorf("got %+v, %v", d, err)
	}
	if n := calls.Load(); n > 0 {
		t.Errorf("it was called %d times", n)
	}
}

// pdfOf is a PDF of one page. Its offsets are left to the reader to find, as in
// many a damaged file.
func pdfOf(stream, entries string) []byte {
	return fmt.Appendf(nil, `%%PDF-1.7
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] %s /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >> endobj
4 0 obj << /Length %d >> stream
%s
endstream endobj
5 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> endobj
trailer << /Root 1 0 R >>
%%%%EOF
`, entries, len(stream), stream)
}

// flateBomb is a page whose content unpacks to size bytes.
func flateBomb(size int) []byte {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	block := bytes.Repeat([]byte("0 0 m "), 1<<16)
	for n := 0; n < size; n += len(block) {
		_, _ = w.Write(block)
	}
	_ = w.Close()
	content := pdfOf("STREAM", "")
	content = bytes.Replace(content, []byte("/Length 6"), fmt.Appendf(nil, "/Filter /FlateDecode /Length %d", packed.Len()), 1)
	return bytes.Replace(content, []byte("STREAM"), packed.Bytes(), 1)
}

// formBomb is a page that draws a form, which draws ten, which draw ten each.
func formBomb() []byte {
	const depth = 10
	var forms strings.Builder
	for i := range depth {
		draw, resources := strings.Repeat("/X Do ", 10), fmt.Sprintf("/Resources << /XObject << /X %d 0 R >> >>", 11+i)
		if i == depth-1 {
			draw, resources = "0 0 1 1 re f", ""
		}
		fmt.Fprintf(&forms, "%d 0 obj << /Type /XObject /Subtype /Form /BBox [0 0 9 9] %s /Length %d >> stream\n%s\nendstream endobj\n", 10+i, resources, len(draw), draw)
	}
	content := pdfOf("/X Do", "")
	content = bytes.Replace(content, []byte("/Font << /F 5 0 R >>"), []byte("/XObject << /X 10 0 R >>"), 1)
	return bytes.Replace(content, []byte("trailer"), []byte(forms.String()+"trailer"), 1)
}

// pngHeader is a PNG that says how large it is, and no more.
func pngHeader(width, height uint32) []byte {
	header := binary.BigEndian.AppendUint32(nil, width)
	header = append(binary.BigEndian.AppendUint32(header, height), 8, 2, 0, 0, 0)
	chunk := append([]byte("IHDR"), header...)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
}

// docxOf is a Word document with the given body.
func docxOf(body string) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, content := range map[string]string{
		"[Content_Types].xml": "<Types/>",
		"_rels/.rels":         `<Relationships><Relationship Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
		"word/document.xml":   body,
	} {
		part, err := w.Create(name)
		if err == nil {
			_, _ = part.Write([]byte(content))
		}
	}
	_ = w.Close()
	return out.Bytes()
}
