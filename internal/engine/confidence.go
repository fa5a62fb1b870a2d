package engine

// confidence is how sure a value is: its score, calibrated, and never surer
// than its characters.
func (x *extraction) confidence(c *candidate) float64 {
	return min(c.score, 0.99)
}
