package testkit

import (
	"log/slog"
	"testing"
)

// Logger writes warnings and errors into the test's output, which is shown
// where the test fails.
func Logger(t testing.TB) *slog.Logger {
	t.Helper()
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}
