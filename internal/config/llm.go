package config

import (
	"errors"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// LLM is the language model that understands documents.
type LLM struct {
	Provider      string // builtin: none
	BaseURL       string // empty: the provider's own
	APIKey        string
	Model         string
	APIVersion    string // Azure OpenAI's
	ContextTokens int    // question and answer together
	Timeout       time.Duration
	InputPrice    *float64 // of a million tokens; nil: not known
	OutputPrice   *float64
}

// Builtin is the provider that is none: the built-in engine alone.
const Builtin = "builtin"

const (
	openAI      = "openai"
	azureOpenAI = "azure-openai"
	anthropic   = "anthropic"
)

// llmVariables are a part of Variables.
func llmVariables() []Variable {
	return []Variable{
		{"EXTRACTOR_LLM_PROVIDER", Builtin, "what understands documents: builtin (nothing leaves the machine), openai (and every compatible server), azure-openai or anthropic", false},
		{"EXTRACTOR_LLM_BASE_URL", "", "the provider's address: https://<resource>.openai.azure.com, or a compatible server's, for example http://127.0.0.1:11434/v1; empty: the provider's own", false},
		{"EXTRACTOR_LLM_API_KEY", "", "the provider's key; a compatible server may need none", true},
		{"EXTRACTOR_LLM_MODEL", "", "the model; with Azure OpenAI the deployment", false},
		{"EXTRACTOR_LLM_API_VERSION", "2024-10-21", "Azure OpenAI's API version", false},
		{"EXTRACTOR_LLM_CONTEXT_TOKENS", "65536", "tokens that the model takes, question and answer together; longer documents are read in windows", false},
		{"EXTRACTOR_LLM_TIMEOUT", "4m", "how long one call may take, a Go duration from 1s to 10m", false},
		{"EXTRACTOR_LLM_INPUT_PRICE", "", "what a million tokens of questions cost, in any currency; empty: costs are not counted", false},
		{"EXTRACTOR_LLM_OUTPUT_PRICE", "", "what a million tokens of answers cost", false},
	}
}

// azureURL is an address of Azure OpenAI; the deployment's path is the SDK's to
// make.
var azureURL = regexp.MustCompile(`^https://[^/]+$`)

func (l *loader) llm() LLM {
	c := LLM{
		Provider: l.text("EXTRACTOR_LLM_PROVIDER"),
		BaseURL:  l.providerURL("EXTRACTOR_LLM_BASE_URL"),
		APIKey:   l.text("EXTRACTOR_LLM_API_KEY"), Model: l.text("EXTRACTOR_LLM_MODEL"),
		APIVersion:    l.text("EXTRACTOR_LLM_API_VERSION"),
		ContextTokens: l.number("EXTRACTOR_LLM_CONTEXT_TOKENS", 4096, 10_000_000),
		Timeout:       l.duration("EXTRACTOR_LLM_TIMEOUT", time.Second, 10*time.Minute),
		InputPrice:    l.price("EXTRACTOR_LLM_INPUT_PRICE"), OutputPrice: l.price("EXTRACTOR_LLM_OUTPUT_PRICE"),
	}
	if !slices.Contains([]string{Builtin, openAI, azureOpenAI, anthropic}, c.Provider) {
		l.refuse("EXTRACTOR_LLM_PROVIDER", "builtin, openai, azure-openai or anthropic")
	}
	if c.Provider == Builtin {
		return c
	}
	switch {
	case c.Model == "":
		l.refuse("EXTRACTOR_LLM_MODEL", "set: a model of the provider "+c.Provider)
	case c.APIKey == "" && (c.Provider != openAI || c.BaseURL == ""):
		l.refuse("EXTRACTOR_LLM_API_KEY", "set: a key of the provider "+c.Provider)
	case c.Provider == azureOpenAI && !azureURL.MatchString(c.BaseURL):
		l.refuse("EXTRACTOR_LLM_BASE_URL", "the resource's address without a path: https://<resource>.openai.azure.com")
	case (c.InputPrice == nil) != (c.OutputPrice == nil):
		l.refuse("EXTRACTOR_LLM_INPUT_PRICE", "set together with EXTRACTOR_LLM_OUTPUT_PRICE, or neither")
	}
	return c
}

// providerURL may hold no secret, and a key goes over http to private addresses
// alone: a server of one's own has often no certificate.
func (l *loader) providerURL(name string) string {
	value := strings.TrimRight(l.text(name), "/")
	if value == "" {
		return ""
	}
	if err := checkProvider(value); err != nil {
		l.refuse(name, err.Error())
	}
	return value
}

func checkProvider(value string) error {
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("an http or https URL without a user or a query, for example http://127.0.0.1:11434/v1")
	}
	if u.Scheme == "http" && !private(u.Hostname()) {
		return errors.New("an https URL: over http a key and documents would cross the internet in clear")
	}
	return nil
}

// private says whether a host is on this machine or network, as far as its name
// says so: names without a dot, and those that no public name ends in.
func private(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	host = strings.TrimSuffix(host, ".")
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".internal") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".localhost")
}

func (l *loader) duration(name string, low, high time.Duration) time.Duration {
	d, err := time.ParseDuration(l.text(name))
	if err != nil || d < low || d > high {
		l.refuse(name, "a Go duration from "+low.String()+" to "+high.String()+", for example 90s")
	}
	return d
}

func (l *loader) price(name string) *float64 {
	text := l.text(name)
	if text == "" {
		return nil
	}
	price, err := strconv.ParseFloat(text, 64)
	if err != nil || !(price >= 0 && price <= 1e6) {
		l.refuse(name, "what a million tokens cost, for example 2.50")
	}
	return &price
}
