package testkit

import (
	"context"
	"log/slog"
	"os/exec"
	"path/filepath"
	"testing"

	"go.temporal.io/api/workflowservice/v1"
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
		ExtraArgs:     dynamicConfig(),
	})
	if err != nil {
		t.Fatalf("start the Temporal dev server (make bin/temporal builds it): %v", err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	return server.Client(), server.FrontendHostPort()
}

// StartDurableTemporal starts a dev server that keeps its runs in a file.
func StartDurableTemporal(t testing.TB) (service *Service, address string) {
	t.Helper()
	program, file, port := filepath.Join(Root(t), "bin/temporal"), filepath.Join(t.TempDir(), "temporal.db"), freePort(t)
	address = "127.0.0.1:" + port
	command := func() *exec.Cmd {
		arguments := []string{
			"server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", port, "--db-filename", file, "--sqlite-pragma", "journal_mode=WAL", "--log-level", "never",
		}
		return exec.Command(program, append(arguments, dynamicConfig()...)...)
	}
	return startService(t, "Temporal", command, func() error { return describeNamespace(address) }), address
}

func describeNamespace(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), pingWithin)
	defer cancel()
	c, err := client.DialContext(ctx, client.Options{HostPort: address, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: Namespace})
	return err
}

// dynamicConfig is what a server needs beside its defaults, as
// deployments/temporal/dynamicconfig.yaml has it.
func dynamicConfig() []string {
	return []string{
		"--dynamic-config-value", "system.enableActivityEagerExecution=true",
		"--dynamic-config-value", "matching.useNewMatcher=true", "--dynamic-config-value", "matching.enableFairness=true",
		"--dynamic-config-value", "matching.numTaskqueueReadPartitions=1", "--dynamic-config-value", "matching.numTaskqueueWritePartitions=1",
	}
}
