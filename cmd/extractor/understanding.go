package main

import (
	"fmt"

	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/internal/llm"
	"decoded.digital/extractor/internal/understand"
)

// understanding is what fills templates: the built-in engine, or a language
// model beside it.
func (p *parts) understanding() (understand.Engine, error) {
	c := p.config.LLM
	if c.Provider == config.Builtin {
		return understand.Builtin(engine.New()), nil
	}
	client, err := llm.New(llm.Options{
		Provider: c.Provider, BaseURL: c.BaseURL, APIKey: c.APIKey, Model: c.Model, APIVersion: c.APIVersion,
		Timeout: c.Timeout, HTTP: llm.NewHTTPClient(),
	})
	if err != nil {
		return nil, fmt.Errorf("EXTRACTOR_LLM_PROVIDER: %w", err)
	}
	if client, err = llm.Observe(client, c.Provider, c.Model, p.telemetry.Traces, p.telemetry.Meters); err != nil {
		return nil, err
	}
	o := understand.Options{Client: client, ContextTokens: c.ContextTokens}
	if c.InputPrice != nil && c.OutputPrice != nil {
		o.Prices = &understand.Prices{Input: *c.InputPrice, Output: *c.OutputPrice}
	}
	return understand.New(engine.New(), o), nil
}
