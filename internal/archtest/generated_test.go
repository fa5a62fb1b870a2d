package archtest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGeneratedCodeIsFresh runs the generators again: what is checked in must be
// what the contract says now.
func TestGeneratedCodeIsFresh(t *testing.T) {
	t.Parallel()
	generated := filepath.Join(t.TempDir(), "openapi.gen.go")
	command := exec.CommandContext(t.Context(), "go", "tool", "-modfile=../tools/contract/go.mod", "oapi-codegen",
		"-config", "oapi-codegen.yaml", "-o", generated, "openapi.yaml")
	command.Dir = "../../api"
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want, err := os.ReadFile(generated)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../api/openapi.gen.go")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("api/openapi.gen.go is stale (%v); run: go generate ./api", err)
	}
}
