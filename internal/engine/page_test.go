package engine

import (
	"strings"
	"testing"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// layout makes a page of lines in a fixed grid: each rune is one column wide,
// two spaces or more part what does not belong together.
func layout(number int, lines ...string) reader.Page {
	const columns, rows = 100.0, 60.0
	page := reader.Page{Number: number, Width: 595, Height: 842}
	for row, line := range lines {
		column := 0
		for part := range strings.SplitSeq(line, " ") {
			width := len([]rune(part))
			if width > 0 {
				page.Words = append(page.Words, reader.Word{Text: part, Size: 8, Box: models.Box{
					X: float64(column) / columns, Y: float64(row) / rows, Width: float64(width) / columns, Height: 0.4 / rows,
				}})
			}
			column += width + 1
		}
	}
	return page
}

func field(key string, kind models.FieldType, children ...models.Field) models.Field {
	return models.Field{Key: key, Type: kind, Description: strings.ReplaceAll(key, "_", " "), Children: children}
}

func extract(t *testing.T, pages []reader.Page, fields ...models.Field) Result {
	t.Helper()
	result, err := New().Extract(t.Context(), &reader.Document{Pages: pages}, &models.Document{Name: "Test", Fields: fields}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return result
}
