package parse

import (
	"cmp"
	"math"
	"slices"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/structs"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// drawing is what a page shows beside text.
type drawing struct {
	rules    []reader.Rule
	pictures []models.Box
	fills    []fill
	covered  []models.Box // text under a picture that lets nothing through
	paths    int
	segments int // of the paths, but thin ones
	objects  int
}

// fill is a coloured area.
type fill struct {
	box models.Box
	ink ink
}

// The most that is looked at on a page: a drawing of more is no table.
const (
	maxObjects  = 20_000
	maxSegments = 5_000
	maxDepth    = 3 // of forms within forms
)

// walk goes through a page's objects in the order in which they are painted.
type walk struct {
	*sheet
	texts []models.Box // of the text objects so far, where a picture may cover them
}

// readDrawing looks at the page's objects.
func (s *sheet) readDrawing() error {
	counted, err := s.pdfium.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: s.at()})
	if err != nil {
		return err
	}
	w := walk{sheet: s}
	objects := make([]references.FPDF_PAGEOBJECT, 0, min(counted.Count, maxObjects))
	for i := range min(counted.Count, maxObjects) {
		object, err := s.pdfium.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: s.at(), Index: i})
		if err != nil {
			continue // a broken object hides none of the others
		}
		objects = append(objects, object.PageObject)
	}
	w.all(objects, matrix{a: 1, d: 1}, 0)
	return nil
}

// all goes through objects; those of a form stand in its own space, which form
// turns into the page's.
func (w *walk) all(objects []references.FPDF_PAGEOBJECT, form matrix, depth int) {
	kinds := make([]enums.FPDF_PAGEOBJ, len(objects))
	lastPicture := -1
	for i, object := range objects {
		kind, err := w.pdfium.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: object})
		if err != nil {
			continue
		}
		if kinds[i] = kind.Type; kind.Type == enums.FPDF_PAGEOBJ_IMAGE {
			lastPicture = i
		}
	}
	w.drawn.objects += len(objects)
	for i, object := range objects {
		switch kinds[i] {
		case enums.FPDF_PAGEOBJ_TEXT:
			if i < lastPicture {
				if box, ok := w.bounds(object, form); ok {
					w.texts = append(w.texts, box)
				}
			}
		case enums.FPDF_PAGEOBJ_IMAGE:
			w.picture(object, form)
		case enums.FPDF_PAGEOBJ_PATH:
			w.drawn.paths++
			w.path(object, form)
		case enums.FPDF_PAGEOBJ_FORM:
			w.form(object, form, depth)
		case enums.FPDF_PAGEOBJ_UNKNOWN, enums.FPDF_PAGEOBJ_SHADING:
		}
	}
}

func (w *walk) form(object references.FPDF_PAGEOBJECT, form matrix, depth int) {
	counted, err := w.pdfium.FPDFFormObj_CountObjects(&requests.FPDFFormObj_CountObjects{PageObject: object})
	if err != nil || depth == maxDepth {
		return
	}
	own, err := w.pdfium.FPDFPageObj_GetMatrix(&requests.FPDFPageObj_GetMatrix{PageObject: object})
	if err != nil {
		return
	}
	var objects []references.FPDF_PAGEOBJECT
	for i := range counted.Count {
		if w.drawn.objects+len(objects) >= maxObjects {
			break
		}
		inner, err := w.pdfium.FPDFFormObj_GetObject(&requests.FPDFFormObj_GetObject{PageObject: object, Index: uint64(i)})
		if err == nil {
			objects = append(objects, inner.PageObject)
		}
	}
	w.all(objects, newMatrix(own.Matrix).then(form), depth+1)
}

// bounds is an object's box on the page as it is seen.
func (w *walk) bounds(object references.FPDF_PAGEOBJECT, form matrix) (models.Box, bool) {
	b, err := w.pdfium.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: object})
	if err != nil {
		return models.Box{}, false
	}
	x0, y0 := form.apply(float64(b.Left), float64(b.Bottom))
	x1, y1 := form.apply(float64(b.Right), float64(b.Top))
	return w.place.box(x0, y0, x1, y1), true
}

func (w *walk) picture(object references.FPDF_PAGEOBJECT, form matrix) {
	box, ok := w.bounds(object, form)
	if !ok {
		return
	}
	w.drawn.pictures = append(w.drawn.pictures, box)
	glass, err := w.pdfium.FPDFPageObj_HasTransparency(&requests.FPDFPageObj_HasTransparency{PageObject: object})
	if err != nil || glass.HasTransparency {
		return
	}
	for _, text := range w.texts {
		if overlap(text, box) >= 0.9*text.Width*text.Height {
			w.drawn.covered = append(w.drawn.covered, text)
		}
	}
}

// overlap is the area that two boxes share.
func overlap(a, b models.Box) float64 {
	width := min(a.Right(), b.Right()) - max(a.X, b.X)
	height := min(a.Bottom(), b.Bottom()) - max(a.Y, b.Y)
	return max(width, 0) * max(height, 0)
}

// What a path must be to be a ruling, in points.
const (
	maxThick  = 3   // a line's width, of which many are drawn as thin rectangles
	minLength = 6   // under it, it is part of a letter or a symbol
	slack     = 0.5 // by how much a line may lean
	boxParts  = 13  // segments of a rectangle with rounded corners
	backdrop  = 0.9 // share of the page, from which a box frames nothing
)

// path finds the rulings of a path: thin rectangles, frames, and lines along
// the page or across it.
func (w *walk) path(object references.FPDF_PAGEOBJECT, form matrix) {
	box, ok := w.bounds(object, form)
	mode, err := w.pdfium.FPDFPath_GetDrawMode(&requests.FPDFPath_GetDrawMode{PageObject: object})
	filled := err == nil && mode.FillMode != enums.FPDF_FILLMODE_NONE
	if !ok || err != nil || !filled && !mode.Stroke {
		return // it clips what comes after it
	}
	width, height := box.Width*w.place.width, box.Height*w.place.height
	switch {
	case width <= maxThick && height <= maxThick:
	case height <= maxThick:
		w.rule(reader.Rule{At: box.Y + box.Height/2, From: box.X, To: box.Right()})
	case width <= maxThick:
		w.rule(reader.Rule{Vertical: true, At: box.X + box.Width/2, From: box.Y, To: box.Bottom()})
	default:
		seen := mode.Stroke
		if filled {
			seen = w.fill(object, box) || seen
		}
		if seen && box.Width*box.Height < backdrop {
			w.outline(object, form, box)
		}
	}
}

// fill notes a coloured area and says whether it shows on paper.
func (w *walk) fill(object references.FPDF_PAGEOBJECT, box models.Box) bool {
	c, err := w.pdfium.FPDFPageObj_GetFillColor(&requests.FPDFPageObj_GetFillColor{PageObject: object})
	if err != nil {
		return false
	}
	f := fill{box, newInk(c.FillColor.R, c.FillColor.G, c.FillColor.B, c.FillColor.A)}
	w.drawn.fills = append(w.drawn.fills, f)
	return f.ink.a > 0 && f.ink.distance(paper()) > 0
}

// outline takes a path of a rectangle's few parts for a frame, and of any other
// the straight parts that run along the page or across it.
func (w *walk) outline(object references.FPDF_PAGEOBJECT, form matrix, box models.Box) {
	counted, err := w.pdfium.FPDFPath_CountSegments(&requests.FPDFPath_CountSegments{PageObject: object})
	if err != nil {
		return
	}
	w.drawn.segments += counted.Count
	if w.drawn.segments > maxSegments {
		return
	}
	own, err := w.pdfium.FPDFPageObj_GetMatrix(&requests.FPDFPageObj_GetMatrix{PageObject: object})
	if err != nil {
		return
	}
	if counted.Count >= 4 && counted.Count <= boxParts && w.isFrame(object, counted.Count) {
		w.rule(reader.Rule{At: box.Y, From: box.X, To: box.Right()})
		w.rule(reader.Rule{At: box.Bottom(), From: box.X, To: box.Right()})
		w.rule(reader.Rule{Vertical: true, At: box.X, From: box.Y, To: box.Bottom()})
		w.rule(reader.Rule{Vertical: true, At: box.Right(), From: box.Y, To: box.Bottom()})
		return
	}
	toPage := newMatrix(own.Matrix).then(form)
	var x, y float64
	for i := range counted.Count {
		kind, toX, toY, ok := w.segment(object, i)
		if !ok {
			return
		}
		toX, toY = w.place.point(toPage.apply(toX, toY))
		if kind == enums.FPDF_SEGMENT_LINETO {
			w.straight(x, y, toX, toY)
		}
		x, y = toX, toY
	}
}

// isFrame says whether the path is one rectangle: it begins once, and each
// straight part keeps either x or y.
func (w *walk) isFrame(object references.FPDF_PAGEOBJECT, count int) bool {
	var x, y float64
	straight := 0
	for i := range count {
		kind, toX, toY, ok := w.segment(object, i)
		if !ok || kind == enums.FPDF_SEGMENT_MOVETO && i > 0 {
			return false
		}
		if kind == enums.FPDF_SEGMENT_LINETO {
			if math.Abs(toX-x) > slack && math.Abs(toY-y) > slack {
				return false
			}
			straight++
		}
		x, y = toX, toY
	}
	return straight >= 3
}

func (w *walk) segment(object references.FPDF_PAGEOBJECT, index int) (kind enums.FPDF_SEGMENT, x, y float64, ok bool) {
	s, err := w.pdfium.FPDFPath_GetPathSegment(&requests.FPDFPath_GetPathSegment{PageObject: object, Index: index})
	if err != nil {
		return 0, 0, 0, false
	}
	t, err := w.pdfium.FPDFPathSegment_GetType(&requests.FPDFPathSegment_GetType{PathSegment: s.PathSegment})
	if err != nil {
		return 0, 0, 0, false
	}
	p, err := w.pdfium.FPDFPathSegment_GetPoint(&requests.FPDFPathSegment_GetPoint{PathSegment: s.PathSegment})
	if err != nil {
		return 0, 0, 0, false
	}
	return t.Type, float64(p.X), float64(p.Y), true
}

func (w *walk) straight(x0, y0, x1, y1 float64) {
	switch {
	case math.Abs(y1-y0)*w.place.height <= slack:
		w.rule(reader.Rule{At: (y0 + y1) / 2, From: min(x0, x1), To: max(x0, x1)})
	case math.Abs(x1-x0)*w.place.width <= slack:
		w.rule(reader.Rule{Vertical: true, At: (x0 + x1) / 2, From: min(y0, y1), To: max(y0, y1)})
	}
}

// rule keeps what is on the page and long enough.
func (w *walk) rule(r reader.Rule) {
	r.From, r.To = max(r.From, 0), min(r.To, 1)
	length := (r.To - r.From) * w.place.width
	if r.Vertical {
		length = (r.To - r.From) * w.place.height
	}
	if length >= minLength && r.At >= 0 && r.At <= 1 {
		w.drawn.rules = append(w.drawn.rules, r)
	}
}

// joinRules makes one of rules that lie on each other or continue one another:
// many programs frame each cell by itself.
func joinRules(rules []reader.Rule, width, height float64) []reader.Rule {
	near := func(vertical bool) (at, along float64) {
		if vertical {
			return 1 / width, 2 / height // a point beside it, two along it
		}
		return 1 / height, 2 / width
	}
	slices.SortFunc(rules, func(a, b reader.Rule) int {
		if a.Vertical != b.Vertical {
			return map[bool]int{false: -1, true: 1}[a.Vertical]
		}
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.From, b.From))
	})
	var joined []reader.Rule
	for _, r := range rules {
		at, along := near(r.Vertical)
		merged := false
		for i := len(joined) - 1; i >= 0 && joined[i].Vertical == r.Vertical && r.At-joined[i].At <= at; i-- {
			if j := &joined[i]; r.From <= j.To+along && r.To >= j.From-along {
				j.From, j.To, merged = min(j.From, r.From), max(j.To, r.To), true
				break
			}
		}
		if !merged {
			joined = append(joined, r)
		}
	}
	return joined
}

// matrix is an affine map (ISO 32000-1, 8.3.3).
type matrix struct{ a, b, c, d, e, f float64 }

func newMatrix(m structs.FPDF_FS_MATRIX) matrix {
	return matrix{float64(m.A), float64(m.B), float64(m.C), float64(m.D), float64(m.E), float64(m.F)}
}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m.a*x + m.c*y + m.e, m.b*x + m.d*y + m.f
}

// then is m followed by o.
func (m matrix) then(o matrix) matrix {
	return matrix{
		m.a*o.a + m.b*o.c, m.a*o.b + m.b*o.d,
		m.c*o.a + m.d*o.c, m.c*o.b + m.d*o.d,
		m.e*o.a + m.f*o.c + o.e, m.e*o.b + m.f*o.d + o.f,
	}
}
