package llm

import (
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/azure"
	"github.com/openai/openai-go/v3/option"
)

// newAzureOpenAI speaks with a deployment of Azure OpenAI: the same protocol
// under addresses and with a key header of its own.
func newAzureOpenAI(o Options) *openAIClient {
	return &openAIClient{
		provider: AzureOpenAI, model: o.Model, timeout: o.Timeout, limits: azureLimits(),
		chat: openai.NewChatCompletionService(option.WithHTTPClient(o.HTTP),
			azure.WithEndpoint(o.BaseURL, o.APIVersion), azure.WithAPIKey(o.APIKey), option.WithMaxRetries(0)),
	}
}

// azureLimits are those of learn.microsoft.com, "Structured outputs", under
// "JSON Schema support and limitations".
func azureLimits() Limits { return Limits{Properties: 100, Depth: 5} }
