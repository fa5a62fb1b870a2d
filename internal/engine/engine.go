// Package engine understands: it chooses the template that fits and fills its
// fields from labels and tables, with the place of each value. It knows no
// issuer and no corpus; what it can't find is null, with a reason.
package engine

import (
	"context"
	"fmt"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// Engine is the built-in engine: rules over layout and labels, no model.
type Engine struct{}

// New makes the engine.
func New() *Engine { return &Engine{} }

// Choice is the template that fits best; DocumentID is nil where none does.
// Scores are 0 to 1.
type Choice struct {
	DocumentID *string
	Score      float64
	RunnerUp   float64
}

// Result is the filled template: Data has exactly its keys.
type Result struct {
	Data     map[string]any
	Evidence map[string]models.Evidence
	Checks   []models.Check
}

// minScore is the least share of a template's words that must stand in the
// document; under it, no template is better than a wrong one.
const minScore = 0.4

// Analyze chooses among documents by the words of name and fields.
func (e *Engine) Analyze(ctx context.Context, document *reader.Document, documents []models.Document) (Choice, error) {
	present := wordSet(document.Pages)
	var choice Choice
	for i := range documents {
		if err := ctx.Err(); err != nil {
			return Choice{}, err
		}
		score := fit(&documents[i], present)
		switch {
		case score > choice.Score:
			choice.RunnerUp = choice.Score
			choice.Score, choice.DocumentID = score, &documents[i].ID
		case score > choice.RunnerUp:
			choice.RunnerUp = score
		}
	}
	if choice.Score < minScore {
		choice.DocumentID = nil
	}
	return choice, nil
}

// fit is half the share of the name's words that are present and half the share
// of fields that have a label word there.
func fit(d *models.Document, present map[string]bool) float64 {
	names := significant(d.Name)
	named := 0
	for _, w := range names {
		if present[w] {
			named++
		}
	}
	found := 0
	for _, f := range d.Fields {
		if fieldPresent(f, present) {
			found++
		}
	}
	score := 0.5 * float64(found) / float64(max(len(d.Fields), 1))
	return score + 0.5*float64(named)/float64(max(len(names), 1))
}

// fieldPresent says whether most words of the field's key, or of a child's,
// stand in the document.
func fieldPresent(f models.Field, present map[string]bool) bool {
	for _, child := range f.Children {
		if fieldPresent(child, present) {
			return true
		}
	}
	words := significant(f.Key)
	hits := 0
	for _, w := range words {
		if present[w] {
			hits++
		}
	}
	return len(words) > 0 && 2*hits > len(words)
}

// Extract fills document's fields; without a document it answers the labelled
// values that it finds by itself.
func (e *Engine) Extract(ctx context.Context, read *reader.Document, document *models.Document) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	x := extraction{lines: linesOf(read.Pages), evidence: map[string]models.Evidence{}}
	if document == nil {
		return Result{Data: x.labelled(), Evidence: x.evidence, Checks: []models.Check{}}, nil
	}
	data := x.object(document.Fields, "")
	return Result{Data: data, Evidence: x.evidence, Checks: sums(document.Fields, data)}, nil
}

// extraction is one document being understood.
type extraction struct {
	lines    []line
	evidence map[string]models.Evidence
}

func (x *extraction) object(fields []models.Field, path string) map[string]any {
	data := make(map[string]any, len(fields))
	for _, f := range fields {
		at := f.Key
		if path != "" {
			at = path + "." + f.Key
		}
		switch f.Type {
		case models.TypeObject:
			data[f.Key] = x.object(f.Children, at)
		case models.TypeObjectList:
			data[f.Key] = x.table(f, at)
		case models.TypeStringList:
			data[f.Key] = x.list(f, at)
		case models.TypeString, models.TypeNumber, models.TypeBoolean, models.TypeDate:
			data[f.Key] = x.single(f, at)
		}
	}
	return data
}

// tie is the difference of scores under which two places say the same thing
// equally well.
const tie = 0.01

// single finds the value beside or under the field's label. Where two places
// say it equally well and differ, it stays null: a coin toss is no evidence.
func (x *extraction) single(f models.Field, path string) any {
	var best *hit
	var value any
	var refused []hit
	ambiguous := false
	for _, h := range x.labelHits(f) {
		found, ok := coerce(f.Type, h.text)
		switch {
		case !ok:
			refused = append(refused, h)
		case best == nil:
			best, value = &h, found
		case best.score-h.score < tie && found != value:
			ambiguous = true
			refused = append(refused, h)
		}
	}
	switch {
	case ambiguous:
		return x.null(path, models.ReasonAmbiguous, append([]hit{*best}, refused...))
	case best != nil:
		x.evidence[path] = models.Evidence{
			Confidence: best.score, Page: best.page, Box: &best.box, Text: best.text, Method: models.MethodLabel,
		}
		return value
	case len(refused) > 0:
		return x.null(path, models.ReasonTypeMismatch, refused)
	}
	return x.null(path, models.ReasonNotFound, nil)
}

// maxCandidates is how many places are shown for a value that stayed null.
const maxCandidates = 5

func (x *extraction) null(path string, reason models.Reason, considered []hit) any {
	e := models.Evidence{Reason: reason}
	for _, h := range considered[:min(len(considered), maxCandidates)] {
		e.Candidates = append(e.Candidates, models.EvidenceHit{Page: h.page, Box: &h.box, Text: h.text})
	}
	x.evidence[path] = e
	return nil
}

// list splits a labelled value at commas and semicolons.
func (x *extraction) list(f models.Field, path string) []any {
	values := []any{}
	hits := x.labelHits(f)
	if len(hits) == 0 {
		x.evidence[path] = models.Evidence{Reason: models.ReasonNotFound}
		return values
	}
	for i, part := range splitList(hits[0].text) {
		values = append(values, part)
		x.evidence[fmt.Sprintf("%s[%d]", path, i)] = models.Evidence{
			Confidence: hits[0].score, Page: hits[0].page, Box: &hits[0].box, Text: part, Method: models.MethodLabel,
		}
	}
	return values
}
