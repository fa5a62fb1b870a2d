package parse

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

const (
	maxPart  = 32 << 20 // bytes of one part of a .docx, unpacked; the archive's own figures are not trusted
	maxParts = 20       // headers and footers that are read
	maxCells = 60       // of a table's row
)

// readDocx reads a Word document (ECMA-376) along its relationships: the body
// may have any name. Headers come first, footers last, each part once.
func readDocx(content []byte) (*reader.Document, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, brokenWord(err)
	}
	body, err := related(archive, "_rels/.rels", "/officeDocument")
	if err != nil || len(body) == 0 {
		return nil, brokenWord(err)
	}
	own := path.Join(path.Dir(body[0]), "_rels", path.Base(body[0])+".rels")
	headers, err := related(archive, own, "/header")
	if err != nil {
		return nil, brokenWord(err)
	}
	footers, err := related(archive, own, "/footer")
	if err != nil {
		return nil, brokenWord(err)
	}
	var t typist
	for _, name := range slices.Concat(headers[:min(len(headers), maxParts)], body[:1], footers[:min(len(footers), maxParts)]) {
		if err := readPart(archive, name, &t); err != nil {
			return nil, brokenWord(err)
		}
	}
	return &reader.Document{Pages: t.pages}, nil
}

func brokenWord(cause error) error {
	if cause == nil {
		cause = errors.New("no body is named")
	}
	return models.Failed(models.FailureDocumentBroken, "The Word document is damaged and can't be opened. Save it again, or as PDF, and upload that.", cause)
}

// related lists the parts to which a part is related in a way, in the order of
// the list. A document without the list has none.
func related(archive *zip.Reader, list, kind string) ([]string, error) {
	part, err := openPart(archive, list)
	if err != nil {
		return nil, nil
	}
	defer part.Close()
	var relationships struct {
		All []struct {
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
			Mode   string `xml:"TargetMode,attr"`
		} `xml:"Relationship"`
	}
	if err := xml.NewDecoder(io.LimitReader(part, maxPart)).Decode(&relationships); err != nil {
		return nil, fmt.Errorf("read %s: %w", list, err)
	}
	var found []string
	for _, r := range relationships.All {
		if strings.HasSuffix(r.Type, kind) && r.Mode != "External" { // nothing is fetched
			found = append(found, target(list, r.Target))
		}
	}
	return found, nil
}

// target is the name of the part that a relationship in list leads to.
func target(list, name string) string {
	if strings.HasPrefix(name, "/") {
		return strings.TrimPrefix(name, "/")
	}
	return path.Join(path.Dir(path.Dir(list)), name)
}

func openPart(archive *zip.Reader, name string) (io.ReadCloser, error) {
	i := slices.IndexFunc(archive.File, func(f *zip.File) bool { return strings.ReplaceAll(f.Name, `\`, "/") == name })
	if i < 0 {
		return nil, fmt.Errorf("the part %q is missing", name)
	}
	return archive.File[i].Open()
}

// readPart types the text of one part.
func readPart(archive *zip.Reader, name string, t *typist) error {
	part, err := openPart(archive, name)
	if err != nil {
		return err
	}
	defer part.Close()
	limited := &io.LimitedReader{R: part, N: maxPart}
	decoder := xml.NewDecoder(limited) // it never expands an entity that the document declares
	w := wordText{typist: t}
	for !t.full {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if limited.N <= 0 {
			return fmt.Errorf("the part %q unpacks to more than %d bytes", name, maxPart)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if err := w.token(decoder, token); err != nil {
			return err
		}
	}
	w.endParagraph()
	return nil
}

// wordText is what stands between a part's tokens.
type wordText struct {
	typist    *typist
	text      bool            // inside a run's text
	paragraph strings.Builder // so far
	row       []string        // the cells so far, of a table's row
	cell      []string        // the paragraphs so far, of the cell
	depth     int             // of tables within tables; the inner ones are text of the cell
}

// token takes the next part of WordprocessingML (ECMA-376-1, 17). Deleted text
// is no text, and a fallback says again what stands before it.
func (w *wordText) token(decoder *xml.Decoder, token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		switch t.Name.Local {
		case "del", "Fallback", "moveFrom":
			return decoder.Skip()
		case "t":
			w.text = true
		case "tab":
			w.paragraph.WriteByte('\t')
		case "br", "cr":
			w.endParagraph()
		case "tr":
			w.depth++
			if w.depth == 1 {
				w.row = nil
			}
		}
	case xml.EndElement:
		switch t.Name.Local {
		case "t":
			w.text = false
		case "p":
			w.endParagraph()
		case "tc":
			w.endCell()
		case "tr":
			w.endRow()
		}
	case xml.CharData:
		if w.text {
			w.paragraph.Write(t)
		}
	}
	return nil
}

func (w *wordText) endParagraph() {
	text := w.paragraph.String()
	w.paragraph.Reset()
	if w.depth > 0 {
		w.cell = append(w.cell, text)
		return
	}
	w.typist.line(text)
}

func (w *wordText) endCell() {
	if w.depth == 1 && len(w.row) < maxCells {
		w.row = append(w.row, strings.TrimSpace(strings.Join(w.cell, " ")))
		w.cell = nil
	}
}

func (w *wordText) endRow() {
	if w.depth == 1 {
		w.typist.cells(w.row)
	}
	w.depth = max(w.depth-1, 0)
}
