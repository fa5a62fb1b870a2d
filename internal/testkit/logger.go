package testkit

import (
	"io"
	"log/slog"
	"testing"

	"decoded.digital/extractor/internal/logs"
)

// Logger writes warnings and errors into the test's output, which is shown
// where the test fails.
func Logger(t testing.TB) *slog.Logger {
	t.Helper()
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// LoggerTo writes everything into w, for tests of what is logged.
func LoggerTo(w io.Writer) *slog.Logger {
	return slog.New(logs.Handler{Handler: slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})})
}
