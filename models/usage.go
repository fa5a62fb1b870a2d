package models

// Usage is what a language model took for one extraction, over all calls of the
// step that succeeded.
type Usage struct {
	Model        string `json:"model"` // as the provider names it in its answer
	Calls        int    `json:"calls"`
	InputTokens  int64  `json:"inputTokens"`
	OutputTokens int64  `json:"outputTokens"`
	// Cost is in the currency of the configured prices; nil where none are.
	Cost *float64 `json:"cost"`
}
