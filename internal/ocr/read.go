package ocr

import (
	"context"
)

// words reads an upright picture with the readers that are there.
func (r *Reader) words(ctx context.Context, up upright, dpi float64) ([]Word, error) {
	var strips []strip
	if r.paddle != nil {
		var err error
		if strips, err = r.paddle.read(ctx, up.page, up.found); err != nil {
			return nil, err
		}
		if len(strips) == 0 && len(up.found) == 0 { // what it sees nothing in is not worth a process
			return nil, nil
		}
	}
	var read []token
	if r.tesseract != "" {
		languages := r.chooseLanguages(strips)
		var err error
		if read, err = runTesseract(ctx, r.tesseract, up.page, layoutMode(up), languages, dpi); err != nil {
			return nil, err
		}
	}
	return join(strips, read, up.page.Rect), nil
}

// layoutMode is the way in which tesseract looks at a page: lines that are long
// in characters are a full page, with its columns and tables.
func layoutMode(up upright) int {
	return oneBlock
}

// chooseLanguages are those that tesseract reads with.
func (r *Reader) chooseLanguages(strips []strip) []string {
	return []string{"eng"}
}
