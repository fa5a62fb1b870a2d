// Package archtest holds the import table: which package may import which of
// ours, and in which room each large library lives. It is the table's one
// source; a new package gets its row here first.
package archtest

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "decoded.digital/extractor"

// allowed lists, for each package of ours, the packages of ours that it may
// import. "*" is everything.
func allowed() map[string][]string {
	return map[string][]string{
		"models":                   {},
		"internal/store":           {"models"},
		"internal/blob":            {"models"},
		"internal/secret":          {"models"},
		"internal/config":          {"models"},
		"internal/outbound":        {"models"},
		"internal/logs":            {},
		"internal/telemetry":       {"internal/logs"},
		"internal/process":         {},
		"internal/reader":          {"models", "internal/process"},
		"internal/reader/parse":    {"models", "internal/reader", "internal/ocr", "internal/process"},
		"internal/reader/wall":     {},
		"internal/reader/overlay":  {"models", "internal/reader"},
		"internal/ocr":             {"internal/process"},
		"internal/engine":          {"models", "internal/reader"},
		"internal/llm":             {"models"},
		"internal/understand":      {"models", "internal/reader", "internal/engine", "internal/llm"},
		"internal/webhook":         {"models", "internal/outbound", "internal/secret"},
		"internal/mailbox":         {"models", "internal/outbound", "internal/secret"},
		"internal/mailbox/msgraph": {"internal/mailbox"},
		"internal/intake":          {"models", "internal/store", "internal/blob"},
		"api":                      {"models", "internal/store", "internal/intake", "internal/blob", "internal/secret", "internal/logs", "internal/mailbox", "web"},
		"activities":               {"models", "internal/store", "internal/intake", "internal/reader", "internal/engine", "internal/blob", "internal/webhook", "internal/mailbox", "internal/understand"},
		"workflows":                {"models", "activities"},
		"worker":                   {"models", "workflows", "activities", "internal/store", "internal/logs"},
		"internal/testkit":         {"*"},
		"internal/testkit/draw":    {},
		"internal/archtest":        {},
		"cmd/extractor":            {"*"},
		"tests":                    {"*"},
		"web":                      {},

		"internal/testkit/llmfake":   {},
		"internal/testkit/graphfake": {},
	}
}

// rooms says in which package a library lives alone.
func rooms() map[string]string {
	return map[string]string{
		"github.com/gin-gonic/gin": "api",
		"gorm.io/":                 "internal/store",
		"github.com/Azure/azure-sdk-for-go/sdk/storage/": "internal/blob",
		"github.com/microsoftgraph/":                     "internal/mailbox/msgraph",
		"github.com/klippa-app/go-pdfium":                "internal/reader/parse",
		"go.opentelemetry.io/otel/sdk":                   "internal/telemetry",
		"go.opentelemetry.io/otel/exporters/":            "internal/telemetry",
		"go.temporal.io/sdk/contrib/":                    "internal/telemetry",
		"github.com/prometheus/":                         "internal/telemetry",
		"github.com/openai/":                             "internal/llm",
		"github.com/anthropics/":                         "internal/llm",
	}
}

// banned lists imports that a package may not have although they are neither
// ours nor in a room.
func banned() map[string][]string {
	return map[string][]string{
		"workflows":  {"net/http", "os", "math/rand", "crypto/rand"},
		"activities": {"go.temporal.io/sdk/client"},
		"api":        {"go.temporal.io/"},

		// The SDK's root compiles 80 packages more.
		"internal/mailbox/msgraph": {"github.com/microsoftgraph/msgraph-sdk-go"},
	}
}

type goPackage struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var p goPackage
		if err := decoder.Decode(&p); err != nil {
			t.Fatalf("go list's answer: %v", err)
		}
		packages = append(packages, p)
	}
	return packages
}

func TestImportsFollowTheTable(t *testing.T) {
	t.Parallel()
	table := allowed()
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		may, known := table[name]
		if !known {
			t.Errorf("package %s has no row in the import table", name)
			continue
		}
		for _, imported := range p.Imports {
			checkImport(t, name, may, imported)
		}
	}
}

func checkImport(t *testing.T, name string, may []string, imported string) {
	t.Helper()
	if own, ours := strings.CutPrefix(imported, module+"/"); ours {
		if !slices.Contains(may, "*") && !slices.Contains(may, own) {
			t.Errorf("%s imports %s; it may import %v", name, own, may)
		}
		if strings.HasPrefix(own, "internal/testkit") && !strings.HasPrefix(name, "internal/testkit") {
			t.Errorf("%s ships and imports %s", name, own)
		}
		return
	}
	if name == "models" && strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
		t.Errorf("models imports %s; it imports the standard library alone", imported)
	}
	for library, room := range rooms() {
		if strings.HasPrefix(imported, library) && name != room {
			t.Errorf("%s imports %s, which lives in %s alone", name, imported, room)
		}
	}
	for _, bad := range banned()[name] {
		if imported == bad || (strings.HasSuffix(bad, "/") && strings.HasPrefix(imported, bad)) {
			t.Errorf("%s may not import %s", name, imported)
		}
	}
}
