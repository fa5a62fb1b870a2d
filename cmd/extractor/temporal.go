package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/process"
	"decoded.digital/extractor/workflows"
)

const (
	temporalReady = 30 * time.Second
	// temporalFree is how long the ports of a dev server that was just ended may
	// still be taken: a kill -9 of this process ends it a moment later.
	temporalFree = 5 * time.Second
	// temporalTries is how often it is started: it chooses ports for its own parts
	// that others may take before it does.
	temporalTries = 3
	// temporalStop leaves Ctrl-C its 5 s.
	temporalStop = 3 * time.Second
	pollEvery    = 50 * time.Millisecond
)

// temporalServer is the dev server's process; command is nil where a cluster is
// used.
type temporalServer struct {
	command *exec.Cmd
	exited  chan struct{}
	logs    *mutable
	ui      string
}

// startTemporal starts the dev server, unless a cluster is configured, and
// waits until it answers.
func startTemporal(ctx context.Context, c *config.Config, logs io.Writer) (*temporalServer, error) {
	if c.TemporalAddress != "" {
		return &temporalServer{ui: cmp.Or(c.TemporalUIURL, "of the cluster at "+c.TemporalAddress)}, nil
	}
	if err := choosePorts(ctx, c); err != nil {
		return nil, err
	}
	c.TemporalAddress = net.JoinHostPort("127.0.0.1", strconv.Itoa(c.DevTemporalPort))
	for try := 1; ; try++ {
		s, err := launchTemporal(ctx, c, logs)
		if err == nil || try == temporalTries || !errors.Is(err, errEndedAtOnce) {
			return s, err
		}
	}
}

// errEndedAtOnce is a dev server that was not ready when it ended.
var errEndedAtOnce = errors.New("it ended at once")

func launchTemporal(ctx context.Context, c *config.Config, logs io.Writer) (*temporalServer, error) {
	binary, err := findTemporal()
	if err != nil {
		return nil, err
	}
	s := &temporalServer{exited: make(chan struct{}), logs: &mutable{to: logs}, ui: "http://127.0.0.1:" + strconv.Itoa(c.DevTemporalPort+uiOffset)}
	//nolint:noctx // our own binary; ended by stop, so that the workers can still finish
	s.command = exec.Command(binary, temporalArguments(c)...)
	s.command.Stderr = s.logs // its standard output is a banner with addresses that are ours to print
	// A group of its own: Ctrl-C in a terminal must not end it before the
	// workers; and if this process is killed, the kernel ends the child.
	s.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it gets no Ctrl-C of ours
	process.EndWithParent(s.command, syscall.SIGTERM)
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("start the Temporal dev server: %w", err)
	}
	go func() { // stop waits for it
		_ = s.command.Wait()
		close(s.exited)
	}()
	if err := s.awaitReady(ctx, c); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func temporalArguments(c *config.Config) []string {
	arguments := []string{
		"server", "start-dev", "--ip", "127.0.0.1", "--port", strconv.Itoa(c.DevTemporalPort),
		"--ui-port", strconv.Itoa(c.DevTemporalPort + uiOffset), "--db-filename", filepath.Join(c.DataDir, "temporal.db"), "--log-level", "error",
		"--dynamic-config-value", "system.enableActivityEagerExecution=true",
		"--dynamic-config-value", "matching.useNewMatcher=true", "--dynamic-config-value", "matching.enableFairness=true",
		// The same durability as SQLite's default journal for half the writes: twice
		// as many runs a second, and half the wait behind other tenants' runs.
		"--sqlite-pragma", "journal_mode=WAL",
		"--dynamic-config-value", "matching.numTaskqueueReadPartitions=1", "--dynamic-config-value", "matching.numTaskqueueWritePartitions=1",
	}
	for name, kind := range workflows.SearchAttributes() {
		arguments = append(arguments, "--search-attribute", name+"="+kind.String())
	}
	return arguments
}

func findTemporal() (string, error) {
	for _, name := range []string{"bin/temporal", "temporal"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("temporal is missing: build it with make bin/temporal, or put it on PATH")
}

// devRetention is for how long the dev server keeps closed runs.
const devRetention = 30 * 24 * time.Hour

// uiOffset is how far the port of the dev server's UI is from its own.
const uiOffset = 1000

// choosePorts sees that the dev server's ports are free; for port 0 it finds
// some that are.
func choosePorts(ctx context.Context, c *config.Config) error {
	ctx, cancel := context.WithTimeout(ctx, temporalFree)
	defer cancel()
	if c.DevTemporalPort != 0 {
		return errors.Join(awaitFree(ctx, c.DevTemporalPort), awaitFree(ctx, c.DevTemporalPort+uiOffset))
	}
	return poll(ctx, func() error {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("find a free port: %w", err)
		}
		port := listener.Addr().(*net.TCPAddr).Port //nolint:errcheck // a TCP listener's
		if err := listener.Close(); err != nil {
			return err
		}
		ui, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port+uiOffset)))
		if err != nil {
			return fmt.Errorf("find two free ports: %w", err)
		}
		c.DevTemporalPort = port
		return ui.Close()
	})
}

func awaitFree(ctx context.Context, port int) error {
	return poll(ctx, func() error {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return fmt.Errorf("the Temporal dev server needs port %d (EXTRACTOR_DEV_TEMPORAL_PORT and 1000 more): %w", port, err)
		}
		return listener.Close()
	})
}

func (s *temporalServer) awaitReady(ctx context.Context, c *config.Config) error {
	ctx, cancel := context.WithTimeoutCause(ctx, temporalReady, errors.New("it took too long"))
	defer cancel()
	err := poll(ctx, func() error {
		select {
		case <-s.exited:
			cancel()
			return fmt.Errorf("%w (%s); what it said stands above", errEndedAtOnce, s.command.ProcessState)
		default:
		}
		connection, err := client.DialContext(ctx, client.Options{HostPort: c.TemporalAddress, Namespace: c.TemporalNamespace, Logger: silent{}})
		if err != nil {
			return err
		}
		defer connection.Close()
		// The dev server's own day is over before a Monday.
		_, err = connection.WorkflowService().UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
			Namespace: c.TemporalNamespace, Config: &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(devRetention)},
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("the Temporal dev server did not get ready: %w", err)
	}
	return nil
}

// poll tries until it succeeds or ctx ends; the error is the last try's.
func poll(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pollEvery): //nolint:forbidigo // what is polled tells no one when it is ready
		}
	}
}

// watch ends with an error if the server ends before ctx does.
func (s *temporalServer) watch(ctx context.Context) error {
	select {
	case <-s.exited:
		return errors.New("the Temporal dev server ended; what it said stands above")
	case <-ctx.Done():
		return nil
	}
}

// stop ends the server and waits for it.
func (s *temporalServer) stop() {
	if s.command == nil {
		return
	}
	s.logs.muted.Store(true)
	_ = s.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.exited:
	case <-time.After(temporalStop): //nolint:forbidigo // bounds the end of a process
		_ = s.command.Process.Kill()
		<-s.exited
	}
}

// mutable writes until it is muted: while it ends, the dev server reports each
// of its own connections as an error.
type mutable struct {
	to    io.Writer
	muted atomic.Bool
}

func (m *mutable) Write(p []byte) (int, error) {
	if m.muted.Load() {
		return len(p), nil
	}
	return m.to.Write(p)
}

// silent drops what the client says while the server is still starting.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
