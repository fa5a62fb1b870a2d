package main

import (
	"fmt"

	"go.opentelemetry.io/otel/metric"
	nometric "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	notrace "go.opentelemetry.io/otel/trace/noop"

	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/internal/llm"
	"decoded.digital/extractor/internal/understand"
)

// understanding is what fills templates: the built-in engine, or a language
// model beside it.
func understanding(c config.LLM, traces trace.TracerProvider, meters metric.MeterProvider) (understand.Engine, error) {
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
	if client, err = llm.Observe(client, c.Provider, c.Model, traces, meters); err != nil {
		return nil, err
	}
	o := understand.Options{Client: client, ContextTokens: c.ContextTokens}
	if c.InputPrice != nil && c.OutputPrice != nil {
		o.Prices = &understand.Prices{Input: *c.InputPrice, Output: *c.OutputPrice}
	}
	return understand.New(engine.New(), o), nil
}

// unobserved is the same for a command, which is neither traced nor measured.
func unobserved(c config.LLM) (understand.Engine, error) {
	return understanding(c, notrace.NewTracerProvider(), nometric.NewMeterProvider())
}
