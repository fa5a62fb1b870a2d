package config

import (
	"strings"
	"testing"
)

func TestEachBadValueNamesItsVariable(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]string{
		"EXTRACTOR_HTTP_ADDR":             {"8080", "localhost:http!", "localhost:70000"},
		"EXTRACTOR_PUBLIC_URL":            {"extractor.example.com", "ftp://x", "http://"},
		"EXTRACTOR_SETUP_KEY":             {"short"},
		"EXTRACTOR_ENCRYPTION_KEY":        {"not base64!", "c2hvcnQ="},
		"EXTRACTOR_DATABASE_URL":          {"mysql://x", "extractor.db"},
		"EXTRACTOR_BLOB_URL":              {"http://account.blob", "UseDevelopmentStorage=true"},
		"EXTRACTOR_BLOB_CONTAINER":        {"No", "a", "a--b", "-abc"},
		"EXTRACTOR_TEMPORAL_ADDRESS":      {"temporal"},
		"EXTRACTOR_DEV_TEMPORAL_PORT":     {"x", "-1", "65000"},
		"EXTRACTOR_WEBHOOK_ALLOW_PRIVATE": {"yes"},
		"EXTRACTOR_WEBHOOK_SCHEDULE":      {"5", "5s,,5m", "-1s"},
		"EXTRACTOR_METRICS_ADDR":          {"9090", "127.0.0.1:metrics"},
		"EXTRACTOR_TRACES_URL":            {"collector:4318", "grpc://collector:4317/", "http://collector:4318", "http://u:p@collector/v1/traces", "http://collector/v1/traces?key=1"},
		"EXTRACTOR_LOG_FORMAT":            {"xml", "JSON"},
		"EXTRACTOR_LLM_PROVIDER":          {"gemini", "OpenAI"},
		"EXTRACTOR_LLM_BASE_URL":          {"api.openai.com", "ftp://x", "http://api.openai.com/v1", "http://8.8.8.8/v1", "https://u:p@x/v1", "https://x/v1?key=1"},
		"EXTRACTOR_LLM_CONTEXT_TOKENS":    {"100", "many"},
		"EXTRACTOR_LLM_TIMEOUT":           {"90", "0s", "1h"},
		"EXTRACTOR_LLM_INPUT_PRICE":       {"-1", "2,50", "NaN"},
		"EXTRACTOR_LLM_OUTPUT_PRICE":      {"free"},

		"EXTRACTOR_MICROSOFT_AUTHORITY_URL": {"login.microsoftonline.com", "http://login.microsoftonline.com", "https://login.microsoftonline.com/common", "https://u:p@x"},
		"EXTRACTOR_GRAPH_URL":               {"ftp://x", "http://8.8.8.8", "https://graph.microsoft.com/v1.0", "https://x?key=1"},
	} {
		for _, value := range values {
			_, err := Load(func(asked string) string {
				if asked == name {
					return value
				}
				return ""
			}, true)
			if err == nil || !strings.HasPrefix(err.Error(), name+" must be ") {
				t.Errorf("%s=%q: got %v, want an error that names the variable", name, value, err)
			}
		}
	}
}

func TestAnEmptyEnvironmentIsValid(t *testing.T) {
	t.Parallel()
	for _, dev := range []bool{true, false} {
		c, err := Load(func(string) string { return "" }, dev)
		if err != nil {
			t.Fatal(err)
		}
		if (c.LogFormat == "text") != dev || c.MetricsAddr != "" || c.TracesURL != "" {
			t.Fatalf("defaults of telemetry are wrong: %+v", c)
		}
		if c.PublicURL != "http://127.0.0.1:8080" || len(c.WebhookSchedule) != 8 || c.WebhookAllowPrivate != dev {
			t.Fatalf("defaults are wrong: %+v", c)
		}
	}
}

func TestAModelNeedsWhatItsProviderNeeds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		set    string
		refuse string // the variable that is wrong; empty: none
	}{
		{"PROVIDER=builtin", ""},
		{"PROVIDER=openai MODEL=m API_KEY=k", ""},
		{"PROVIDER=openai MODEL=m BASE_URL=http://127.0.0.1:11434/v1", ""},
		{"PROVIDER=openai MODEL=m BASE_URL=http://ollama:11434/v1", ""},
		{"PROVIDER=openai MODEL=m BASE_URL=http://10.1.2.3/v1 INPUT_PRICE=2.5 OUTPUT_PRICE=10", ""},
		{"PROVIDER=azure-openai MODEL=m API_KEY=k BASE_URL=https://acme.openai.azure.com", ""},
		{"PROVIDER=anthropic MODEL=m API_KEY=k", ""},
		{"PROVIDER=openai API_KEY=k", "MODEL"},
		{"PROVIDER=openai MODEL=m", "API_KEY"},
		{"PROVIDER=azure-openai MODEL=m API_KEY=k", "BASE_URL"},
		{"PROVIDER=azure-openai MODEL=m API_KEY=k BASE_URL=http://127.0.0.1", "BASE_URL"},
		{"PROVIDER=azure-openai MODEL=m API_KEY=k BASE_URL=https://acme.openai.azure.com/openai/v1", "BASE_URL"},
		{"PROVIDER=azure-openai MODEL=m BASE_URL=https://acme.openai.azure.com", "API_KEY"},
		{"PROVIDER=anthropic MODEL=m", "API_KEY"},
		{"PROVIDER=openai MODEL=m API_KEY=k INPUT_PRICE=2.5", "INPUT_PRICE"},
	} {
		values := map[string]string{}
		for part := range strings.FieldsSeq(tc.set) {
			name, value, _ := strings.Cut(part, "=")
			values["EXTRACTOR_LLM_"+name] = value
		}
		_, err := Load(func(name string) string { return values[name] }, true)
		if (err == nil) != (tc.refuse == "") || (err != nil && !strings.HasPrefix(err.Error(), "EXTRACTOR_LLM_"+tc.refuse+" must be ")) {
			t.Errorf("%s: got %v", tc.set, err)
		}
	}
}

func TestMailboxesAreOfferedWhereAnApplicationAndItsSecretAreSet(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		id, secret, graph, refused string
	}{
		{},
		{id: "app", secret: "s"},
		{id: "app", secret: "s", graph: "http://127.0.0.1:9999/"},
		{id: "app", refused: "EXTRACTOR_MICROSOFT_CLIENT_SECRET"},
		{secret: "s", refused: "EXTRACTOR_MICROSOFT_CLIENT_ID"},
	} {
		values := map[string]string{
			"EXTRACTOR_MICROSOFT_CLIENT_ID": tc.id, "EXTRACTOR_MICROSOFT_CLIENT_SECRET": tc.secret, "EXTRACTOR_GRAPH_URL": tc.graph,
		}
		c, err := Load(func(name string) string { return values[name] }, false)
		if (err != nil) != (tc.refused != "") || (err != nil && !strings.HasPrefix(err.Error(), tc.refused)) || c.Microsoft.Offered() != (tc.id != "") {
			t.Errorf("%+v: offered %v, %v", tc, c.Microsoft.Offered(), err)
		}
		if want := strings.TrimSuffix(tc.graph, "/"); want != "" && c.Microsoft.GraphURL != want {
			t.Errorf("the address is %s, want %s", c.Microsoft.GraphURL, want)
		}
	}
}
