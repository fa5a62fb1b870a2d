// Package llmfake is a provider of language models that checks each request as
// strictly as a real one, and answers, stalls, truncates and lies as it is told.
package llmfake

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Key is the one that the server takes.
const Key = "sk-llmfake-0123456789abcdef"

// Model is the name under which the server's model is asked for.
const Model = "small-model"

//go:embed openai.json
var openAISchema []byte

//go:embed anthropic.json
var anthropicSchema []byte

// Request is what the server was asked, whichever provider it plays.
type Request struct {
	Instructions string
	Text         string // of the first user turn's parts, joined by new lines
	Pictures     [][]byte
	Schema       map[string]any // nil: none was sent
	Previous     string         // the answer that is to be repaired
	Complaint    string
	Stored       *bool // OpenAI's store
	MaxTokens    int
}

// Reply is what the server does.
type Reply struct {
	Text    string // the completion
	Stop    string // empty: done; "truncated", "refused"
	Status  int    // other than 200: an error of this type and message
	Type    string
	Message string
	Header  map[string]string
	Raw     string // the whole body instead
	Stall   bool   // never answer
	Hangup  bool   // end the connection in the middle of the answer
}

// Server plays a provider.
type Server struct {
	URL  string
	HTTP *http.Client

	t        *testing.T
	provider string
	schema   *jsonschema.Schema
	answer   func(number int, r *Request) Reply
	stop     chan struct{}
	mu       sync.Mutex
	requests []*Request
}

// New starts a server that plays provider ("openai", "azure-openai" or
// "anthropic") and answers request number n, from 1, as answer says. A request
// that the provider would refuse fails the test.
func New(t *testing.T, provider string, answer func(n int, r *Request) Reply) *Server {
	t.Helper()
	return start(t, provider, answer, httptest.NewTLSServer) // keys are not sent without TLS
}

// NewLocal starts a server as people run it on their own machine: it speaks
// OpenAI's protocol, over plain http.
func NewLocal(t *testing.T, answer func(n int, r *Request) Reply) *Server {
	t.Helper()
	return start(t, "openai", answer, httptest.NewServer)
}

func start(t *testing.T, provider string, answer func(n int, r *Request) Reply, listen func(http.Handler) *httptest.Server) *Server {
	t.Helper()
	s := &Server{t: t, provider: provider, answer: answer, stop: make(chan struct{}), schema: compile(t, provider)}
	server := listen(http.HandlerFunc(s.serve))
	s.URL, s.HTTP = server.URL, server.Client()
	if provider == "openai" {
		s.URL += "/v1"
	}
	t.Cleanup(func() {
		close(s.stop)
		server.Close()
		s.HTTP.CloseIdleConnections()
	})
	return s
}

func compile(t *testing.T, provider string) *jsonschema.Schema {
	t.Helper()
	content := openAISchema
	if provider == "anthropic" {
		content = anthropicSchema
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("request.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("request.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// Requests are those that were made so far.
func (s *Server) Requests() []*Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Request(nil), s.requests...)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("read the request: %v", err)
	}
	request := s.check(r, body)
	s.mu.Lock()
	s.requests = append(s.requests, request)
	number := len(s.requests)
	s.mu.Unlock()
	reply := s.answer(number, request)
	if reply.Stall {
		select {
		case <-r.Context().Done():
		case <-s.stop:
		}
		return
	}
	for name, value := range reply.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-Id", "req_1")
	content := s.body(reply)
	if reply.Hangup {
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write(content[:len(content)/2])
		panic(http.ErrAbortHandler)
	}
	if reply.Status != 0 {
		w.WriteHeader(reply.Status)
	}
	_, _ = w.Write(content)
}

// check holds the request against what the provider publishes.
func (s *Server) check(r *http.Request, body []byte) *Request {
	var path, query, header, key string
	switch s.provider {
	case "openai":
		path, header, key = "/v1/chat/completions", "Authorization", "Bearer "+Key
	case "azure-openai":
		path, query, header, key = "/openai/deployments/"+Model+"/chat/completions", "api-version=2024-10-21", "Api-Key", Key
	case "anthropic":
		path, header, key = "/v1/messages", "Authorization", "Bearer "+Key
		if r.Header.Get("Anthropic-Version") != "2026-10-21" {
			s.t.Errorf("anthropic-version is %q", r.Header.Get("Anthropic-Version"))
		}
	}
	if r.Method != http.MethodPost || r.URL.Path != path || r.URL.RawQuery != query {
		s.t.Errorf("%s %s: want POST %s?%s", r.Method, r.URL, path, query)
	}
	if r.Header.Get(header) != key {
		s.t.Errorf("%s is %q", header, r.Header.Get(header))
	}
	if r.Header.Get("Content-Type") != "application/json" {
		s.t.Errorf("content-type is %q", r.Header.Get("Content-Type"))
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		s.t.Errorf("the request is no JSON: %v", err)
		return &Request{}
	}
	if err := s.schema.Validate(value); err != nil {
		s.t.Errorf("the provider would refuse the request: %v", err)
	}
	request := s.parse(body)
	if request.Schema != nil {
		for _, wrong := range strict(s.provider, request.Schema) {
			s.t.Errorf("the provider would refuse the schema: %s", wrong)
		}
	}
	return request
}

// wire has the fields of both protocols.
type wire struct {
	Model               string
	MaxTokens           int `json:"max_tokens"`
	MaxCompletionTokens int `json:"max_completion_tokens"`
	Store               *bool
	System              []part
	Messages            []struct {
		Role    string
		Content json.RawMessage
	}
	ResponseFormat struct {
		JSONSchema struct {
			Schema map[string]any
			Strict bool
		} `json:"json_schema"`
	} `json:"response_format"`
	OutputConfig struct {
		Format struct{ Schema map[string]any }
	} `json:"output_config"`
}

type part struct {
	Text     string
	ImageURL struct{ URL string } `json:"image_url"`
	Source   struct{ Data string }
}

func (s *Server) parse(body []byte) *Request {
	var sent wire
	if err := json.Unmarshal(body, &sent); err != nil {
		s.t.Errorf("decode the request: %v", err)
	}
	if sent.Model != Model {
		s.t.Errorf("model is %q", sent.Model)
	}
	request := &Request{Stored: sent.Store, MaxTokens: max(sent.MaxTokens, sent.MaxCompletionTokens), Schema: sent.OutputConfig.Format.Schema}
	if schema := sent.ResponseFormat.JSONSchema; schema.Schema != nil {
		request.Schema = schema.Schema
		if !schema.Strict {
			s.t.Error("the schema is not strict")
		}
	}
	for _, p := range sent.System {
		request.Instructions += p.Text
	}
	users := 0
	for _, m := range sent.Messages {
		text, pictures := s.content(m.Content)
		switch {
		case m.Role == "system":
			request.Instructions = text
		case m.Role == "assistant":
			request.Previous = text
		case users > 0:
			request.Complaint = text
		default:
			request.Text, request.Pictures = text, pictures
			users++
		}
	}
	return request
}

func (s *Server) content(raw json.RawMessage) (string, [][]byte) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var parts []part
	if err := json.Unmarshal(raw, &parts); err != nil {
		s.t.Errorf("decode a message: %v", err)
	}
	var texts []string
	var pictures [][]byte
	for _, p := range parts {
		encoded := p.Source.Data
		if _, data, found := strings.Cut(p.ImageURL.URL, ";base64,"); found {
			encoded = data
		}
		if encoded == "" {
			texts = append(texts, p.Text)
			continue
		}
		picture, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			s.t.Errorf("decode a picture: %v", err)
		}
		pictures = append(pictures, picture)
	}
	return strings.Join(texts, "\n"), pictures
}
