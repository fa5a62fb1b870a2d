package tests

import (
	"strings"
	"testing"

	"decoded.digital/extractor/internal/testkit/llmfake"
)

// languageModel runs the product with a model on this machine, which first is
// out of quota and then makes a value up.
func languageModel(t *testing.T, p *product) {
	model := llmfake.NewLocal(t, func(n int, r *llmfake.Request) llmfake.Reply {
		if n == 1 {
			return llmfake.Reply{Status: 429, Header: map[string]string{"Retry-After-Ms": "200"}}
		}
		return llmfake.Reply{Text: inventing(r.Schema)}
	})
	env := devEnvironment(t)
	env["EXTRACTOR_METRICS_ADDR"], env["EXTRACTOR_LOG_FORMAT"] = "127.0.0.1:0", "json"
	env["EXTRACTOR_LLM_PROVIDER"], env["EXTRACTOR_LLM_BASE_URL"] = "openai", model.URL
	env["EXTRACTOR_LLM_API_KEY"], env["EXTRACTOR_LLM_MODEL"] = llmfake.Key, llmfake.Model
	env["EXTRACTOR_LLM_INPUT_PRICE"], env["EXTRACTOR_LLM_OUTPUT_PRICE"] = "2.50", "10"
	run, base := p.startDev(t, env)
	metrics := "http://" + run.await(t, `"metrics are served","address":"([^"]+)"`) + "/metrics"
	h := onboard(t, base, env["EXTRACTOR_SETUP_KEY"])
	h.createDocument(t)
	x := h.await(t, h.upload(t, "invoice.pdf", sample(t, "invoice.pdf")), "completed", 1)
	if x.ExtractedData["invoice_number"] != "Invented 1" {
		t.Errorf("got %v", x.ExtractedData)
	}
	evidence, _ := x.Evidence["invoice_number"].(map[string]any)
	if confidence, _ := evidence["confidence"].(float64); evidence["method"] != "ungrounded" || confidence > 0.5 || confidence <= 0 {
		t.Errorf("got %v", evidence)
	}
	if x.Usage == nil || x.Usage.Calls != 1 || x.Usage.InputTokens != llmfake.InputTokens || x.Usage.Cost == nil || *x.Usage.Cost <= 0 {
		t.Errorf("got usage %+v", x.Usage)
	}
	if _, text := fetch(t, metrics); !strings.Contains(text, `extractor_llm_tokens_total{direction="input",model="`+llmfake.Model) ||
		!strings.Contains(text, `outcome="limited"`) {
		t.Error("tokens and calls are not measured")
	}
	if strings.Contains(run.out.String(), llmfake.Key) {
		t.Error("the key is logged")
	}
}

// inventing makes an answer up that follows a schema: the invoice has the number
// "Invented 1", and nothing else.
func inventing(schema map[string]any) string {
	properties, _ := schema["properties"].(map[string]any)
	parts := make([]string, 0, len(properties))
	for key, value := range properties {
		kind, _ := value.(map[string]any)["type"].(string)
		text := "null"
		switch {
		case key == "invoice_number":
			text = `"Invented 1"`
		case kind == "array":
			text = "[]"
		case kind == "object":
			text = inventing(value.(map[string]any))
		}
		parts = append(parts, `"`+key+`":`+text)
	}
	return "{" + strings.Join(parts, ",") + "}"
}
