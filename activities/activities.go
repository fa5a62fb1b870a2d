// Package activities has the steps that touch the world. Each has one effect
// and may safely run twice: a run that was reset starts them all again.
package activities

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/internal/understand"
	"decoded.digital/extractor/internal/webhook"
	"decoded.digital/extractor/models"
)

// Reader turns a file's bytes into pages of words; *reader.Pool is one.
type Reader interface {
	Read(ctx context.Context, fileType string, size int64, open func(context.Context) (io.ReadCloser, error), progress func(page, of int)) (reader.Result, error)
	Picture(ctx context.Context, fileType string, size int64, open func(context.Context) (io.ReadCloser, error), page, turn int) ([]byte, error)
}

// Activities holds what the steps need; its methods are the steps.
type Activities struct {
	Store    *store.System
	Blobs    blob.Store
	Reader   Reader
	Engine   understand.Engine
	Webhooks *webhook.Sender
	// Schedule is the delay before each attempt of a delivery; its length is
	// how many there are.
	Schedule []time.Duration
	// Links writes the addresses in webhooks' bodies.
	Links webhook.Links
	// Mail reads mailboxes; nil: they are not offered.
	Mail *Mail
	// Promised is called when a step has written to the outbox, so that the relay
	// need not wait for its next look; nil: it does.
	Promised func()
	Now      func() time.Time
}

// TypeSuperseded is the error of a step whose run no longer owns the row: a
// reset or a deletion took it. The workflow ends without another write.
const TypeSuperseded = "Superseded"

// providerTries is how often a step begins while a model's provider turns it
// away: some minutes. What our own parts can't do is tried for as long as the
// step may take: their outages are nobody's document's fault.
const providerTries = 12

// classify turns an error into what Temporal should do about it: what no
// repetition can mend is not retried, the rest is.
func classify(ctx context.Context, err error) error {
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		return err
	}
	options := temporal.ApplicationErrorOptions{NonRetryable: true, Cause: e.Cause}
	switch {
	case e.Type != "":
		// A bad document is the user's affair, a provider's limit is expected:
		// they page nobody. What only an operator mends does.
		if !e.Final {
			options.Category = temporal.ApplicationErrorCategoryBenign
		}
		// Those that were turned away together do not come back together.
		later := time.Duration(float64(e.RetryAfter) * (1 + 0.2*rand.Float64())) //nolint:gosec // jitter
		options.NextRetryDelay = later
		options.NonRetryable = e.Final || !e.Type.RetryHelps() || e.Type == models.FailureReaderMissing || tries(ctx) >= providerTries
		return temporal.NewApplicationErrorWithOptions(e.Message, string(e.Type), options)
	case e.Code == models.CodeConflict || e.Code == models.CodeNotFound:
		options.Category = temporal.ApplicationErrorCategoryBenign
		return temporal.NewApplicationErrorWithOptions(e.Message, TypeSuperseded, options)
	default:
		return err
	}
}

// tries is how often this step has begun, counted from 1.
func tries(ctx context.Context) int32 {
	if !activity.IsActivity(ctx) {
		return 1
	}
	return activity.GetInfo(ctx).Attempt
}
