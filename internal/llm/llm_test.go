package llm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"decoded.digital/extractor/internal/testkit/llmfake"
	"decoded.digital/extractor/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func providers() []string { return []string{OpenAI, AzureOpenAI, Anthropic} }

// each runs a test against each provider.
func each(t *testing.T, test func(t *testing.T, provider string)) {
	t.Helper()
	for _, provider := range providers() {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			test(t, provider)
		})
	}
}

func connect(t *testing.T, provider string, answer func(int, *llmfake.Request) llmfake.Reply) (Client, *llmfake.Server) {
	t.Helper()
	server := llmfake.New(t, provider, answer)
	client, err := New(Options{
		Provider: provider, BaseURL: server.URL, APIKey: llmfake.Key, Model: llmfake.Model, APIVersion: "2024-10-21",
		Timeout: 10 * time.Second, HTTP: server.HTTP,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client, server
}

func always(r llmfake.Reply) func(int, *llmfake.Request) llmfake.Reply {
	return func(int, *llmfake.Request) llmfake.Reply { return r }
}

func ask(t *testing.T, l Limits) *Request {
	t.Helper()
	schema, err := Schema([]models.Field{
		{Key: "number", Type: models.TypeString, Description: "the invoice's number"},
		{Key: "total", Type: models.TypeNumber, Description: "what is to be paid"},
	}, l)
	if err != nil {
		t.Fatal(err)
	}
	return &Request{Instructions: "Read the document.", Parts: []Part{{Text: "Invoice 7"}}, Schema: schema, MaxTokens: 500}
}

func TestACompletionGoesThereAndBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, provider string) {
		client, server := connect(t, provider, always(llmfake.Reply{Text: `{"number":"7","total":null}`}))
		r := ask(t, client.Limits())
		r.Parts = append(r.Parts, Part{Picture: []byte("\x89PNG"), Type: "image/png"}, Part{Text: "the end"})
		r.Repair = &Repair{Answer: "{", Complaint: "That is no JSON."}
		answer, err := client.Complete(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		want := Answer{
			Text: `{"number":"7","total":null}`, Stop: StopEnd, Model: llmfake.Model + "-2026-01-01",
			InputTokens: llmfake.InputTokens, OutputTokens: llmfake.OutputTokens,
		}
		if *answer != want {
			t.Errorf("got %+v", answer)
		}
		got := server.Requests()[0]
		if got.Instructions != r.Instructions || got.Text != "Invoice 7\nthe end" || got.MaxTokens != 500 || got.Schema == nil {
			t.Errorf("it was asked %+v", got)
		}
		if len(got.Pictures) != 1 || !bytes.Equal(got.Pictures[0], r.Parts[1].Picture) {
			t.Errorf("it was shown %q", got.Pictures)
		}
		if got.Previous != "{" || got.Complaint != "That is no JSON." {
			t.Errorf("the repair is %q, %q", got.Previous, got.Complaint)
		}
	})
}

func TestALooseRequestCarriesTheSchemaInWords(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, provider string) {
		client, server := connect(t, provider, always(llmfake.Reply{Text: `{}`}))
		r := ask(t, client.Limits())
		r.Loose = true
		if _, err := client.Complete(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if got := server.Requests()[0]; got.Schema != nil || !strings.Contains(got.Instructions, string(r.Schema)) {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAnAnswerSaysWhyItStopped(t *testing.T) {
	t.Parallel()
	for stop, want := range map[string]Stop{"truncated": StopTruncated, "refused": StopRefused, "filtered": StopRefused} {
		each(t, func(t *testing.T, provider string) {
			client, _ := connect(t, provider, always(llmfake.Reply{Text: `{"num`, Stop: stop}))
			answer, err := client.Complete(t.Context(), ask(t, client.Limits()))
			if err != nil || answer.Stop != want {
				t.Errorf("%s: got %+v, %v", stop, answer, err)
			}
		})
	}
}

func TestAProvidersErrorsAreTheWorkflowsFailures(t *testing.T) {
	t.Parallel()
	type want struct {
		failure models.FailureType
		after   time.Duration
		final   bool
	}
	for name, tc := range map[string]struct {
		reply llmfake.Reply
		want  want
	}{
		"limit":               {llmfake.Reply{Status: 429, Type: "rate_limit_error"}, want{models.FailureProviderLimited, 20 * time.Second, false}},
		"limit with seconds":  {llmfake.Reply{Status: 429, Header: map[string]string{"Retry-After": "17"}}, want{models.FailureProviderLimited, 17 * time.Second, false}},
		"limit with ms":       {llmfake.Reply{Status: 429, Header: map[string]string{"Retry-After-Ms": "250"}}, want{models.FailureProviderLimited, 250 * time.Millisecond, false}},
		"limit of a day":      {llmfake.Reply{Status: 429, Header: map[string]string{"Retry-After": "86400"}}, want{models.FailureProviderLimited, 10 * time.Minute, false}},
		"limit with nonsense": {llmfake.Reply{Status: 429, Header: map[string]string{"Retry-After": "NaN"}}, want{models.FailureProviderLimited, 20 * time.Second, false}},
		"no credentials":      {llmfake.Reply{Status: 401, Type: "authentication_error"}, want{models.FailureProviderUnavailable, 0, true}},
		"no permission":       {llmfake.Reply{Status: 403, Type: "permission_error"}, want{models.FailureProviderUnavailable, 0, true}},
		"no such model":       {llmfake.Reply{Status: 404, Type: "not_found_error"}, want{models.FailureProviderUnavailable, 0, true}},
		"bad request":         {llmfake.Reply{Status: 400, Type: "invalid_request_error", Message: "temperature"}, want{models.FailureProviderUnavailable, 0, true}},
		"broken":              {llmfake.Reply{Status: 500, Type: "api_error"}, want{models.FailureProviderUnavailable, 0, false}},
		"overloaded":          {llmfake.Reply{Status: 529, Type: "overloaded_error", Header: map[string]string{"Retry-After": "3"}}, want{models.FailureProviderUnavailable, 3 * time.Second, false}},
		"a proxy's page":      {llmfake.Reply{Status: 502, Raw: "<html>Bad Gateway</html>"}, want{models.FailureProviderUnavailable, 0, false}},
		"no JSON":             {llmfake.Reply{Raw: "<html>welcome</html>"}, want{models.FailureProviderUnavailable, 0, false}},
		"hung up":             {llmfake.Reply{Text: "{}", Hangup: true}, want{models.FailureProviderUnavailable, 0, false}},
		"filter":              {llmfake.Reply{Status: 400, Type: "content_filter"}, want{models.FailureDocumentUnsupported, 0, false}},
	} {
		each(t, func(t *testing.T, provider string) {
			reply := tc.reply
			reply.Message += " the key " + llmfake.Key + " and the document's secret"
			client, server := connect(t, provider, always(reply))
			_, err := client.Complete(t.Context(), ask(t, client.Limits()))
			e, ok := errors.AsType[*models.Error](err)
			if !ok || e.Type != tc.want.failure || e.RetryAfter != tc.want.after || e.Final != tc.want.final {
				t.Errorf("%s: got %v", name, err)
			}
			if len(server.Requests()) != 1 {
				t.Errorf("%s: it was tried %d times", name, len(server.Requests()))
			}
			if text := fmt.Sprintf("%v %+v", err, err); strings.Contains(text, llmfake.Key) || strings.Contains(text, "secret") {
				t.Errorf("%s: the error tells too much: %s", name, text)
			}
		})
	}
}

func TestWhatIsTooLongOrTooMuchIsToldApart(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]error{
		"This model's maximum context length is 8192 tokens.":                      ErrTooLong,
		"prompt is too long: 210000 tokens > 200000 maximum":                       ErrTooLong,
		"the request exceeds the available context size":                           ErrTooLong,
		"The compiled grammar is too large, which would cause performance issues.": ErrSchema,
		"Invalid schema for response_format 'extraction'":                          ErrSchema,
	} {
		each(t, func(t *testing.T, provider string) {
			client, _ := connect(t, provider, always(llmfake.Reply{Status: 400, Type: "invalid_request_error", Message: message}))
			if _, err := client.Complete(t.Context(), ask(t, client.Limits())); !errors.Is(err, want) {
				t.Errorf("%s: got %v", message, err)
			}
		})
	}
}

func TestACallEndsWithItsTime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, provider string) {
		server := llmfake.New(t, provider, always(llmfake.Reply{Stall: true}))
		client, err := New(Options{
			Provider: provider, BaseURL: server.URL, APIKey: llmfake.Key, Model: llmfake.Model, APIVersion: "2024-10-21",
			Timeout: 50 * time.Millisecond, HTTP: server.HTTP,
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Complete(t.Context(), ask(t, client.Limits()))
		if e, ok := errors.AsType[*models.Error](err); !ok || e.Type != models.FailureProviderUnavailable || !strings.Contains(e.Message, "in time") {
			t.Errorf("got %v", err)
		}
	})
}

func TestAStepThatIsStoppedIsNoFailureOfTheProvider(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, provider string) {
		ctx, cancel := context.WithCancel(t.Context())
		client, _ := connect(t, provider, func(int, *llmfake.Request) llmfake.Reply {
			cancel()
			return llmfake.Reply{Stall: true}
		})
		if _, err := client.Complete(ctx, ask(t, client.Limits())); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAServerThatIsNotThereIsUnavailable(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, provider string) {
		client, err := New(Options{
			Provider: provider, BaseURL: "https://127.0.0.1:1", APIKey: llmfake.Key, Model: llmfake.Model, APIVersion: "2024-10-21",
			Timeout: 10 * time.Second, HTTP: NewHTTPClient(),
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Complete(t.Context(), ask(t, client.Limits()))
		if e, ok := errors.AsType[*models.Error](err); !ok || e.Type != models.FailureProviderUnavailable {
			t.Errorf("got %v", err)
		}
	})
}

func TestNothingOfTheEnvironmentIsUsed(t *testing.T) {
	for _, name := range []string{"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "AZURE_OPENAI_API_KEY"} {
		t.Setenv(name, "sk-of-somebody-else")
	}
	for _, name := range []string{"OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "HTTPS_PROXY", "HTTP_PROXY"} {
		t.Setenv(name, "http://127.0.0.1:1")
	}
	t.Setenv("OPENAI_ORG_ID", "org-1")
	for _, provider := range providers() {
		// The server refuses any other key.
		client, _ := connect(t, provider, always(llmfake.Reply{Text: "{}"}))
		if _, err := client.Complete(t.Context(), ask(t, client.Limits())); err != nil {
			t.Errorf("%s: %v", provider, err)
		}
	}
}

func TestOnlyOpenAIItselfIsAskedToForget(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"": true, "https://eu.api.openai.com/v1": true, "https://api.openai.com.acme.com/v1": false, "http://127.0.0.1:11434/v1": false,
	} {
		params := newOpenAI(Options{BaseURL: address, HTTP: NewHTTPClient()}).params(&Request{})
		if params.Store.Valid() != want || params.Store.Value {
			t.Errorf("%q: store is %v", address, params.Store)
		}
	}
}

func TestAnUnknownProviderIsNone(t *testing.T) {
	t.Parallel()
	for _, provider := range []string{"", "builtin", "gemini"} {
		if _, err := New(Options{Provider: provider}); err == nil {
			t.Errorf("%q is taken for a provider", provider)
		}
	}
}
