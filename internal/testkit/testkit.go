// Package testkit starts the real parts that tests need: Postgres, Azurite and
// the Temporal dev server, each on an address of its own and gone with the
// test. A part that is missing fails the test with the command that installs
// it: nothing is skipped.
package testkit

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"decoded.digital/extractor/internal/process"
)

// Root is the folder of the repository.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, ".golangci.yml")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("the test does not run inside the repository")
		}
		dir = parent
	}
}

// Cache is a folder that outlives the test, for what is costly to make and the
// same each time.
func Cache(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(Root(t), "bin", "test-cache")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// OCR is the folder of the models that read pictures; `make ocr` fills it.
func OCR(t testing.TB) string {
	t.Helper()
	return filepath.Join(Root(t), "bin", "ocr")
}

// start runs command until the test ends.
func start(t testing.TB, command *exec.Cmd) {
	t.Helper()
	process.EndWithParent(command, syscall.SIGKILL)
	if err := command.Start(); err != nil {
		t.Fatalf("start %s: %v", command.Path, err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
}
