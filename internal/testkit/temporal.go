package testkit

import (
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
)

// Namespace is the namespace of StartTemporal's server.
const Namespace = "default"

// StartTemporal starts a dev server in memory and answers a client of it.
func StartTemporal(t testing.TB) (c client.Client, address string) {
	t.Helper()
	server, err := testsuite.StartDevServer(t.Context(), testsuite.DevServerOptions{
		ExistingPath: filepath.Join(Root(t), "bin/temporal"), LogLevel: "error",
		ClientOptions: &client.Options{Namespace: Namespace, Logger: log.NewStructuredLogger(Logger(t))},
		ExtraArgs: []string{
			"--dynamic-config-value", "system.enableActivityEagerExecution=true",
			"--dynamic-config-value", "matching.useNewMatcher=true", "--dynamic-config-value", "matching.enableFairness=true",
		},
	})
	if err != nil {
		t.Fatalf("start the Temporal dev server (make bin/temporal builds it): %v", err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	return server.Client(), server.FrontendHostPort()
}
