package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"decoded.digital/extractor/internal/logs"
	"decoded.digital/extractor/internal/telemetry"
	"decoded.digital/extractor/workflows"
)

// flushTimeout is how long the last spans may take to their collector.
const flushTimeout = time.Second

// observe makes what the process logs, traces and measures with, and takes the
// port of its metrics.
func (p *parts) observe(ctx context.Context, part string, out io.Writer) (err error) {
	if p.logger, err = logs.New(out, p.config.LogFormat); err != nil {
		return fmt.Errorf("EXTRACTOR_LOG_FORMAT: %w", err)
	}
	p.telemetry, err = telemetry.New(ctx, telemetry.Options{Part: part, TracesURL: p.config.TracesURL, Logger: p.logger})
	if err != nil {
		return fmt.Errorf("EXTRACTOR_TRACES_URL: %w", err)
	}
	if p.config.MetricsAddr == "" {
		return nil
	}
	p.metrics, err = (&net.ListenConfig{}).Listen(ctx, "tcp", p.config.MetricsAddr)
	if err != nil {
		return fmt.Errorf("can't listen on %s (EXTRACTOR_METRICS_ADDR): %w", p.config.MetricsAddr, err)
	}
	p.logger.InfoContext(ctx, "metrics are served", "address", p.metrics.Addr().String())
	return nil
}

// serveMetrics answers GET /metrics, if it is to be served, until ctx ends.
func (p *parts) serveMetrics(ctx context.Context) error {
	if p.metrics == nil {
		return nil
	}
	return serve(ctx, p.metrics, p.telemetry.Handler(), func() {})
}

// close ends what open opened, which may be a part of it.
func (p *parts) close(ctx context.Context) error {
	var errs []error
	if p.temporal != nil {
		p.temporal.Close()
	}
	if p.store != nil {
		errs = append(errs, p.store.Close())
	}
	if p.metrics != nil {
		if err := p.metrics.Close(); !errors.Is(err, net.ErrClosed) { // its server closed it
			errs = append(errs, err)
		}
	}
	if p.telemetry != nil {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
		defer cancel()
		if err := p.telemetry.Close(end); err != nil {
			p.logger.WarnContext(ctx, "the last spans were not sent", "error", err)
		}
	}
	return errors.Join(errs...)
}

// quiet passes the Temporal client's warnings on and keeps its chatter.
type quiet struct{ logger *slog.Logger }

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}

func (q quiet) Warn(message string, args ...any) { q.logger.Warn(message, withID(args)...) }

// Error leaves out what the worker has logged with more of its context.
func (q quiet) Error(message string, args ...any) {
	if message != "Activity error." {
		q.logger.Error(message, withID(args)...)
	}
}

// withID adds the extraction's id where a line names its workflow.
func withID(args []any) []any {
	for i := 0; i+1 < len(args); i += 2 {
		workflowID, _ := args[i+1].(string)
		if id := workflows.ExtractionID(workflowID); args[i] == "WorkflowID" && id != "" {
			return append(args, logs.ExtractionID, id)
		}
	}
	return args
}
