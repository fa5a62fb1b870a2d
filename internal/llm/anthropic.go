package llm

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/anthropics/anthropic-sdk-go/v2"
	"github.com/anthropics/anthropic-sdk-go/v2/option"
)

// anthropicClient speaks Anthropic's messages protocol; the answer's form is
// held by its structured outputs.
type anthropicClient struct {
	messages anthropic.MessageService
	model    string
	timeout  time.Duration
}

func newAnthropic(o Options) *anthropicClient {
	// The service and not the SDK's client: that would read ANTHROPIC_… of the
	// environment. Spans are made in Observe, alike for all providers.
	options := []option.RequestOption{
		option.WithEnvironmentProduction(), option.WithHTTPClient(o.HTTP), option.WithAPIKey(o.APIKey),
		option.WithMaxRetries(0), option.WithoutOpenTelemetry(), option.WithRequestTimeout(o.Timeout),
	}
	if o.BaseURL != "" {
		options = append(options, option.WithBaseURL(o.BaseURL))
	}
	return &anthropicClient{messages: anthropic.NewMessageService(options...), model: o.Model, timeout: o.Timeout}
}

// Limits is what a schema may have to be followed strictly: platform.claude.com,
// "Structured outputs", under "Schema complexity limits".
func (c *anthropicClient) Limits() Limits { return Limits{Unions: 16} }

// Complete makes one completion.
func (c *anthropicClient) Complete(ctx context.Context, r *Request) (*Answer, error) {
	params, err := c.params(r)
	if err != nil {
		return nil, err
	}
	within, cancel := withTimeout(ctx, c.timeout)
	defer cancel()
	message, err := c.messages.New(within, params)
	if e, ok := errors.AsType[*anthropic.Error](err); ok {
		refusal := refusal{
			provider: Anthropic, status: e.StatusCode, code: string(e.Type()), message: e.Message,
			now: time.Now(), //nolint:forbidigo // against the provider's clock
		}
		if e.Response != nil {
			refusal.header = e.Response.Header
		}
		return nil, refusal.failure()
	}
	if err != nil {
		return nil, unreachable(ctx, Anthropic, err)
	}
	return answerOf(message), nil
}

func (c *anthropicClient) params(r *Request) (anthropic.MessageNewParams, error) {
	blocks := make([]anthropic.ContentBlockParamUnion, len(r.Parts))
	for i, p := range r.Parts {
		if p.Picture == nil {
			blocks[i] = anthropic.NewTextBlock(p.Text)
			continue
		}
		blocks[i] = anthropic.NewImageBlockBase64(p.Type, base64.StdEncoding.EncodeToString(p.Picture))
	}
	params := anthropic.MessageNewParams{
		Model: c.model, MaxTokens: int64(r.MaxTokens),
		System:   []anthropic.TextBlockParam{{Text: r.instructions()}},
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(blocks...)},
	}
	if r.Repair != nil {
		params.Messages = append(params.Messages,
			anthropic.NewAssistantMessage(anthropic.NewTextBlock(r.Repair.Answer)),
			anthropic.NewUserMessage(anthropic.NewTextBlock(r.Repair.Complaint)))
	}
	if r.Loose {
		return params, nil
	}
	if err := json.Unmarshal(r.Schema, &params.OutputConfig.Format.Schema); err != nil {
		return params, fmt.Errorf("decode the answer's schema: %w", err)
	}
	return params, nil
}

func answerOf(m *anthropic.Message) *Answer {
	var text strings.Builder
	for _, block := range m.Content {
		if block.Type == "text" {
			text.WriteString(block.Text)
		}
	}
	answer := &Answer{
		Text: text.String(), Stop: StopEnd, Model: m.Model, OutputTokens: m.Usage.OutputTokens,
		InputTokens: m.Usage.InputTokens + m.Usage.CacheCreationInputTokens + m.Usage.CacheReadInputTokens,
	}
	switch m.StopReason { //nolint:exhaustive // the others mean that it was done
	case anthropic.StopReasonMaxTokens, anthropic.StopReasonModelContextWindowExceeded:
		answer.Stop = StopTruncated
	case anthropic.StopReasonRefusal:
		answer.Stop = StopRefused
	}
	return answer
}
