package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/api"
	"decoded.digital/extractor/internal/config"
)

// runAPI serves HTTP over a database and a Temporal cluster that others keep.
func runAPI(ctx context.Context, c *config.Config, logs io.Writer) error {
	if err := require(c, "api"); err != nil {
		return err
	}
	p, err := open(ctx, c, "api", logs)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, c)
	if err != nil {
		return errors.Join(err, p.close(ctx))
	}
	p.logger.InfoContext(ctx, "the API is ready", "address", listener.Addr().String())
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return p.serveAPI(running, listener) })
	group.Go(func() error { return p.serveMetrics(running) })
	return errors.Join(group.Wait(), p.close(ctx))
}

// runWorker polls Temporal and keeps the outbox's promises; over HTTP it only
// says how it is.
func runWorker(ctx context.Context, c *config.Config, logs io.Writer) error {
	if err := require(c, "worker"); err != nil {
		return err
	}
	p, err := open(ctx, c, "worker", logs)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, c)
	if err != nil {
		return errors.Join(err, p.close(ctx))
	}
	h, err := p.newWorker(ctx)
	if err != nil {
		return errors.Join(err, listener.Close(), p.close(ctx))
	}
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error {
		return h.run(running, func() { p.logger.InfoContext(ctx, "the worker is ready", "address", listener.Addr().String()) })
	})
	group.Go(func() error { return p.serveMetrics(running) })
	group.Go(func() error { return serve(running, listener, api.NewProbes(p.probes(), p.logger), func() {}) })
	return errors.Join(group.Wait(), p.close(ctx))
}

// require names the variable that a part can't run without.
func require(c *config.Config, part string) error {
	for _, need := range []struct {
		name    string
		missing bool
	}{
		{"EXTRACTOR_DATABASE_URL", c.DatabaseURL == ""},
		{"EXTRACTOR_TEMPORAL_ADDRESS", c.TemporalAddress == ""},
		{"EXTRACTOR_ENCRYPTION_KEY", c.EncryptionKey == nil},
		{"EXTRACTOR_SETUP_KEY", c.SetupKey == "" && part == "api"},
	} {
		if need.missing {
			return fmt.Errorf("%s must be set for extractor %s; extractor config says what it may be", need.name, part)
		}
	}
	return nil
}

// listen takes the API's port. Where the system chose it (port 0), the
// addresses that are handed out follow.
func listen(ctx context.Context, c *config.Config) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.HTTPAddr)
	if err != nil {
		return nil, fmt.Errorf("can't listen on %s (EXTRACTOR_HTTP_ADDR): %w", c.HTTPAddr, err)
	}
	if address := listener.Addr().String(); c.PublicURL == "http://"+c.HTTPAddr {
		c.PublicURL = "http://" + address
	}
	return listener, nil
}

func runMigrate(ctx context.Context, c *config.Config, out io.Writer) error {
	s, err := openStore(ctx, c)
	if err != nil {
		return err
	}
	if err := s.Migrate(ctx); err != nil {
		return errors.Join(fmt.Errorf("migrate the database: %w", err), s.Close())
	}
	_, err = fmt.Fprintln(out, "the database is up to date")
	return errors.Join(err, s.Close())
}

// runHealth asks the API or the worker on this machine whether it is ready: a
// container's health check, where there is no shell and no curl.
func runHealth(ctx context.Context, c *config.Config, out io.Writer) error {
	host, port, err := net.SplitHostPort(c.HTTPAddr)
	if err != nil {
		return fmt.Errorf("EXTRACTOR_HTTP_ADDR: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", http.NoBody)
	if err != nil {
		return fmt.Errorf("EXTRACTOR_HTTP_ADDR: %w", err)
	}
	client := &http.Client{Timeout: 5 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("nothing answers on %s: %w", c.HTTPAddr, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", strings.TrimSpace(string(body)))
	}
	_, err = fmt.Fprintln(out, "ready")
	return err
}
