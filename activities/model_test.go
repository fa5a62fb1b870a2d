package activities

import (
	"strings"
	"testing"
	"time"

	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/internal/llm"
	"decoded.digital/extractor/internal/testkit/llmfake"
	"decoded.digital/extractor/internal/understand"
	"decoded.digital/extractor/models"
)

// ask makes the steps ask a model, which answers as it is told.
func (b *bundle) ask(t *testing.T, answer func(int, *llmfake.Request) llmfake.Reply) *llmfake.Server {
	t.Helper()
	server := llmfake.New(t, llm.Anthropic, answer)
	client, err := llm.New(llm.Options{
		Provider: llm.Anthropic, BaseURL: server.URL, APIKey: llmfake.Key, Model: llmfake.Model, Timeout: 10 * time.Second, HTTP: server.HTTP,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Engine = understand.New(engine.New(), understand.Options{
		Client: client, ContextTokens: 65536, Prices: &understand.Prices{Input: 3, Output: 15},
	})
	return server
}

// analyzed takes the sample up to the step that fills the template.
func (b *bundle) analyzed(t *testing.T) Run {
	t.Helper()
	document := b.template(t)
	run := b.upload(t, sample(t), "")
	if _, err := do[ReadResult](t, b, b.Read, run); err != nil {
		t.Fatal(err)
	}
	if err := b.SaveAnalysis(t.Context(), SaveAnalysisInput{Run: run, DocumentID: document.ID, PageCount: 1}); err != nil {
		t.Fatal(err)
	}
	return run
}

func TestAModelFillsTheTemplateAndItsUseIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	server := b.ask(t, func(int, *llmfake.Request) llmfake.Reply {
		return llmfake.Reply{Text: `{"invoice_number":"NP-2026-0417","total":null,"licence_plate":"XX-1"}`}
	})
	run := b.analyzed(t)
	for range 2 { // it may run twice
		if _, err := do[any](t, b, b.Extract, run); err != nil {
			t.Fatal(err)
		}
	}
	x := b.get(t, run)
	if x.Status != models.StatusCompleted || x.Data["invoice_number"] != "NP-2026-0417" {
		t.Errorf("got %+v", x.Extraction)
	}
	if x.Usage == nil || x.Usage.Calls != 1 || x.Usage.InputTokens != llmfake.InputTokens || x.Usage.Cost == nil || *x.Usage.Cost <= 0 {
		t.Errorf("got usage %+v", x.Usage)
	}
	if e := x.Evidence["licence_plate"]; e.Method != models.MethodUngrounded || e.Confidence > models.MaxUngrounded {
		t.Errorf("got %+v", e)
	}
	if got := server.Requests()[0]; !strings.Contains(got.Text, "NP-2026-0417") {
		t.Errorf("it was shown %q", got.Text)
	}
	if v := x.View(""); v.Usage != x.Usage {
		t.Errorf("the answer has %+v", v.Usage)
	}
}

func TestAProvidersLimitIsTriedAgainWhenItSays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ask(t, func(int, *llmfake.Request) llmfake.Reply {
		return llmfake.Reply{Status: 429, Type: "rate_limit_error", Header: map[string]string{"Retry-After": "30"}}
	})
	_, err := do[any](t, b, b.Extract, b.analyzed(t))
	e := applicationError(t, err)
	if e.Type() != string(models.FailureProviderLimited) || e.NonRetryable() || e.NextRetryDelay() < 30*time.Second || e.NextRetryDelay() > 36*time.Second {
		t.Errorf("got %v after %s", e, e.NextRetryDelay())
	}
}

func TestARefusedKeyIsNotTriedAgainAndStandsInNoHistory(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ask(t, func(int, *llmfake.Request) llmfake.Reply {
		return llmfake.Reply{Status: 401, Type: "authentication_error", Message: "invalid x-api-key " + llmfake.Key}
	})
	_, err := do[any](t, b, b.Extract, b.analyzed(t))
	e := applicationError(t, err)
	if e.Type() != string(models.FailureProviderUnavailable) || !e.NonRetryable() {
		t.Errorf("got %v", e)
	}
	for cause := error(e); cause != nil; {
		if strings.Contains(cause.Error(), llmfake.Key) {
			t.Errorf("the key stands in %q", cause)
		}
		unwrapped, ok := cause.(interface{ Unwrap() error })
		if !ok {
			break
		}
		cause = unwrapped.Unwrap()
	}
}
