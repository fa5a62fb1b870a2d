package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/internal/understand"
	"decoded.digital/extractor/models"
)

// fillTemplate reads a file, fills a template and prints the values with their
// evidence. Without a template it prints what the engine finds by itself.
func fillTemplate(ctx context.Context, c *config.Config, name, templateName string, machine bool, out io.Writer) error {
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	template, err := loadTemplate(templateName)
	if err != nil {
		return err
	}
	readers, err := newReaders(ctx, c)
	if err != nil {
		return err
	}
	defer readers.Close()
	document, err := readDocument(ctx, readers, content)
	if err != nil {
		return err
	}
	understands, err := unobserved(c.LLM)
	if err != nil {
		return err
	}
	result, err := understands.Extract(ctx, understand.Input{Read: document, Template: template})
	if err != nil {
		return err
	}
	if machine {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		answer := map[string]any{"data": result.Data, "evidence": result.Evidence, "checks": result.Checks}
		if result.Usage != nil {
			answer["usage"] = result.Usage
		}
		if result.Suggested != nil {
			answer["suggestedTemplate"] = result.Suggested.Draft()
		}
		return encoder.Encode(answer)
	}
	return printResult(&result.Result, out)
}

// loadTemplate reads and validates a template; an empty name is none.
func loadTemplate(name string) (*models.Document, error) {
	if name == "" {
		return nil, nil
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var template models.Document
	if err := json.Unmarshal(content, &template); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := template.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &template, nil
}

// printResult prints a line a value: path, value, confidence, page, and how it
// was found or why it was not.
func printResult(result *engine.Result, out io.Writer) error {
	paths := slices.SortedFunc(maps.Keys(result.Evidence), cmp.Compare)
	for _, path := range paths {
		e := result.Evidence[path]
		line := fmt.Sprintf("%-40s -  (%s)", path, e.Reason)
		if e.Reason == "" {
			line = fmt.Sprintf("%-40s %s  (%.2f, page %d, %s)", path, strings.Join(strings.Fields(e.Text), " "), e.Confidence, e.Page, e.Method)
		}
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	for _, c := range result.Checks {
		verdict := "ok"
		if !c.OK {
			verdict = fmt.Sprintf("off by %g", c.Difference)
		}
		if _, err := fmt.Fprintf(out, "check: %s: %s\n", c.Rule, verdict); err != nil {
			return err
		}
	}
	return nil
}
