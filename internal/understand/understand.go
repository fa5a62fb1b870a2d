// Package understand fills templates with a language model where one is
// configured, and with the built-in engine where none is. What a model answers
// is believed as far as the page bears it out: each value is looked for on the
// pages, and held against what the built-in engine finds.
package understand

import (
	"context"
	"slices"
	"strings"

	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/internal/llm"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// Input is a document that was read, and what is wanted of it.
type Input struct {
	Read *reader.Document
	// Template is nil where none fits: the labelled values are the result then.
	Template *models.Document
	// Pictures draws the pages for a model that sees; nil: it gets their text alone.
	Pictures Pictures
	Options  engine.Options
}

// Pictures draws a document's pages.
type Pictures interface {
	// Picture is the page with the number, upright, as PNG or JPEG with its MIME type.
	Picture(ctx context.Context, page int) (content []byte, mimeType string, err error)
}

// Result is the engine's, and what a model took for it; Usage is nil where none
// was asked.
type Result struct {
	engine.Result
	Usage *models.Usage
}

// Engine chooses templates and fills them.
type Engine interface {
	Analyze(ctx context.Context, read *reader.Document, documents []models.Document, past ...engine.Past) (engine.Choice, error)
	Remember(documentID string, documents []*reader.Document) engine.Past
	Extract(ctx context.Context, in Input) (Result, error)
}

// Builtin is the built-in engine alone: nothing leaves the machine.
func Builtin(e *engine.Engine) Engine { return builtin{e} }

type builtin struct{ *engine.Engine }

// Extract fills the template.
func (b builtin) Extract(ctx context.Context, in Input) (Result, error) {
	found, err := b.Engine.Extract(ctx, in.Read, in.Template, in.Options)
	return Result{Result: found}, err
}

// Options says how a model is asked.
type Options struct {
	Client llm.Client
	// ContextTokens is how much the model takes at once, question and answer
	// together: longer documents are read in windows.
	ContextTokens int
	// Prices are for a million tokens, in any currency; nil: costs are not counted.
	Prices *Prices
}

// Prices are what a million tokens cost.
type Prices struct{ Input, Output float64 }

// New makes the engine that asks a model. The built-in one chooses the template,
// and reads each document, too: where both agree, a value is worth more.
func New(e *engine.Engine, o Options) Engine {
	o.Client = llm.Pace(o.Client)
	return &asking{Engine: e, Options: o}
}

type asking struct {
	*engine.Engine
	Options
}

// Extract fills the template. Without one no model is asked: the labelled values
// are the result.
func (a *asking) Extract(ctx context.Context, in Input) (Result, error) {
	found, err := a.Engine.Extract(ctx, in.Read, in.Template, in.Options)
	if err != nil || in.Template == nil || len(in.Template.Fields) == 0 {
		return Result{Result: found}, err
	}
	q := &questions{Options: a.Options, template: in.Template, pages: layOut(in.Read), pictures: in.Pictures}
	answers, err := q.ask(ctx)
	if err != nil {
		return Result{}, err
	}
	root := merge(in.Template.Fields, answers)
	j := judge{builtin: found, evidence: map[string]models.Evidence{}}
	data := j.object(in.Template.Fields, root, found.Data, "")
	found.Data, found.Evidence = data, j.evidence
	found.Checks = slices.Concat(a.Checks(in.Template, data), embeddedChecks(found.Checks), j.rows)
	return Result{Result: found, Usage: q.usage()}, nil
}

// embeddedChecks are those of what an invoice has inside against what it prints.
func embeddedChecks(checks []models.Check) []models.Check {
	return slices.DeleteFunc(slices.Clone(checks), func(c models.Check) bool { return !strings.HasPrefix(c.Rule, "embedded ") })
}
