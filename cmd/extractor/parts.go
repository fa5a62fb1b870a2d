package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/activities"
	"decoded.digital/extractor/api"
	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/internal/outbound"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/internal/webhook"
	"decoded.digital/extractor/models"
	"decoded.digital/extractor/worker"
	"decoded.digital/extractor/workflows"
)

// parts is what API and worker are made of.
type parts struct {
	config   *config.Config
	store    *store.Store
	blobs    blob.Store
	keys     *secret.Keys
	temporal client.Client
	logger   *slog.Logger
}

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) } //nolint:forbidigo // the one real clock

// openStore opens the configured database.
func openStore(ctx context.Context, c *config.Config) (*store.Store, error) {
	address := c.DatabaseURL
	if address == "" {
		if err := makeDataDir(c); err != nil {
			return nil, err
		}
		address = "sqlite:" + filepath.Join(c.DataDir, "extractor.db")
	}
	s, err := store.Open(ctx, address, now)
	if err != nil {
		return nil, fmt.Errorf("the database is not there (EXTRACTOR_DATABASE_URL): %w", err)
	}
	return s, nil
}

func makeDataDir(c *config.Config) error {
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return fmt.Errorf("the data folder can't be made (EXTRACTOR_DATA_DIR): %w", err)
	}
	probe, err := os.CreateTemp(c.DataDir, ".probe-*")
	if err != nil {
		return fmt.Errorf("the data folder can't be written (EXTRACTOR_DATA_DIR): %w", err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// open opens database, files and Temporal.
func open(ctx context.Context, c *config.Config, logs io.Writer) (*parts, error) {
	p := &parts{config: c, logger: slog.New(slog.NewTextHandler(logs, nil))}
	var err error
	if p.keys, err = secret.NewKeys(c.EncryptionKey); err != nil {
		return nil, fmt.Errorf("EXTRACTOR_ENCRYPTION_KEY: %w", err)
	}
	if err := makeDataDir(c); err != nil {
		return nil, err
	}
	if p.blobs, err = blob.NewDisk(filepath.Join(c.DataDir, "files")); err != nil {
		return nil, fmt.Errorf("the file storage is not there: %w", err)
	}
	if p.store, err = openStore(ctx, c); err != nil {
		return nil, err
	}
	p.temporal, err = client.DialContext(ctx, client.Options{
		HostPort: c.TemporalAddress, Namespace: c.TemporalNamespace, Logger: quiet{p.logger},
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("Temporal is not there (EXTRACTOR_TEMPORAL_ADDRESS=%s): %w", c.TemporalAddress, err), p.store.Close())
	}
	return p, nil
}

func (p *parts) close() error {
	p.temporal.Close()
	return p.store.Close()
}

func (p *parts) starter() *workflows.Starter {
	return &workflows.Starter{Client: p.temporal, Namespace: p.config.TemporalNamespace}
}

// serve answers HTTP on the listener until ctx ends.
func (p *parts) serve(ctx context.Context, listener net.Listener) error {
	handler := api.New(api.Config{
		Store: p.store, Blobs: p.blobs, Intake: &intake.Intake{Store: p.store, Blobs: p.blobs, Now: now}, Runner: p.starter(),
		Keys: p.keys, SetupKey: p.config.SetupKey, PublicURL: p.config.PublicURL,
		AllowPrivateWebhooks: p.config.WebhookAllowPrivate, Logger: p.logger, Now: now,
	})
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		return server.Shutdown(end)
	})
	return group.Wait()
}

// work runs the workers and the relay until ctx ends.
func (p *parts) work(ctx context.Context) error {
	if err := workflows.RegisterSearchAttributes(ctx, p.temporal, p.config.TemporalNamespace); err != nil {
		return err
	}
	documents, err := reader.New(filepath.Join(p.config.DataDir, "cache"))
	if err != nil {
		return fmt.Errorf("start the reader: %w", err)
	}
	system := p.store.System()
	steps := &activities.Activities{
		Store: system, Blobs: p.blobs, Reader: documents, Engine: engine.New(),
		Webhooks: &webhook.Sender{Client: outbound.NewClient(p.config.WebhookAllowPrivate), Keys: p.keys, Now: now},
		Schedule: p.config.WebhookSchedule, FileURL: p.fileURL, Now: now,
	}
	relay := &worker.Relay{Store: system, Starter: p.starter(), Logger: p.logger, Now: now}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return worker.Run(ctx, p.temporal, steps) })
	group.Go(func() error { return relay.Run(ctx) })
	return errors.Join(group.Wait(), documents.Close())
}

// fileURL is a file's address for a webhook: short-lived, as everywhere.
func (p *parts) fileURL(f models.File) string {
	expires := now().Add(15 * time.Minute).Unix()
	return api.FileURL(p.config.PublicURL, f.ID, expires, p.keys.SignFile(f.ID, expires))
}

// quiet passes the Temporal client's warnings on and keeps its chatter.
type quiet struct{ logger *slog.Logger }

func (quiet) Debug(string, ...any)                {}
func (quiet) Info(string, ...any)                 {}
func (q quiet) Warn(message string, args ...any)  { q.logger.Warn(message, args...) }
func (q quiet) Error(message string, args ...any) { q.logger.Error(message, args...) }
