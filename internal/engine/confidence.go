package engine

import "decoded.digital/extractor/models"

// Confidence is calibrated: of the values that claim 0.9, nine in ten should be
// right. The lines below were fitted on labelled documents of six kinds (see
// docs/accuracy.md) by how a value was found; they hold no word of them.
//
// What a scan read is less sure: a number by little, for it is short and sums
// confirm it, a text by more, for each of its letters must be right, and by far
// where its letters could hardly be told.
const (
	provenConfidence = 0.985
	scannedNumber    = 0.95
)

// confidence is how sure a value is: 0 to 1.
func (x *extraction) confidence(c *candidate) float64 {
	sure := byMethod(c)
	if c.proof {
		sure = provenConfidence
	}
	if !c.line.page.source.Scanned {
		return sure
	}
	text, isText := c.value.(string)
	if isText && !isDay(text) {
		return sure * slope(c.line.legible(c.boxes), 0.8, 0.96, 0.5, 0.88)
	}
	return sure * scannedNumber
}

// byMethod is how often what was found this way, with this score, is right.
func byMethod(c *candidate) float64 {
	_, isText := c.value.(string)
	switch c.method {
	case models.MethodTable:
		if isText {
			return 0.93
		}
		return 0.97
	case models.MethodPosition:
		return slope(c.score, 0.4, 0.85, 0.88, 0.96)
	case models.MethodSentence:
		if c.several {
			return slope(c.score, 0.5, 0.75, 0.57, 0.62)
		}
		return slope(c.score, 0.45, 0.9, 0.4, 0.95)
	case models.MethodLabel, models.MethodPattern, models.MethodEmbedded, models.MethodModel, models.MethodUngrounded:
	}
	return slope(c.score, 0.3, 1, 0.85, 0.985)
}

// slope draws a line from (x0, y0) to (x1, y1), level outside of it.
func slope(x, x0, x1, y0, y1 float64) float64 {
	x = min(max(x, x0), x1)
	return y0 + (y1-y0)*(x-x0)/(x1-x0)
}
