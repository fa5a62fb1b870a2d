package parse

import (
	"strings"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// widget is a field of a form on the page (ISO 32000-1, 12.7).
type widget struct {
	left, bottom, right, top float64 // in the PDF's own space
	value                    string  // what was filled in, of a text field
	state                    string  // the appearance that is chosen, of a check box or radio button
}

// The words that a check box is read as.
const (
	ticked   = "☒"
	unticked = "☐"
)

const maxWidgets = 5000

// readWidgets lists the page's form fields; what is broken is left out.
func (s *sheet) readWidgets() []widget {
	counted, err := s.pdfium.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: s.at()})
	if err != nil {
		return nil
	}
	var widgets []widget
	for i := range min(counted.Count, maxWidgets) {
		found, err := s.pdfium.FPDFPage_GetAnnot(&requests.FPDFPage_GetAnnot{Page: s.at(), Index: i})
		if err != nil {
			continue
		}
		kind, err := s.pdfium.FPDFAnnot_GetSubtype(&requests.FPDFAnnot_GetSubtype{Annotation: found.Annotation})
		if err == nil && kind.Subtype == enums.FPDF_ANNOT_SUBTYPE_WIDGET {
			if rect, err := s.pdfium.FPDFAnnot_GetRect(&requests.FPDFAnnot_GetRect{Annotation: found.Annotation}); err == nil {
				widgets = append(widgets, widget{
					left: float64(rect.Rect.Left), bottom: float64(rect.Rect.Bottom), right: float64(rect.Rect.Right), top: float64(rect.Rect.Top),
					value: s.entry(found.Annotation, "V"), state: s.entry(found.Annotation, "AS"),
				})
			}
		}
		if _, err := s.pdfium.FPDFPage_CloseAnnot(&requests.FPDFPage_CloseAnnot{Annotation: found.Annotation}); err != nil {
			return widgets
		}
	}
	return widgets
}

func (s *sheet) entry(annotation references.FPDF_ANNOTATION, key string) string {
	found, err := s.pdfium.FPDFAnnot_GetStringValue(&requests.FPDFAnnot_GetStringValue{Annotation: annotation, Key: key})
	if err != nil {
		return ""
	}
	return found.Value
}

// addWidgets adds a word for each check box, in place of the sign that is drawn
// in it, and the value of a field whose program drew none.
func (s *sheet) addWidgets(page *reader.Page, suspects []suspicion, widgets []widget) []suspicion {
	add := func(w reader.Word) {
		w.Confidence = 1
		page.Words, suspects = append(page.Words, w), append(suspects, seen)
	}
	for _, w := range widgets {
		box := s.place.box(w.left, w.bottom, w.right, w.top)
		inside := inBox(page.Words, box)
		switch {
		case w.state != "":
			for _, i := range inside {
				suspects[i] = unseen // the sign itself, a letter of a font of signs
			}
			add(reader.Word{Text: map[bool]string{true: unticked, false: ticked}[w.state == "Off"], Box: box})
		case len(inside) == 0:
			parts := strings.Fields(w.value)
			for i, part := range parts {
				share := box
				share.X += box.Width * float64(i) / float64(len(parts))
				share.Width /= float64(len(parts))
				add(reader.Word{Text: part, Box: share})
			}
		}
	}
	return suspects
}

// inBox lists the words whose middle is in a box.
func inBox(words []reader.Word, box models.Box) []int {
	var found []int
	for i := range words {
		b := words[i].Box
		if within(box, b.X+b.Width/2, b.Y+b.Height/2) {
			found = append(found, i)
		}
	}
	return found
}
