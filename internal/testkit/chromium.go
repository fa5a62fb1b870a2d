package testkit

import (
	"os/exec"
	"testing"
)

// Chromium is the path of the browser that tests drive.
func Chromium(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("Chromium is missing: %v; make test installs it, or: apt-get install chromium", err)
	}
	return path
}
