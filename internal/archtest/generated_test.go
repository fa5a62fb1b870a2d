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
	for checkedIn, generator := range map[string][]string{
		"openapi.gen.go": {"go", "tool", "-modfile=../tools/contract/go.mod", "oapi-codegen", "-config", "oapi-codegen.yaml"},
		"../web/packages/react/src/gen/openapi.d.ts": {"../tools/node_modules/.bin/openapi-typescript"},
	} {
		t.Run(filepath.Base(checkedIn), func(t *testing.T) {
			t.Parallel()
			generated := filepath.Join(t.TempDir(), filepath.Base(checkedIn))
			command := exec.CommandContext(t.Context(), generator[0], append(generator[1:], "-o", generated, "openapi.yaml")...)
			command.Dir = "../../api"
			if out, err := command.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			want, err := os.ReadFile(generated)
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(command.Dir, checkedIn))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s is stale (%v); run: go generate ./api", checkedIn, err)
			}
		})
	}
}
