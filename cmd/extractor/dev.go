package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/workflows"
)

// runDev is the whole product in one process, with the Temporal dev server as
// its child.
func runDev(ctx context.Context, c *config.Config, out, logs io.Writer) error {
	// The kernel ends the dev server when the thread that started it ends
	// (Pdeathsig), so that thread must be the process's own first one.
	runtime.LockOSThread()
	if err := makeDataDir(c); err != nil {
		return err
	}
	if err := keepSecrets(c); err != nil {
		return err
	}
	listener, err := listen(ctx, c)
	if err != nil {
		return err
	}
	server, err := startTemporal(ctx, c, logs)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	err = runAll(ctx, c, listener, server, out, logs)
	return errors.Join(err, server.stop())
}

func runAll(ctx context.Context, c *config.Config, listener net.Listener, server *temporalServer, out, logs io.Writer) error {
	p, err := open(ctx, c, logs)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := p.store.Migrate(ctx); err != nil {
		return errors.Join(fmt.Errorf("migrate the database: %w", err), listener.Close(), p.close())
	}
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return p.work(running) })
	group.Go(func() error { return p.serve(running, listener) })
	group.Go(func() error { return server.watch(running) })
	fmt.Fprintf(out, greeting, c.PublicURL, server.ui, c.SetupKey, c.SetupKey, c.PublicURL, c.PublicURL) //nolint:errcheck // a closed terminal is no failure
	return errors.Join(group.Wait(), p.close())
}

const greeting = `
Extractor is ready.
  API           %s
  Temporal UI   %s
  setup key     %s

Onboard; the answer holds an API key, shown once:
  curl -s -X POST -H 'X-Setup-Key: %s' -H 'Content-Type: application/json' \
    -d '{"organizationName":"Acme","firstName":"Jo","lastName":"Doe","email":"jo@acme.test"}' %s/api/embed/onboard

Extract the sample:
  curl -s -H 'X-API-Key: ext_…' -H 'X-User-Email: jo@acme.test' -F file=@samples/invoice.pdf %s/api/embed/extract

Ctrl-C ends it.
`

// keepSecrets makes the keys that are not configured, once, in the data folder.
func keepSecrets(c *config.Config) error {
	if c.SetupKey == "" {
		key, err := keep(filepath.Join(c.DataDir, "setup.key"), func() string {
			b := make([]byte, 16)
			rand.Read(b) //nolint:errcheck // never fails
			return hex.EncodeToString(b)
		})
		if err != nil {
			return err
		}
		c.SetupKey = key
	}
	if c.EncryptionKey != nil {
		return nil
	}
	path := filepath.Join(c.DataDir, "encryption.key")
	text, err := keep(path, func() string {
		b := make([]byte, 32)
		rand.Read(b) //nolint:errcheck // never fails
		return base64.StdEncoding.EncodeToString(b)
	})
	if err != nil {
		return err
	}
	if c.EncryptionKey, err = base64.StdEncoding.DecodeString(text); err != nil {
		return fmt.Errorf("%s is damaged: %w", path, err)
	}
	return nil
}

func keep(path string, create func() string) (string, error) {
	text, err := os.ReadFile(path) //nolint:gosec // in our own data folder
	if err == nil {
		return string(text), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read a kept key: %w", err)
	}
	made := create()
	if err := os.WriteFile(path, []byte(made), 0o600); err != nil {
		return "", fmt.Errorf("keep a key: %w", err)
	}
	return made, nil
}

// temporalServer is the dev server's process; nil where a cluster is used.
type temporalServer struct {
	command *exec.Cmd
	exited  chan error
	ui      string
}

// startTemporal starts the dev server, unless a cluster is configured, and
// waits until it answers.
func startTemporal(ctx context.Context, c *config.Config, logs io.Writer) (*temporalServer, error) {
	if c.TemporalAddress != "" {
		return &temporalServer{ui: "of the cluster at " + c.TemporalAddress}, nil
	}
	binary, err := findTemporal()
	if err != nil {
		return nil, err
	}
	c.TemporalAddress = net.JoinHostPort("127.0.0.1", strconv.Itoa(c.DevTemporalPort))
	args := []string{
		"server", "start-dev", "--ip", "127.0.0.1", "--port", strconv.Itoa(c.DevTemporalPort),
		"--ui-port", strconv.Itoa(c.DevTemporalPort + 1000), "--db-filename", filepath.Join(c.DataDir, "temporal.db"), "--log-level", "error",
		"--dynamic-config-value", "system.enableActivityEagerExecution=true",
		"--dynamic-config-value", "matching.useNewMatcher=true", "--dynamic-config-value", "matching.enableFairness=true",
	}
	for name, kind := range workflows.SearchAttributes() {
		args = append(args, "--search-attribute", name+"="+kind.String())
	}
	s := &temporalServer{exited: make(chan error, 1), ui: "http://127.0.0.1:" + strconv.Itoa(c.DevTemporalPort+1000)}
	s.command = exec.Command(binary, args...) //nolint:gosec,noctx // ended by stop, so that the workers can still finish
	s.command.Stdout, s.command.Stderr = logs, logs
	// A group of its own: Ctrl-C in a terminal must not end it before the
	// workers; and if this process is killed, the kernel ends the child.
	s.command.SysProcAttr = childAttributes()
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("start the Temporal dev server: %w", err)
	}
	go func() { s.exited <- s.command.Wait() }()
	if err := s.awaitReady(ctx, c); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func findTemporal() (string, error) {
	for _, name := range []string{"bin/temporal", "temporal"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("temporal is missing: build it with make bin/temporal, or put it on PATH")
}

func (s *temporalServer) awaitReady(ctx context.Context, c *config.Config) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		connection, err := client.DialContext(ctx, client.Options{HostPort: c.TemporalAddress, Namespace: c.TemporalNamespace, Logger: quietest{}})
		if err == nil {
			_, err = connection.WorkflowService().DescribeNamespace(ctx, describeNamespace(c.TemporalNamespace))
			connection.Close()
			if err == nil {
				return nil
			}
		}
		select {
		case err := <-s.exited:
			s.exited <- err
			return fmt.Errorf("the Temporal dev server ended at once; are the ports %d and %d free (EXTRACTOR_DEV_TEMPORAL_PORT)?", c.DevTemporalPort, c.DevTemporalPort+1000)
		case <-ctx.Done():
			return fmt.Errorf("the Temporal dev server did not get ready: %w", err)
		case <-time.After(100 * time.Millisecond): //nolint:forbidigo // polls a process that tells no one when it is ready
		}
	}
}

// watch ends with an error if the server ends before ctx does.
func (s *temporalServer) watch(ctx context.Context) error {
	select {
	case err := <-s.exited:
		s.exited <- err
		return fmt.Errorf("the Temporal dev server ended: %w", err)
	case <-ctx.Done():
		return nil
	}
}

// stop ends the server and waits for it.
func (s *temporalServer) stop() error {
	if s.command == nil {
		return nil
	}
	_ = s.command.Process.Signal(syscall.SIGTERM) //nolint:errcheck // it may have ended
	select {
	case <-s.exited:
	case <-time.After(3 * time.Second): //nolint:forbidigo // Ctrl-C ends everything within 5 s
		_ = s.command.Process.Kill() //nolint:errcheck // it may have ended
		<-s.exited
	}
	return nil
}
