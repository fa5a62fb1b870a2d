package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"decoded.digital/extractor/internal/config"
)

// runProduction runs the API or the worker against a database and a Temporal
// cluster that others keep.
func runProduction(ctx context.Context, part string, c *config.Config, logs io.Writer) error {
	for name, missing := range map[string]bool{
		"EXTRACTOR_ENCRYPTION_KEY":   c.EncryptionKey == nil,
		"EXTRACTOR_TEMPORAL_ADDRESS": c.TemporalAddress == "",
		"EXTRACTOR_DATABASE_URL":     c.DatabaseURL == "",
		"EXTRACTOR_SETUP_KEY":        c.SetupKey == "" && part == "api",
	} {
		if missing {
			return fmt.Errorf("%s must be set for extractor %s; extractor config says what it may be", name, part)
		}
	}
	p, err := open(ctx, c, logs)
	if err != nil {
		return err
	}
	if part == "worker" {
		return errors.Join(p.work(ctx), p.close())
	}
	listener, err := listen(ctx, c)
	if err != nil {
		return errors.Join(err, p.close())
	}
	return errors.Join(p.serve(ctx, listener), p.close())
}

func listen(ctx context.Context, c *config.Config) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.HTTPAddr)
	if err != nil {
		return nil, fmt.Errorf("the API can't listen on %s (EXTRACTOR_HTTP_ADDR): %w", c.HTTPAddr, err)
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
