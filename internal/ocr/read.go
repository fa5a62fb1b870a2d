package ocr

import (
	"cmp"
	"context"
	"image"
	"slices"
	"strings"
)

const (
	longLines = 24  // line heights that a page's text is wide, from which it is a full page
	upturned  = 0.6 // mean confidence of tesseract under which a page may stand otherwise
)

// words reads an upright picture with the readers that are there, and says how
// it stands where tesseract alone can.
func (r *Reader) words(ctx context.Context, up upright, dpi float64) ([]Word, upright, error) {
	if r.paddle == nil {
		return r.tesseractWords(ctx, up, dpi)
	}
	strips, err := r.paddle.read(ctx, up.page, up.found)
	if err != nil || len(strips) == 0 || !r.hasTesseract() { // where PP-OCR sees nothing tesseract sees specks
		return join(strips, nil, up.page.Rect), up, err
	}
	languages := chooseLanguages(textOf(strips), r.languages)
	tokens, err := runTesseract(ctx, r.tesseract, up.page, layoutMode(up), languages, dpi)
	if err != nil {
		return nil, up, err
	}
	return join(strips, tokens, up.page.Rect), up, nil
}

// hasTesseract says whether tesseract is there with a language.
func (r *Reader) hasTesseract() bool { return r.tesseract != "" && len(r.languages) > 0 }

// tesseractWords reads with tesseract alone: in the other ways that a page can
// stand, too, where it is not sure.
func (r *Reader) tesseractWords(ctx context.Context, up upright, dpi float64) ([]Word, upright, error) {
	ways := []upright{up, up.quarter(2)}
	if up.sided {
		ways = []upright{up.quarter(1), up.quarter(3), up, up.quarter(2)}
	}
	var best []token
	for i, way := range ways {
		tokens, err := runTesseract(ctx, r.tesseract, way.page, fullPage, chooseLanguages("", r.languages), dpi)
		if err != nil {
			return nil, up, err
		}
		if i == 0 || sureLetters(tokens) > sureLetters(best) {
			best, up = tokens, way
		}
		if len(best) == 0 && i == 0 && !up.sided || meanSure(best) >= upturned {
			break
		}
	}
	var text strings.Builder
	for _, t := range best {
		text.WriteString(t.Text + " ")
	}
	if languages := chooseLanguages(text.String(), r.languages); len(languages) > 1 {
		tokens, err := runTesseract(ctx, r.tesseract, up.page, fullPage, languages, dpi)
		if err != nil {
			return nil, up, err
		}
		best = tokens
	}
	return join(nil, best, up.page.Rect), up, nil
}

// sureLetters is how many characters tokens have, each as much as it is sure.
func sureLetters(tokens []token) float64 {
	sum := 0.0
	for _, t := range tokens {
		sum += t.Sure * float64(len([]rune(t.Text)))
	}
	return sum
}

func meanSure(tokens []token) float64 {
	count := 0
	for _, t := range tokens {
		count += len([]rune(t.Text))
	}
	return sureLetters(tokens) / float64(max(count, 1))
}

// layoutMode is the way in which tesseract looks at a page: where lines are long
// for their height there are columns and tables; a receipt is one block.
func layoutMode(up upright) int {
	if len(up.found) == 0 {
		return fullPage
	}
	all := up.found[0]
	for _, b := range up.found {
		all = all.Union(b)
	}
	heights := slices.Clone(up.found)
	slices.SortFunc(heights, func(a, b image.Rectangle) int { return cmp.Compare(a.Dy(), b.Dy()) })
	if all.Dx() > longLines*heights[len(heights)/2].Dy() {
		return fullPage
	}
	return oneBlock
}

// textOf is what PP-OCR read, a line a strip.
func textOf(strips []strip) string {
	var text strings.Builder
	for _, s := range strips {
		for _, g := range s.Glyphs {
			text.WriteRune(g.Rune)
		}
		text.WriteByte('\n')
	}
	return text.String()
}
