package parse

import (
	"strings"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// The paper onto which text without pages is laid, in characters and lines: A4,
// typed.
const (
	columns     = 120
	rows        = 66
	paperWidth  = 595 // points
	paperHeight = 842
	typeSize    = 10 // points
)

// typist lays text out on pages, in a grid of characters.
type typist struct {
	pages []reader.Page
	row   int // of the page, from 0
	full  bool
}

// line types one line, which may be longer than the paper is wide.
func (t *typist) line(text string) {
	t.cells([]string{text})
}

// cells types the cells of a table's row beside each other, each in a column of
// its own; a single one has the paper's width. Words that find no room in their
// column go to its next row.
func (t *typist) cells(cells []string) {
	width := columns / max(len(cells), 1)
	columnsOf := make([][]string, len(cells))
	height := 1
	for i, cell := range cells {
		columnsOf[i] = wrap(cell, max(width-1, 1))
		height = max(height, len(columnsOf[i]))
	}
	for r := range height {
		t.newRow()
		if t.full {
			return
		}
		for i, lines := range columnsOf {
			if r < len(lines) {
				t.put(lines[r], i*width)
			}
		}
	}
}

func (t *typist) newRow() {
	t.row++
	if len(t.pages) > 0 && t.row < rows {
		return
	}
	if t.full = len(t.pages) == MaxPages; !t.full {
		t.row = 0
		t.pages = append(t.pages, reader.Page{Number: len(t.pages) + 1, Width: paperWidth, Height: paperHeight, Words: []reader.Word{}})
	}
}

// breakPage begins a new page with the next row.
func (t *typist) breakPage() { t.row = rows }

// put types text at a column of the row.
func (t *typist) put(text string, column int) {
	page := &t.pages[len(t.pages)-1]
	for part := range strings.SplitSeq(text, " ") {
		width := len([]rune(part))
		if width > 0 {
			page.Words = append(page.Words, reader.Word{Text: part, Size: typeSize, Confidence: 1, Line: t.row + 1, Box: models.Box{
				X: min(float64(column)/columns, 1), Y: float64(t.row) / rows, Width: float64(width) / columns, Height: 1.0 / rows,
			}})
		}
		column += width + 1
	}
}

// tabStop is how far a tabulator leads, in characters.
const tabStop = 8

// wrap breaks text into lines of at most width characters, between words where
// it can; spaces within a line keep their number, because they align.
func wrap(text string, width int) []string {
	var lines []string
	line := []rune(expand(text))
	for len(line) > width {
		end := width
		for end > 0 && line[end] != ' ' {
			end--
		}
		if end == 0 {
			end = width
		}
		lines = append(lines, string(line[:end]))
		for end < len(line) && line[end] == ' ' {
			end++
		}
		line = line[end:]
	}
	return append(lines, string(line))
}

// expand turns tabulators into spaces and leaves out what prints nothing.
func expand(text string) string {
	var out strings.Builder
	column := 0
	for part := range strings.SplitAfterSeq(text, "\t") {
		for i, word := range strings.Split(strings.TrimSuffix(part, "\t"), " ") {
			if i > 0 {
				out.WriteByte(' ')
				column++
			}
			word = printable(word)
			out.WriteString(word)
			column += len([]rune(word))
		}
		if strings.HasSuffix(part, "\t") {
			n := tabStop - column%tabStop
			out.WriteString(strings.Repeat(" ", n))
			column += n
		}
	}
	return out.String()
}
