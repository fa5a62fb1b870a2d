// Package engine understands: it chooses the template that fits and fills its
// fields from labels, tables, parties and sentences, with the place of each
// value. It knows business terms in several languages but no issuer; what it
// can't find is null, with a reason.
package engine

import (
	"context"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// Engine is the built-in engine: rules over layout and labels, no model.
type Engine struct {
	lexicon *lexicon
}

// New makes the engine.
func New() *Engine { return &Engine{lexicon: newLexicon()} }

// Options change how a document is understood; the zero value is the usual way.
type Options struct {
	// IgnoreEmbedded leaves the invoice data inside a PDF alone: only the printed
	// page counts.
	IgnoreEmbedded bool
	// Without leaves ideas out, to measure what they bring.
	Without []Idea
}

// Result is the filled template: Data has exactly its keys.
type Result struct {
	Data     map[string]any
	Evidence map[string]models.Evidence
	Checks   []models.Check
	// Suggested is a template for the document, where none was given.
	Suggested *models.Document
}

// Extract fills document's fields; without a document it answers the labelled
// values and the tables that it finds by itself.
func (e *Engine) Extract(ctx context.Context, read *reader.Document, document *models.Document, options Options) (Result, error) {
	x := &extraction{reading: newReading(e.lexicon, read, options.Without...), ctx: ctx, document: document, evidence: map[string]models.Evidence{}, numbers: map[concept]filledNumber{}}
	if document == nil {
		return x.suggest(), ctx.Err()
	}
	if !options.IgnoreEmbedded {
		x.invoice = embedded(read.Attachments)
	}
	x.prepare()
	data, err := x.object(document.Fields, "", nil)
	if err != nil {
		return Result{}, err
	}
	return Result{Data: data, Evidence: x.evidence, Checks: x.checks(document.Fields, data)}, nil
}
