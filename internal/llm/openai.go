package llm

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"

	"decoded.digital/extractor/models"
)

const openAIURL = "https://api.openai.com/v1"

// openAIClient speaks the protocol of OpenAI's chat completions, which is the
// one that other servers speak, too.
type openAIClient struct {
	provider string
	chat     openai.ChatCompletionService
	model    string
	timeout  time.Duration
	limits   Limits
	// forget asks that nothing is kept; only OpenAI's own servers know the field.
	forget bool
}

func newOpenAI(o Options) *openAIClient {
	base, key := o.BaseURL, o.APIKey
	if base == "" {
		base = openAIURL
	}
	if key == "" {
		key = "none" // servers of one's own often ask for no key
	}
	host := ""
	if u, err := url.Parse(base); err == nil {
		host = u.Hostname()
	}
	// The service and not the SDK's client: that would read OPENAI_… of the environment.
	return &openAIClient{
		provider: OpenAI, model: o.Model, timeout: o.Timeout, limits: openAILimits(),
		forget: host == "api.openai.com" || strings.HasSuffix(host, ".api.openai.com"),
		chat: openai.NewChatCompletionService(option.WithHTTPClient(o.HTTP), option.WithBaseURL(base),
			option.WithAPIKey(key), option.WithMaxRetries(0)),
	}
}

// openAILimits are those of the guide "Structured model outputs", under
// "Supported schemas".
func openAILimits() Limits { return Limits{Properties: 5000, Depth: 10} }

// Limits is what a schema may have to be followed strictly.
func (c *openAIClient) Limits() Limits { return c.limits }

// Complete makes one completion.
func (c *openAIClient) Complete(ctx context.Context, r *Request) (*Answer, error) {
	within, cancel := withTimeout(ctx, c.timeout)
	defer cancel()
	completion, err := c.chat.New(within, c.params(r))
	if e, ok := errors.AsType[*openai.Error](err); ok {
		refusal := refusal{
			provider: c.provider, status: e.StatusCode, code: e.Code, param: e.Param, message: e.Message,
			now: time.Now(), //nolint:forbidigo // against the provider's clock
		}
		if refusal.code == "" {
			refusal.code = e.Type
		}
		if e.Response != nil {
			refusal.header = e.Response.Header
		}
		return nil, refusal.failure()
	}
	if err != nil {
		return nil, unreachable(ctx, c.provider, err)
	}
	return c.answer(completion)
}

func (c *openAIClient) params(r *Request) openai.ChatCompletionNewParams {
	parts := make([]openai.ChatCompletionContentPartUnionParam, len(r.Parts))
	for i, p := range r.Parts {
		if p.Picture == nil {
			parts[i] = openai.TextContentPart(p.Text)
			continue
		}
		address := "data:" + p.Type + ";base64," + base64.StdEncoding.EncodeToString(p.Picture)
		parts[i] = openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: address, Detail: "high"})
	}
	params := openai.ChatCompletionNewParams{
		Model: c.model, MaxCompletionTokens: openai.Int(int64(r.MaxTokens)),
		Messages: []openai.ChatCompletionMessageParamUnion{openai.SystemMessage(r.instructions()), openai.UserMessage(parts)},
	}
	if r.Repair != nil {
		params.Messages = append(params.Messages, openai.AssistantMessage(r.Repair.Answer), openai.UserMessage(r.Repair.Complaint))
	}
	if c.forget {
		params.Store = openai.Bool(false)
	}
	if !r.Loose {
		params.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{
			JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "extraction", Strict: openai.Bool(true), Schema: r.Schema},
		}
	}
	return params
}

func (c *openAIClient) answer(completion *openai.ChatCompletion) (*Answer, error) {
	if len(completion.Choices) == 0 {
		return nil, models.Failed(models.FailureProviderUnavailable, "The model's provider gave an empty answer. Please retry later.",
			errors.New(c.provider+" answered "+http.StatusText(http.StatusOK)+" without a choice"))
	}
	choice := completion.Choices[0]
	answer := &Answer{
		Text: choice.Message.Content, Stop: StopEnd, Model: completion.Model,
		InputTokens: completion.Usage.PromptTokens, OutputTokens: completion.Usage.CompletionTokens,
	}
	switch {
	case choice.Message.Refusal != "" || choice.FinishReason == "content_filter":
		answer.Stop = StopRefused
	case choice.FinishReason == "length":
		answer.Stop = StopTruncated
	}
	return answer, nil
}
