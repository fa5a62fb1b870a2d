package parse

import (
	"context"
	"errors"
	"image"
	"math"
	"strings"
	"unicode"

	"decoded.digital/extractor/internal/ocr"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// When a page of a PDF is read from its picture.
const (
	fewLetters   = 80  // under which a page's own text is but a stamp or a footer
	somePicture  = 0.1 // share of the page: what may hold text
	mostlyDrawn  = 0.7 // share of the page: text may be part of the picture
	halfDrawn    = 0.5 // likewise, where the text on it is invisible
	manyPaths    = 100 // text may have been turned into outlines
	somePaths    = 5   // likewise, where there is no letter
	someSegments = 50  // likewise
	mostLost     = 0.3 // of the characters
	likeness     = 0.5 // share of a word's letters in which picture and layer must agree
	scanDPI      = 200
	maxScanInk   = 16_000_000 // pixels
	maxRenderInk = 2_000_000  // pixels, to look for ink alone
)

// pictured says whether the page must be read from its picture: its own text is
// absent or poor, or pictures cover it.
func (s *sheet) pictured(page *reader.Page, suspects []suspicion) bool {
	letters, layers := 0, 0
	for i := range page.Words {
		switch suspects[i] {
		case seen, pale:
			letters += len([]rune(page.Words[i].Text))
		case layered:
			layers++
		case unseen:
		}
	}
	share := 0.0
	for _, p := range s.drawn.pictures {
		share += overlap(p, models.Box{Width: 1, Height: 1})
	}
	switch {
	case share >= mostlyDrawn, layers > 0 && share >= halfDrawn:
		return true
	case float64(s.lost) > mostLost*float64(letters+s.lost):
		return true
	case letters == 0:
		return share > 0 || s.drawn.paths >= somePaths || s.drawn.segments >= someSegments
	}
	return letters < fewLetters && (share >= somePicture || s.drawn.paths >= manyPaths)
}

// dpi is the resolution at which a page is drawn, less where that would be more
// than most pixels.
func (s *sheet) dpi(wanted, most int) int {
	limit := math.Sqrt(float64(most) / (s.place.width * s.place.height / 72 / 72))
	return max(min(wanted, int(limit)), 1)
}

// readPictured reads a page from its picture and joins the words that the file
// has of it.
func (r *Reader) readPictured(ctx context.Context, s *sheet, page *reader.Page, suspects []suspicion) error {
	dpi := s.dpi(scanDPI, maxScanInk)
	picture, release, err := s.render(dpi)
	if err != nil {
		return broken(err)
	}
	defer release()
	for i := range page.Words {
		if suspects[i] == pale && contrast(picture, page.Words[i].Box) < lowInk {
			suspects[i] = unseen
		}
	}
	result, err := r.pictures.Read(ctx, picture, float64(dpi))
	if errors.Is(err, ocr.ErrNoReader) {
		page.Scanned = true
		return s.hide(page, suspects) // what the file says is better than nothing
	}
	if err != nil {
		return err
	}
	layer := page.Words
	place(page, result)
	page.Words = joinLayer(page, layer, suspects)
	return nil
}

// place puts what was read of a picture onto its page, and stands the page
// upright.
func place(page *reader.Page, result ocr.Result) {
	if result.Turn%180 != 0 {
		page.Width, page.Height = page.Height, page.Width
	}
	page.Turn, page.Skew, page.Scanned = result.Turn, result.Skew, true
	page.Words = make([]reader.Word, 0, len(result.Words))
	width, height := float64(max(result.Width, 1)), float64(max(result.Height, 1))
	for _, w := range result.Words {
		text := printable(w.Text)
		if text == "" {
			continue
		}
		box := models.Box{
			X: float64(w.Box.Min.X) / width, Y: float64(w.Box.Min.Y) / height,
			Width: float64(w.Box.Dx()) / width, Height: float64(w.Box.Dy()) / height,
		}
		page.Words = append(page.Words, reader.Word{
			Text: text, Alternative: printable(w.Alternative), Box: box, Line: w.Line,
			Confidence: w.Confidence, Size: box.Height * page.Height,
		})
	}
}

// joinLayer joins the words of the picture, which are the page's, with those of
// the file. Words that stand on the page are better than what was read of their
// picture. Words that were laid under the picture, or invisibly over it, count
// where the picture says the same; where it does not, they are hidden.
func joinLayer(page *reader.Page, layer []reader.Word, suspects []suspicion) []reader.Word {
	drop := make([]bool, len(page.Words))
	words := make([]reader.Word, 0, len(page.Words)+len(layer))
	letters := 0
	for i, w := range layer {
		w.Box = page.Upright(w.Box)
		under := inBox(page.Words, w.Box)
		switch {
		case suspects[i] == unseen:
			w.Hidden = true
		case suspects[i] != layered:
			letters += len(w.Text)
		default:
			alike := similarity(w.Text, textOf(page.Words, under))
			w.Hidden = alike < likeness
			if !w.Hidden && alike < 1 {
				continue // the picture is what a reader sees
			}
		}
		if !w.Hidden {
			for _, j := range under {
				drop[j] = true
			}
		}
		words = append(words, w)
	}
	read := 0
	for i, w := range page.Words {
		if !drop[i] {
			words = append(words, w)
			read += len(w.Text)
		}
	}
	page.Scanned = letters < read
	return words
}

func textOf(words []reader.Word, indices []int) string {
	var text strings.Builder
	for _, i := range indices {
		text.WriteString(words[i].Text)
	}
	return text.String()
}

// similarity is 1 less the share of letters and digits that must be changed to
// make one text of the other (Levenshtein's distance).
func similarity(a, b string) float64 {
	x, y := letters(a), letters(b)
	longer := max(len(x), len(y))
	if longer == 0 {
		return 1
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return 1 - float64(row[len(y)])/float64(longer)
}

func letters(text string) []rune {
	var out []rune
	for _, r := range strings.ToLower(text) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, r)
		}
	}
	return out
}

// pictureReader is what reads pictures: *ocr.Reader.
type pictureReader interface {
	Warm(ctx context.Context) error
	Read(ctx context.Context, picture image.Image, dpi float64) (ocr.Result, error)
	Close() error
}
