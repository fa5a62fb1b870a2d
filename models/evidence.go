package models

import (
	"math"
	"slices"
)

// Evidence says where a value stands, keyed by the value's path
// (lines[0].description). A value that was not found has a Reason instead.
type Evidence struct {
	Confidence float64       `json:"confidence,omitempty"` // 0 to 1
	Page       int           `json:"page,omitempty"`       // from 1
	Box        *Box          `json:"box,omitempty"`
	Text       string        `json:"text,omitempty"` // the words as they stand
	Method     Method        `json:"method,omitempty"`
	Reason     Reason        `json:"reason,omitempty"`
	Candidates []EvidenceHit `json:"candidates,omitempty"`
}

// Rounded is the evidence without digits that mean nothing: a confidence to a
// thousandth, a place to a hundred thousandth of the page, which is less than a
// pixel.
func (e Evidence) Rounded() Evidence {
	e.Confidence = round(e.Confidence, 1e3)
	e.Box = e.Box.rounded()
	e.Candidates = slices.Clone(e.Candidates)
	for i := range e.Candidates {
		e.Candidates[i].Box = e.Candidates[i].Box.rounded()
	}
	return e
}

func (b *Box) rounded() *Box {
	if b == nil {
		return nil
	}
	const fine = 1e5
	return &Box{X: round(b.X, fine), Y: round(b.Y, fine), Width: round(b.Width, fine), Height: round(b.Height, fine)}
}

func round(value, fine float64) float64 { return math.Round(value*fine) / fine }

// EvidenceHit is a place that was considered for a value that stayed null.
type EvidenceHit struct {
	Page int    `json:"page"`
	Box  *Box   `json:"box,omitempty"`
	Text string `json:"text"`
}

// Box is a rectangle in shares of the page (0 to 1) from its top left.
type Box struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// Union is the smallest box around both.
func (b Box) Union(o Box) Box {
	x, y := min(b.X, o.X), min(b.Y, o.Y)
	return Box{X: x, Y: y, Width: max(b.Right(), o.Right()) - x, Height: max(b.Bottom(), o.Bottom()) - y}
}

// Right is the x of the right edge.
func (b Box) Right() float64 { return b.X + b.Width }

// Bottom is the y of the lower edge.
func (b Box) Bottom() float64 { return b.Y + b.Height }

// Method is how a value was found.
type Method string

// The methods of the built-in engine.
const (
	MethodLabel    Method = "label"    // beside or under a label that says what the field says
	MethodTable    Method = "table"    // in a table's column
	MethodPattern  Method = "pattern"  // by the form of the value itself (IBAN, VAT id)
	MethodPosition Method = "position" // by its place on the page (letterhead, address window)
	MethodSentence Method = "sentence" // by the words around it in a sentence
	MethodEmbedded Method = "embedded" // in the invoice data inside the PDF
)

// Reason is why a value is null.
type Reason string

// The reasons.
const (
	ReasonNotFound     Reason = "not-found"     // nothing on the page says it
	ReasonAmbiguous    Reason = "ambiguous"     // several places do, and differ
	ReasonUnreadable   Reason = "unreadable"    // the place is there, its text is not readable
	ReasonTypeMismatch Reason = "type-mismatch" // a value stands there that is not of the field's type
)

// Check is a sum that was tried on the extracted values.
type Check struct {
	Rule       string  `json:"rule"` // sum(lines.amount) = subtotal
	OK         bool    `json:"ok"`
	Difference float64 `json:"difference"`
}

// The methods of a language model. What it answers is looked for on the pages
// afterwards.
const (
	MethodModel      Method = "model"      // it stands where the box says
	MethodUngrounded Method = "ungrounded" // it stands nowhere; confidence is at most MaxUngrounded
)

// MaxUngrounded is the most confidence that a value has which stands nowhere.
const MaxUngrounded = 0.5
