package understand

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/internal/llm"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/internal/testkit/llmfake"
	"decoded.digital/extractor/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pageOf lays lines out in a grid of characters; two blanks and more part
// columns.
func pageOf(number int, lines ...string) reader.Page {
	const columns = 100
	rows := float64(max(60, len(lines)+1))
	p := reader.Page{Number: number, Width: 600, Height: 800}
	for i, l := range lines {
		column := 0
		for part := range strings.SplitSeq(l, " ") {
			width := len([]rune(part))
			if width > 0 {
				p.Words = append(p.Words, reader.Word{Text: part, Box: models.Box{
					X: float64(column) / columns, Y: float64(i) / rows, Width: float64(width) / columns, Height: 0.8 / rows,
				}})
			}
			column += width + 1
		}
	}
	return p
}

func documentOf(lines ...string) *reader.Document {
	return &reader.Document{Pages: []reader.Page{pageOf(1, lines...)}}
}

func field(key string, kind models.FieldType, children ...models.Field) models.Field {
	return models.Field{Key: key, Type: kind, Description: strings.ReplaceAll(key, "_", " "), Children: children}
}

func template(fields ...models.Field) *models.Document {
	return &models.Document{ID: "t", Name: "Invoice", Description: "what is to be paid", Fields: fields}
}

// bundle is the engine that asks the fake.
type bundle struct {
	Engine
	server *llmfake.Server
}

type answerer = func(n int, r *llmfake.Request) llmfake.Reply

func setup(t *testing.T, answer answerer, options ...func(*Options)) *bundle {
	t.Helper()
	server := llmfake.New(t, llm.OpenAI, answer)
	client, err := llm.New(llm.Options{
		Provider: llm.OpenAI, BaseURL: server.URL, APIKey: llmfake.Key, Model: llmfake.Model, Timeout: 10 * time.Second, HTTP: server.HTTP,
	})
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Client: client, ContextTokens: 65536}
	for _, set := range options {
		set(&o)
	}
	return &bundle{Engine: New(engine.New(), o), server: server}
}

// telling answers every request with the same data.
func telling(data map[string]any) answerer {
	return func(int, *llmfake.Request) llmfake.Reply { return replyOf(data) }
}

func replyOf(data any) llmfake.Reply {
	encoded, err := json.Marshal(data)
	if err != nil {
		return llmfake.Reply{Status: 500, Message: err.Error()}
	}
	return llmfake.Reply{Text: string(encoded)}
}

func (b *bundle) extract(t *testing.T, read *reader.Document, fields ...models.Field) Result {
	t.Helper()
	found, err := b.Extract(t.Context(), Input{Read: read, Template: template(fields...)})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
