// Package llm speaks with the providers of language models: one structured
// completion each call. What is asked, and what the answer is worth, stands in
// internal/understand.
package llm

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// The providers.
const (
	OpenAI      = "openai" // and every server that speaks its protocol
	AzureOpenAI = "azure-openai"
	Anthropic   = "anthropic"
)

// Client makes one completion. It never tries again by itself: the workflow
// does, and knows the provider's limits. Its errors are models.Error with the
// failure type that the workflow decides by, or ErrTooLong or ErrSchema.
type Client interface {
	Complete(ctx context.Context, r *Request) (*Answer, error)
	// Limits is what a schema may have to be followed strictly.
	Limits() Limits
}

// Request asks for one JSON object.
type Request struct {
	Instructions string          // ours alone; nothing of a document
	Parts        []Part          // the document
	Schema       json.RawMessage // of the answer; see Schema
	// Loose asks without strict mode, for schemas that a provider refuses: the
	// instructions carry the schema, and the answer needs more checking.
	Loose     bool
	MaxTokens int     // of the answer
	Repair    *Repair // nil on the first try
}

// Part is a piece of the document: text, or a picture.
type Part struct {
	Text    string
	Picture []byte // PNG or JPEG; nil: Text is the part
	Type    string // the picture's MIME type
}

// Repair is an answer that could not be used, and what is wrong with it.
type Repair struct{ Answer, Complaint string }

// Answer is what came back.
type Answer struct {
	Text         string
	Stop         Stop
	Model        string
	InputTokens  int64
	OutputTokens int64
}

// Stop is why the model stopped.
type Stop string

// The reasons to stop.
const (
	StopEnd       Stop = "end"       // it was done
	StopTruncated Stop = "truncated" // the answer was longer than it may be
	StopRefused   Stop = "refused"   // the model, or a filter around it, won't answer
)

// Options says which model is spoken with, and how.
type Options struct {
	Provider   string
	BaseURL    string // empty: the provider's own
	APIKey     string
	Model      string // with Azure the deployment's name
	APIVersion string // Azure's
	Timeout    time.Duration
	HTTP       *http.Client // see NewHTTPClient
}

// New makes the provider's client.
func New(o Options) (Client, error) {
	switch o.Provider {
	case OpenAI:
		return newOpenAI(o), nil
	case AzureOpenAI:
		return newAzureOpenAI(o), nil
	case Anthropic:
		return newAnthropic(o), nil
	}
	return nil, fmt.Errorf("%q is no provider of language models", o.Provider)
}

// instructions are the request's, with the schema where nothing else carries it.
func (r *Request) instructions() string {
	if !r.Loose {
		return r.Instructions
	}
	return r.Instructions + "\n\nAnswer with one JSON object and nothing around it. It must follow this JSON Schema:\n" + string(r.Schema)
}
