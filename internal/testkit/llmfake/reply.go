package llmfake

import "encoding/json"

// Tokens that the server counts for any request.
const (
	InputTokens  = 1200
	OutputTokens = 34
)

// body is the reply in the provider's form.
func (s *Server) body(r Reply) []byte {
	if r.Raw != "" {
		return []byte(r.Raw)
	}
	if r.Status != 0 {
		failure := map[string]any{"type": r.Type, "message": r.Message}
		if s.provider == "anthropic" {
			return s.encode(map[string]any{"type": "error", "error": failure, "request_id": "req_1"})
		}
		failure["code"], failure["param"] = r.Type, nil
		return s.encode(map[string]any{"error": failure})
	}
	if s.provider == "anthropic" {
		return s.encode(anthropicBody(r))
	}
	return s.encode(openAIBody(r))
}

func openAIBody(r Reply) map[string]any {
	finish := "stop"
	message := map[string]any{"role": "assistant", "content": r.Text, "refusal": nil}
	switch r.Stop {
	case "truncated":
		finish = "length"
	case "refused":
		message["content"], message["refusal"] = nil, "I can't help with that."
	case "filtered":
		finish = "content_filter"
	}
	return map[string]any{
		"id": "chatcmpl-1", "object": "chat.completion", "created": 1790000000, "model": Model + "-2026-01-01",
		"choices": []any{map[string]any{"index": 0, "message": message, "finish_reason": finish, "logprobs": nil}},
		"usage":   map[string]any{"prompt_tokens": InputTokens, "completion_tokens": OutputTokens, "total_tokens": InputTokens + OutputTokens},
	}
}

func anthropicBody(r Reply) map[string]any {
	stop := "end_turn"
	switch r.Stop {
	case "truncated":
		stop = "max_tokens"
	case "refused", "filtered":
		stop = "refusal"
	}
	// A part of the prompt may have come out of a cache; it is read all the same.
	return map[string]any{
		"id": "msg_1", "type": "message", "role": "assistant", "model": Model + "-2026-01-01",
		"content": []any{map[string]any{"type": "text", "text": r.Text}}, "stop_reason": stop, "stop_sequence": nil,
		"usage": map[string]any{
			"input_tokens": InputTokens - 200, "cache_read_input_tokens": 150, "cache_creation_input_tokens": 50, "output_tokens": OutputTokens,
		},
	}
}

func (s *Server) encode(v any) []byte {
	encoded, err := json.Marshal(v)
	if err != nil {
		s.t.Errorf("encode the reply: %v", err)
	}
	return encoded
}
