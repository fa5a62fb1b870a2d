package engine

import (
	"context"
	"slices"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// Choice is the template that fits best; DocumentID is nil where none does.
// Scores are 0 to 1; their difference is the margin.
type Choice struct {
	DocumentID *string
	Score      float64
	RunnerUp   float64
	// RunnerUpID is the template that fits next best; nil: there is no other.
	RunnerUpID *string
}

// Margin is by how much the best template fits better than the next.
func (c Choice) Margin() float64 { return c.Score - c.RunnerUp }

// Past is what a tenant's completed documents of one template look like.
type Past struct {
	DocumentID string
	Words      map[string]int // in how many of them a word stands
	Count      int            // of documents
}

// Remember makes a Past of documents that one template was filled from.
func (e *Engine) Remember(documentID string, documents []*reader.Document) Past {
	p := Past{DocumentID: documentID, Words: map[string]int{}, Count: len(documents)}
	for _, d := range documents {
		for word := range newReading(e.lexicon, d).words() {
			p.Words[word]++
		}
	}
	return p
}

// closeMargin is the lead of a template under which the tenant's past documents
// are asked.
const closeMargin = 0.2

// Undecided says whether two templates fit about equally well.
func (c Choice) Undecided() bool {
	return c.DocumentID != nil && c.RunnerUpID != nil && c.Margin() < closeMargin
}

// minFit is the least score with which a template fits; under it, no template
// is better than a wrong one.
const minFit = 0.42

// Analyze chooses among documents by what they and the printed pages say of
// their kind, by the labels of their fields and by past documents, if any.
func (e *Engine) Analyze(ctx context.Context, document *reader.Document, documents []models.Document, past ...Past) (Choice, error) {
	r := newReading(e.lexicon, document)
	present := r.words()
	scores := r.kindScores()
	var choice Choice
	for _, d := range documents {
		if err := ctx.Err(); err != nil {
			return Choice{}, err
		}
		score := r.fit(&d, scores, present)
		for _, p := range past {
			if p.DocumentID == d.ID && p.Count > 0 {
				score += pastWeight * (p.likeness(present) - 0.5)
			}
		}
		score = min(max(score, 0), 1)
		if choice.DocumentID == nil || score > choice.Score {
			choice.RunnerUp, choice.RunnerUpID = choice.Score, choice.DocumentID
			choice.Score, choice.DocumentID = score, &d.ID
		} else if choice.RunnerUpID == nil || score > choice.RunnerUp {
			choice.RunnerUp, choice.RunnerUpID = score, &d.ID
		}
	}
	if choice.Score < minFit {
		choice.DocumentID = nil
	}
	return choice, nil
}

// pastWeight is how much past documents can change a score.
const pastWeight = 0.3

// likeness is the share of the words of most past documents that are present.
func (p *Past) likeness(present map[string]bool) float64 {
	common, hits := 0, 0
	for word, n := range p.Words {
		if 2*n < p.Count {
			continue
		}
		common++
		if present[word] {
			hits++
		}
	}
	return float64(hits) / float64(max(common, 1))
}

// words is the words that can be seen, folded.
func (r *reading) words() map[string]bool {
	present := map[string]bool{}
	for _, l := range r.sheet.lines {
		for i := range l.tokens {
			if l.tokens[i].fold != "" {
				present[l.tokens[i].fold] = true
			}
		}
	}
	return present
}

// fit is how well a template fits: by its kind, the labels of its fields and
// the words of its name that say more than the kind.
func (r *reading) fit(d *models.Document, scores []float64, present map[string]bool) float64 {
	fields := r.fieldShare(d, present)
	names := significant(d.Name)
	k := r.lexicon.kindOf(d.Name, d.Description)
	if k < 0 {
		return 0.2 + 0.45*fields + 0.35*share(names, present)
	}
	top := max(slices.Max(scores), 0.5)
	ofKind := scores[k] / top
	if scores[k] < top {
		ofKind *= 0.75 // another kind is likelier
	}
	own := slices.DeleteFunc(names, func(w string) bool {
		return slices.ContainsFunc(r.lexicon.kinds[k].ask, func(words []string) bool { return slices.Contains(words, w) })
	})
	if len(own) == 0 {
		return 0.6*ofKind + 0.4*fields
	}
	return 0.5*ofKind + 0.35*fields + 0.15*share(own, present)
}

// fieldShare is the share of a template's fields whose label stands on the
// document.
func (r *reading) fieldShare(d *models.Document, present map[string]bool) float64 {
	kin := significant(d.Name)
	found, all := 0.0, 0
	var count func(fields []models.Field, inLine bool)
	count = func(fields []models.Field, inLine bool) {
		for _, f := range fields {
			if f.Type.HasChildren() {
				count(f.Children, f.Type == models.TypeObjectList)
				continue
			}
			all++
			w := r.lexicon.resolve(f, "", kin, nil, inLine)
			switch {
			case w.concept != "" && r.labelPresent(w.concept):
				found++
			case w.concept == "" || w.shape == "place" || w.shape == "duration":
				found += share(w.words, present)
			}
		}
	}
	count(d.Fields, false)
	return found / float64(max(all, 1))
}

func (r *reading) labelPresent(c concept) bool {
	return slices.ContainsFunc(r.labels[c], func(l *label) bool { return l.weight > 0.5 })
}

// share is the share of words that are present.
func share(words []string, present map[string]bool) float64 {
	hits := 0
	for _, w := range words {
		if present[w] {
			hits++
		}
	}
	return float64(hits) / float64(max(len(words), 1))
}

// foreignTo says whether the document is of another kind than the template: it
// says so, and little of what the template asks for stands on it. What is filled
// then would be chance.
func (r *reading) foreignTo(d *models.Document) bool {
	scores := r.kindScores()
	k := r.lexicon.kindOf(d.Name, d.Description)
	fields := r.fieldShare(d, r.words())
	if k < 0 { // nothing is known of its kind
		return fields == 0 && (!r.asksParties(d) || len(r.parties()) == 0)
	}
	rival := slices.Max(scores)
	return scores[k] < foreignKind*rival || scores[k] < doubtfulKind*rival && fields < 0.5 || scores[k] < 0.3 && fields < 0.3
}

// foreignKind is the share of the likeliest kind's score under which a document
// is of another one; up to doubtfulKind it is where less than half of the fields
// have a label on it.
const (
	foreignKind  = 0.5
	doubtfulKind = 0.75
)

// asksParties says whether a template asks for a company or an address, which
// stand on a document without a label.
func (r *reading) asksParties(d *models.Document) bool {
	return slices.ContainsFunc(d.Fields, func(f models.Field) bool {
		if f.Type.HasChildren() {
			return false
		}
		switch r.lexicon.resolve(f, "", nil, nil, false).shape {
		case "party", "address", "street", "city", "zip":
			return true
		}
		return false
	})
}
