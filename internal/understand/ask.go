package understand

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/internal/llm"
	"decoded.digital/extractor/models"
)

// questions is one document being asked about.
type questions struct {
	Options
	template *models.Document
	pages    []page
	pictures Pictures

	mu   sync.Mutex
	used models.Usage
}

// atOnce is how many windows of a document are asked about at the same time.
const atOnce = 4

// maxOutput is the most tokens that an answer may have. It is what common models
// write at most, and what takes them a few minutes.
const maxOutput = 16384

// minBudget is what is left for the document where a template takes nearly all.
const minBudget = 500

// ask puts all questions: an answer for each window and group of fields, in the
// order of the windows.
func (q *questions) ask(ctx context.Context) ([]object, error) {
	type task struct {
		*question
		window
		answers []object
	}
	var tasks []*task
	for _, fields := range q.Client.Limits().Split(q.template.Fields) {
		one, err := q.question(fields)
		if err != nil {
			return nil, err
		}
		for _, w := range windowsOf(q.pages, one.budget, q.pictures != nil) {
			tasks = append(tasks, &task{question: one, window: w})
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, t := range tasks {
		group.Go(func() (err error) {
			t.answers, err = t.about(ctx, t.window)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var all []object
	for _, t := range tasks {
		all = append(all, t.answers...)
	}
	return all, nil
}

// question is what is asked of every window.
type question struct {
	*questions
	fields    []models.Field
	schema    []byte
	loose     bool
	maxTokens int
	budget    int // tokens of the document
}

func (q *questions) question(fields []models.Field) (*question, error) {
	limits := q.Client.Limits()
	schema, err := llm.Schema(fields, limits)
	if err != nil {
		return nil, models.Internal("write the schema of a template", err)
	}
	one := &question{questions: q, fields: fields, schema: schema, loose: !limits.Fits(fields)}
	one.maxTokens = min(maxOutput, q.ContextTokens/4)
	one.budget = max(q.ContextTokens-one.maxTokens-tokensOf(string(schema))-tokensOf(rules)-200, minBudget)
	return one, nil
}

// about asks about one window: an answer, or one for each half where the whole
// was too much.
func (q *question) about(ctx context.Context, w window) ([]object, error) {
	boundary := newBoundary()
	parts, err := q.show(ctx, w, boundary)
	if err != nil {
		return nil, err
	}
	request := &llm.Request{
		Instructions: instructions(q.template, boundary), Parts: parts, Schema: q.schema, Loose: q.loose, MaxTokens: q.maxTokens,
	}
	answer, err := q.complete(ctx, request)
	if errors.Is(err, llm.ErrTooLong) || (err == nil && answer.Stop == llm.StopTruncated) {
		return q.aboutHalves(ctx, w, err)
	}
	if err != nil {
		return nil, err
	}
	found, complaint := decode(q.fields, answer.Text)
	if complaint != "" {
		if found, err = q.repair(ctx, request, answer.Text, complaint); err != nil {
			return nil, err
		}
	}
	locate(q.fields, found, w)
	return []object{found}, nil
}

// aboutHalves asks again about less: an answer that was cut off is worth
// nothing, because it lacks just the rows at the end.
func (q *question) aboutHalves(ctx context.Context, w window, cause error) ([]object, error) {
	first, second, ok := w.halves()
	if !ok {
		if cause == nil {
			cause = errors.New("the answer was cut off")
		}
		return nil, models.Failed(models.FailureDocumentTooLarge, "The document holds more than the configured model can answer. Ask for fewer fields, or use a model that takes more.", cause)
	}
	upper, err := q.about(ctx, first)
	if err != nil {
		return nil, err
	}
	lower, err := q.about(ctx, second)
	return append(upper, lower...), err
}

// repair says once what is wrong with an answer.
func (q *question) repair(ctx context.Context, request *llm.Request, text, complaint string) (object, error) {
	again := *request
	again.Repair = &llm.Repair{
		Answer:    orDash(text),
		Complaint: "Your answer can't be used: " + complaint + ". Answer again with the whole JSON object; the same rules hold.",
	}
	answer, err := q.complete(ctx, &again)
	if err == nil && answer.Stop == llm.StopEnd {
		var found object
		if found, complaint = decode(q.fields, answer.Text); complaint == "" {
			return found, nil
		}
	}
	if err == nil || errors.Is(err, llm.ErrTooLong) {
		err = models.Failed(models.FailureProviderUnavailable, "The model's answer can't be used. Please retry.", errors.New("two answers did not follow the schema"))
	}
	return nil, err
}

// orDash is for providers that take no empty message.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// complete makes one call, and another without strict mode where the provider
// can't follow the schema.
func (q *question) complete(ctx context.Context, r *llm.Request) (*llm.Answer, error) {
	answer, err := q.call(ctx, r)
	if errors.Is(err, llm.ErrSchema) && !r.Loose {
		r.Loose = true
		answer, err = q.call(ctx, r)
	}
	if errors.Is(err, llm.ErrSchema) {
		return nil, llm.Misconfigured(err)
	}
	if err != nil {
		return nil, err
	}
	q.count(answer)
	if answer.Stop == llm.StopRefused {
		return nil, llm.Refused()
	}
	return answer, nil
}

// maxWaits is how often one question waits for its provider's quota.
const maxWaits = 5

// call makes one call. Where a provider runs out of quota after other questions
// about the document were answered, it waits until the provider takes requests
// again (llm.Pace holds it back until then): the workflow's try would ask, and
// pay, for all of them again.
func (q *questions) call(ctx context.Context, r *llm.Request) (*llm.Answer, error) {
	for waits := 0; ; waits++ {
		answer, err := q.Client.Complete(ctx, r)
		e, ok := errors.AsType[*models.Error](err)
		if !ok || e.Type != models.FailureProviderLimited || waits == maxWaits || !q.begun() {
			return answer, err
		}
	}
}

// begun says whether any question was answered.
func (q *questions) begun() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.used.Calls > 0
}

func (q *questions) count(a *llm.Answer) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.used.Model = a.Model
	q.used.Calls++
	q.used.InputTokens += a.InputTokens
	q.used.OutputTokens += a.OutputTokens
}

// usage is what all calls took.
func (q *questions) usage() *models.Usage {
	q.mu.Lock()
	defer q.mu.Unlock()
	used := q.used
	if p := q.Prices; p != nil {
		cost := (float64(used.InputTokens)*p.Input + float64(used.OutputTokens)*p.Output) / 1e6
		used.Cost = &cost
	}
	return &used
}
