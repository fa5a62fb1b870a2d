package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"go.temporal.io/sdk/client"

	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/ocr"
	"decoded.digital/extractor/worker"
	"decoded.digital/extractor/workflows"
)

// doctorTimeout bounds the whole examination: a part that is away must not keep
// an operator waiting.
const doctorTimeout = 30 * time.Second

// runDoctor says what is stuck and why; it fails if anything is.
func runDoctor(ctx context.Context, c *config.Config, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	address := c.TemporalAddress
	if address == "" { // the dev server of extractor dev
		address = net.JoinHostPort("127.0.0.1", strconv.Itoa(c.DevTemporalPort))
	}
	temporal, err := client.NewLazyClient(client.Options{HostPort: address, Namespace: c.TemporalNamespace, Logger: silent{}})
	if err != nil {
		return fmt.Errorf("EXTRACTOR_TEMPORAL_ADDRESS: %w", err)
	}
	defer temporal.Close()
	d := &worker.Doctor{
		Starter: &workflows.Starter{Client: temporal, Namespace: c.TemporalNamespace, Mailboxes: c.Microsoft.Offered()}, Now: now,
		Files: func(ctx context.Context) error {
			blobs, err := openBlobs(ctx, c)
			if err != nil {
				return err
			}
			return blobs.Ping(ctx)
		},
		Readers: func(ctx context.Context) []worker.Finding {
			var findings []worker.Finding
			for _, part := range ocr.Status(ctx, c.OCRDir) {
				findings = append(findings, worker.Reader(part.Name, part.OK, part.Advice))
			}
			return findings
		},
	}
	s, err := openStore(ctx, c)
	if err != nil {
		d.StoreError = err
		return printFindings(out, d.Examine(ctx))
	}
	d.Store = s.System()
	return errors.Join(printFindings(out, d.Examine(ctx)), s.Close())
}

// printFindings writes a line a finding, and below what is not well what to do.
func printFindings(out io.Writer, findings []worker.Finding) error {
	bad := 0
	for _, f := range findings {
		mark := "ok  "
		if !f.OK {
			mark = "FAIL"
			bad++
		}
		if _, err := fmt.Fprintf(out, "%s  %-36s %s\n", mark, f.Part, f.Detail); err != nil {
			return err
		}
		if f.Advice != "" {
			if _, err := fmt.Fprintf(out, "      %-36s -> %s\n", "", f.Advice); err != nil {
				return err
			}
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d findings need attention", bad, len(findings))
	}
	return nil
}
