package tests

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"decoded.digital/extractor/internal/testkit"
)

// guide is a host application that has nothing but docs/integration-guide.md:
// it runs the page's curl lines as they stand there, with its own key and ids.
type guide struct {
	*host
	setupKey string
	dir      string // where document.pdf lies
	steps    []step
	ids      map[string]string // by the first part of the path, of what the lines refer to
}

// step is a curl line of the guide and the answer that is printed below it.
type step struct {
	heading string // like "GET /api/embed/verify"
	curl    string
	want    string // JSON; empty where the guide prints none
}

// TestTheGuidesCurlLinesAnswerWhatTheGuidePrints holds the product against its
// contract's own text.
func TestTheGuidesCurlLinesAnswerWhatTheGuidePrints(t *testing.T) {
	t.Parallel()
	env := devEnvironment(t)
	_, base := build(t).startDev(t, env)
	g := &guide{host: &host{base: base}, setupKey: env["EXTRACTOR_SETUP_KEY"], dir: t.TempDir(), steps: readGuide(t), ids: map[string]string{}}
	g.prepare(t)
	if len(g.steps) != 25 {
		t.Errorf("%d curl lines were found in the guide", len(g.steps))
	}
	for _, s := range g.steps {
		g.before(t, s)
		g.run(t, s)
	}
}

var guideBlock = regexp.MustCompile("(?ms)^#### `(\\w+ /api/embed/\\S+)`$|^```(sh|json)\n(.*?)^```$")

// readGuide finds the curl lines; of the JSON that stands below one the last is
// its answer (one before it may be a request's body with comments).
func readGuide(t *testing.T) []step {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "integration-guide.md"))
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	heading, open := "", false
	for _, block := range guideBlock.FindAllStringSubmatch(string(page), -1) {
		switch {
		case block[1] != "":
			heading, open = block[1], false
		case block[2] == "sh":
			steps, open = append(steps, step{heading: heading, curl: block[3]}), true
		case open:
			steps[len(steps)-1].want, open = block[3], false
		}
	}
	return steps
}

// prepare makes what the guide's first lines take for granted: a tenant with the
// two users that it names and a template, and the file that it sends.
func (g *guide) prepare(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(g.dir, "document.pdf"), sample(t, "invoice.pdf"), 0o600); err != nil {
		t.Fatal(err)
	}
	g.host = onboard(t, g.base, g.setupKey)
	for _, email := range []string{"user@example.com", "admin@acme.com"} {
		body := `{"firstName":"A","lastName":"B","email":"` + email + `","role":"admin"}`
		g.call(t, http.MethodPost, "/api/embed/users", body, http.StatusCreated, nil)
	}
	g.ids["tenants"] = tenantOf(t, g.host)
	g.runEarly(t, "POST /api/embed/documents")
}

func tenantOf(t *testing.T, h *host) string {
	t.Helper()
	var answer struct {
		TenantID string `json:"tenantId"`
	}
	h.call(t, http.MethodGet, "/api/embed/verify", "", http.StatusOK, &answer)
	return answer.TenantID
}

// before brings about what a line needs that the lines above it don't: the
// guide lists what there is before it makes it, and deletes what it still needs.
func (g *guide) before(t *testing.T, s step) {
	t.Helper()
	switch s.heading {
	case "GET /api/embed/extractions": // it asks for completed ones
		g.await(t, g.ids["extractions"], "completed", 1)
	case "POST /api/embed/extractions/:id/retry":
		g.ids["extractions"] = g.upload(t, "broken.pdf", []byte("%PDF-1.7 broken"))
		g.await(t, g.ids["extractions"], "analysis failed", 1)
	case "GET /api/embed/files":
		g.runEarly(t, "POST /api/embed/files")
	case "GET /api/embed/webhooks":
		g.runEarly(t, "POST /api/embed/webhooks")
	case "PUT /api/embed/webhooks/:id":
		g.runEarly(t, "POST /api/embed/documents")
	}
}

func (g *guide) runEarly(t *testing.T, heading string) {
	t.Helper()
	for _, s := range g.steps {
		if s.heading == heading {
			g.run(t, s)
		}
	}
}

var (
	anyID     = regexp.MustCompile(`\b507f1f77bcf86cd7994390\d\d\b`)
	anyKey    = regexp.MustCompile(`ext_xxx(\.\.\.)?`)
	anyExpiry = regexp.MustCompile(`"expiresAt": "[^"]*"`)
)

// run runs a line in a shell, and compares the answer.
func (g *guide) run(t *testing.T, s step) {
	t.Helper()
	concept := strings.Split(s.heading, "/")[3]
	line := strings.NewReplacer(
		"curl ", `curl -s -w '\n%{http_code}' `, "https://extractor.decoded.digital", g.base, "your-setup-key", g.setupKey,
		`"fields": [...]`, `"fields": [{"key":"total","type":"String","description":"Total amount"}]`,
		`"documentIds": ["507f1f77bcf86cd799439011"]`, `"documentIds": ["`+g.ids["documents"]+`"]`,
	).Replace(s.curl)
	line = anyKey.ReplaceAllLiteralString(anyID.ReplaceAllLiteralString(line, g.ids[concept]), g.key)
	next := time.Now().AddDate(1, 0, 0).Format(time.RFC3339) // the guide's own dates will have passed
	line = anyExpiry.ReplaceAllLiteralString(line, `"expiresAt": "`+next+`"`)
	shell := exec.CommandContext(t.Context(), "sh", "-c", line)
	shell.Dir = g.dir
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", s.heading, err, line)
	}
	end := strings.LastIndex(string(out), "\n")
	body, code := out[:end], string(out[end+1:])
	var envelope struct{ Data, Error any }
	if err := json.Unmarshal(body, &envelope); err != nil {
		t.Fatalf("%s: %v in %s", s.heading, err, out)
	}
	if status, _ := strconv.Atoi(code); status != wantStatus(s.heading) || envelope.Error != nil {
		t.Errorf("%s: got %s %s", s.heading, code, body)
	}
	for _, wrong := range differences(want(t, s), envelope.Data, "data") {
		t.Errorf("%s: %s in %s", s.heading, wrong, body)
	}
	g.remember(concept, envelope.Data)
}

// remember keeps the id of what a line made, for those that refer to it.
func (g *guide) remember(concept string, data any) {
	object, _ := data.(map[string]any)
	for _, key := range []string{"extractionId", "_id", "id"} {
		if id, ok := object[key].(string); ok && object["deleted"] == nil {
			if concept == "extract" {
				concept = "extractions"
			}
			g.ids[concept] = id
			return
		}
	}
}

// wantStatus is 201 where something is created (docs/decisions/0005), else 200.
func wantStatus(heading string) int {
	switch heading {
	case "POST /api/embed/onboard", "POST /api/embed/users", "POST /api/embed/documents", "POST /api/embed/webhooks", "POST /api/embed/api-keys":
		return http.StatusCreated
	}
	return http.StatusOK
}

// want is the printed answer's data; where the guide prints the envelope, the
// data of it.
func want(t *testing.T, s step) any {
	t.Helper()
	if s.want == "" {
		return map[string]any{}
	}
	var value any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(s.want, "[...]", "[]")), &value); err != nil {
		t.Fatalf("%s: %v in %s", s.heading, err, s.want)
	}
	if object, ok := value.(map[string]any); ok && object["data"] != nil {
		return object["data"]
	}
	return value
}

// said are the keys whose printed value is meant as it stands; others are
// examples.
func said(key string) bool {
	return slices.Contains([]string{
		"valid", "success", "deleted", "message", "status", "source", "appName", "scope", "fileType", "type",
	}, key)
}

// differences lists where got is not what the guide prints: a key that is
// missing, a value of another type or form. Further keys are allowed.
func differences(want, got any, path string) []string {
	switch want := want.(type) {
	case map[string]any:
		return objectDifferences(want, got, path)
	case []any:
		list, ok := got.([]any)
		if !ok {
			return []string{path + " is no list"}
		}
		if len(want) == 0 || strings.HasSuffix(path, ".allowedDomains") { // an example
			return nil
		}
		if len(list) == 0 {
			return []string{path + " is empty"}
		}
		return differences(want[0], list[0], path+"[0]")
	}
	key := path[strings.LastIndex(path, ".")+1:]
	wrong := []string{fmt.Sprintf("%s is %v, printed is %v", path, got, want)}
	switch {
	case got == nil && slices.Contains([]string{"vendor_name", "total"}, key): // what this document has of the example's values
		return nil
	case fmt.Sprintf("%T", got) != fmt.Sprintf("%T", want), said(key) && got != want:
		return wrong
	}
	text, isText := got.(string)
	for name, form := range map[string]string{
		"id": `^[0-9a-f]{24}$`, "_id": `^[0-9a-f]{24}$`, "key": `^ext_[0-9A-Za-z]{6}\.\.\.$|^ext_[0-9A-Za-z]{49}$|^\w+$`,
		"createdAt": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`, "updatedAt": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`, "fileUrl": `^https?://`,
	} {
		if isText && key == name && !regexp.MustCompile(form).MatchString(text) {
			return wrong
		}
	}
	return nil
}

func objectDifferences(want map[string]any, got any, path string) []string {
	object, ok := got.(map[string]any)
	if !ok {
		return []string{path + " is no object"}
	}
	var wrong []string
	for key, value := range want {
		given, ok := object[key]
		switch {
		case !ok:
			wrong = append(wrong, path+"."+key+" is missing")
		case given == nil && key == "email", given == nil && key == "lastUsedAt": // null until a mailbox brings a file, until a key is used
		case key == "accounts": // none is connected
		default:
			wrong = append(wrong, differences(value, given, path+"."+key)...)
		}
	}
	return wrong
}
