package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/activities"
	"decoded.digital/extractor/api"
	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/internal/ocr"
	"decoded.digital/extractor/internal/outbound"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/internal/telemetry"
	"decoded.digital/extractor/internal/webhook"
	"decoded.digital/extractor/models"
	"decoded.digital/extractor/worker"
	"decoded.digital/extractor/workflows"
)

// drainTimeout is how long requests that are being answered may take after the
// process was told to end; platforms wait 30 s before they kill.
const drainTimeout = 20 * time.Second

// dialTimeout is how long a part may take to answer at start.
const dialTimeout = 10 * time.Second

// parts is what API and worker are made of.
type parts struct {
	config    *config.Config
	store     *store.Store
	blobs     blob.Store
	azure     *blob.Azure // what blobs are kept in; nil: on disk
	keys      *secret.Keys
	temporal  client.Client
	logger    *slog.Logger
	telemetry *telemetry.Telemetry
	metrics   net.Listener // nil: they are not served
	reads     bool         // documents are read here
}

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) } //nolint:forbidigo // the one real clock

// open opens database, file storage and Temporal for a part of the product.
func open(ctx context.Context, c *config.Config, part string, logs io.Writer) (*parts, error) {
	p := &parts{config: c}
	if err := p.open(ctx, part, logs); err != nil {
		return nil, errors.Join(err, p.close(ctx))
	}
	return p, nil
}

func (p *parts) open(ctx context.Context, part string, logs io.Writer) (err error) {
	if err := p.observe(ctx, part, logs); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if p.keys, err = secret.NewKeys(p.config.EncryptionKey); err != nil {
		return fmt.Errorf("EXTRACTOR_ENCRYPTION_KEY: %w", err)
	}
	stored, err := openBlobs(ctx, p.config)
	if err != nil {
		return err
	}
	p.azure, _ = stored.(*blob.Azure)
	p.blobs = blob.Observe(stored, p.telemetry.Traces)
	if p.store, err = openStore(ctx, p.config); err != nil {
		return err
	}
	if err := p.store.Observe(ctx, p.telemetry.Traces, p.telemetry.Meters); err != nil {
		return err
	}
	if err := p.dial(ctx); err != nil {
		return err
	}
	// By whichever part starts first: without them no run can be started.
	return workflows.RegisterSearchAttributes(ctx, p.temporal, p.config.TemporalNamespace)
}

// dial connects to Temporal.
func (p *parts) dial(ctx context.Context) error {
	options := client.Options{
		HostPort: p.config.TemporalAddress, Namespace: p.config.TemporalNamespace, Logger: quiet{p.logger},
	}
	if err := p.telemetry.Temporal(&options); err != nil {
		return err
	}
	temporal, err := client.DialContext(ctx, options)
	if err != nil {
		return fmt.Errorf("no Temporal there (EXTRACTOR_TEMPORAL_ADDRESS is %s): %w", p.config.TemporalAddress, err)
	}
	p.temporal = temporal
	return nil
}

// openStore opens the configured database.
func openStore(ctx context.Context, c *config.Config) (*store.Store, error) {
	address, name := c.DatabaseURL, "EXTRACTOR_DATABASE_URL"
	if address == "" {
		if err := makeDataDir(c); err != nil {
			return nil, err
		}
		address, name = "sqlite:"+filepath.Join(c.DataDir, "extractor.db"), "EXTRACTOR_DATA_DIR"
	}
	s, err := store.Open(ctx, address, now)
	if err != nil {
		return nil, fmt.Errorf("the database is not there (%s): %w", name, err)
	}
	return s, nil
}

// openBlobs opens the configured file storage.
func openBlobs(ctx context.Context, c *config.Config) (blob.Store, error) {
	if c.BlobURL != "" {
		azure, err := blob.NewAzure(ctx, c.BlobURL, c.BlobContainer)
		if err != nil {
			return nil, fmt.Errorf("the file storage is not there (EXTRACTOR_BLOB_URL): %w", err)
		}
		return azure, nil
	}
	if err := makeDataDir(c); err != nil {
		return nil, err
	}
	disk, err := blob.NewDisk(filepath.Join(c.DataDir, "files"))
	if err != nil {
		return nil, fmt.Errorf("the file storage is not there (EXTRACTOR_DATA_DIR): %w", err)
	}
	return disk, nil
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

func (p *parts) starter() *workflows.Starter {
	return &workflows.Starter{Client: p.temporal, Namespace: p.config.TemporalNamespace, Mailboxes: p.config.Microsoft.Offered()}
}

func (p *parts) intake() *intake.Intake {
	return &intake.Intake{Store: p.store, Blobs: p.blobs, Now: now}
}

// api is the server of every route; its Run runs beside it.
func (p *parts) api() (*api.Server, error) {
	addresses, err := p.addresses()
	if err != nil {
		return nil, err
	}
	config := api.Config{
		Store: p.store, Blobs: p.blobs, Intake: p.intake(), Runner: p.starter(),
		Keys: p.keys, SetupKey: p.config.SetupKey, PublicURL: p.config.PublicURL, FileURL: p.fileURL(),
		RunURL:               p.runURL(),
		RateLimit:            api.RateLimit(p.config.RateLimit),
		AllowPrivateWebhooks: p.config.WebhookAllowPrivate, CheckAddress: addresses.Check, Probes: p.probes(),
		Traces: p.telemetry.Traces, Meters: p.telemetry.Meters, Logger: p.logger, Now: now,
	}
	m, err := p.newMail()
	if err != nil {
		return nil, err
	}
	if m != nil {
		config.Connector, config.Mail = m.connector, m.client
	}
	return api.New(config), nil
}

// runURL writes the address of an extraction's run in the Temporal UI.
func (p *parts) runURL() func(string) string {
	if p.config.TemporalUIURL == "" {
		return nil
	}
	return func(extractionID string) string {
		return fmt.Sprintf("%s/namespaces/%s/workflows/%s", p.config.TemporalUIURL,
			url.PathEscape(p.config.TemporalNamespace), workflows.ExtractionRunID(extractionID))
	}
}

// fileURL writes files' addresses: the storage's own where it can sign them,
// else the API's.
func (p *parts) fileURL() func(models.File) string {
	own := api.FileURL(p.config.PublicURL, p.keys, now)
	if p.azure == nil || !p.azure.CanSign() {
		return own
	}
	return func(f models.File) string {
		address, err := p.azure.SignedURL(f.BlobKey, f.Name, f.Type, now().Add(api.FileURLLife))
		if err != nil {
			p.logger.Warn("sign a file's address; the API serves the file", "id", f.ID, "error", err)
			return own(f)
		}
		return address
	}
}

// probes are the parts that must be there.
func (p *parts) probes() []api.Probe {
	probes := []api.Probe{
		{Name: "the database", Check: p.store.Ping},
		{Name: "the file storage", Check: p.blobs.Ping},
		{Name: "Temporal, or a worker that polls it,", Check: p.starter().Ready},
	}
	if p.config.Microsoft.Offered() { // files are taken in without it
		probes = append(probes, api.Probe{Name: "a worker that reads mailboxes: set EXTRACTOR_MICROSOFT_CLIENT_ID for it, too", Optional: true, Check: p.starter().ReadyForMail})
	}
	if p.reads {
		probes = append(probes, api.Probe{Name: "both readers of pictures, without which pictures and scans fail: run make ocr", Optional: true, Check: p.readsPictures})
	}
	return probes
}

// readsPictures says whether at least one of the readers of pictures is there.
func (p *parts) readsPictures(ctx context.Context) error {
	for _, part := range ocr.Status(ctx, p.config.OCRDir) {
		if part.OK {
			return nil
		}
	}
	return ocr.ErrNoReader
}

// serveAPI answers the API's requests until ctx ends. Its own work goes on until
// the last request is answered, so that every use of a key is counted.
func (p *parts) serveAPI(ctx context.Context, listener net.Listener) error {
	server, err := p.api()
	if err != nil {
		return err
	}
	beside, stop := context.WithCancel(context.WithoutCancel(ctx))
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return server.Run(beside) })
	group.Go(func() error {
		defer stop()
		return serve(running, listener, server, server.EndStreams)
	})
	return group.Wait()
}

// serve answers HTTP on the listener until ctx ends, then lets what is being
// answered finish; ending is called when that begins.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, ending func()) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute}
	server.RegisterOnShutdown(ending)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		return server.Shutdown(end)
	})
	return group.Wait()
}

// addresses says which addresses webhooks may call: none of this machine's.
func (p *parts) addresses() (outbound.Policy, error) {
	own, err := outbound.Interfaces()
	if err != nil {
		return outbound.Policy{}, err
	}
	public, err := url.Parse(p.config.PublicURL)
	if err != nil {
		return outbound.Policy{}, fmt.Errorf("EXTRACTOR_PUBLIC_URL: %w", err)
	}
	return outbound.Policy{AllowPrivate: p.config.WebhookAllowPrivate, Own: own, OwnHost: strings.ToLower(public.Hostname())}, nil
}

// newWorker makes the worker; its readers start while it does.
func (p *parts) newWorker(ctx context.Context) (*host, error) {
	p.reads = true
	if err := makeDataDir(p.config); err != nil {
		return nil, err
	}
	understands, err := understanding(p.config.LLM, p.telemetry.Traces, p.telemetry.Meters)
	if err != nil {
		return nil, err
	}
	addresses, err := p.addresses()
	if err != nil {
		return nil, err
	}
	caller, err := webhook.Observe(outbound.NewClient(addresses), p.telemetry.Traces, p.telemetry.Meters)
	if err != nil {
		return nil, err
	}
	documents, err := newReaders(ctx, p.config)
	if err != nil {
		return nil, err
	}
	system := p.store.System()
	mailboxes, err := p.mailSteps()
	if err != nil {
		return nil, err
	}
	if err := p.scheduleMail(ctx); err != nil {
		return nil, err
	}
	promised := make(chan struct{}, 1)
	steps := &activities.Activities{
		Store: system, Blobs: p.blobs, Reader: documents, Engine: understands,
		Webhooks: &webhook.Sender{Client: caller, Keys: p.keys, Now: now},
		Schedule: p.config.WebhookSchedule, Links: webhook.Links{PublicURL: p.config.PublicURL}, Mail: mailboxes, Now: now,
		Promised: func() {
			select {
			case promised <- struct{}{}:
			default: // it is about to look
			}
		},
	}
	return &host{
		readers: documents, workers: worker.New(p.temporal, steps, p.logger),
		relay: &worker.Relay{
			Store: system, Starter: p.starter(), Discard: p.intake().Discard, FirstCalls: activities.FirstCalls{Steps: steps},
			Promised: promised, Logger: p.logger, Now: now,
		}, ready: p.starter().Ready,
	}, nil
}

// host is what runs in a worker's process.
type host struct {
	readers *reader.Pool
	workers *worker.Worker
	relay   *worker.Relay
	ready   func(context.Context) error // whether Temporal knows that it polls
}

// run polls until ctx ends, then lets what runs finish. started is called once
// every queue is polled.
func (h *host) run(ctx context.Context, started func()) error {
	if err := h.workers.Start(); err != nil {
		h.readers.Close()
		return err
	}
	err := poll(ctx, func() error { return h.ready(ctx) })
	polling, stop := context.WithCancel(ctx)
	var stopping sync.WaitGroup
	stopping.Go(func() { // beside the relay's last calls: platforms wait for both no longer than for one
		<-polling.Done()
		h.workers.Stop()
	})
	if err == nil {
		started()
		err = h.relay.Run(ctx)
	}
	stop()
	stopping.Wait()
	h.readers.Close()
	return err
}
