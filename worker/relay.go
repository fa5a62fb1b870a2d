package worker

import (
	"context"
	"log/slog"
	"time"

	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
	"decoded.digital/extractor/workflows"
)

const (
	relayEvery     = 500 * time.Millisecond
	relayLease     = 30 * time.Second
	relayBatch     = 50
	reconcileEvery = time.Minute
	// staleAfter is how long a row stands still before its run is looked at.
	staleAfter = 2 * time.Minute
)

// Relay keeps the outbox's promises and reconciles the rows whose run was lost.
// Any number of them may run: an entry is leased, a row changed by
// compare-and-set.
type Relay struct {
	Store   *store.System
	Starter *workflows.Starter
	Logger  *slog.Logger
	Now     func() time.Time
}

// Run relays until ctx ends.
func (r *Relay) Run(ctx context.Context) error {
	relay, reconcile := time.NewTicker(relayEvery), time.NewTicker(reconcileEvery)
	defer relay.Stop()
	defer reconcile.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-relay.C:
			r.relay(ctx)
		case <-reconcile.C:
			r.reconcile(ctx)
		}
	}
}

func (r *Relay) relay(ctx context.Context) {
	entries, err := r.Store.ClaimOutbox(ctx, relayBatch, relayLease)
	if err != nil {
		r.report(ctx, "claim the outbox", "", err)
		return
	}
	for _, entry := range entries {
		if err := r.keep(ctx, entry); err != nil {
			r.report(ctx, "start a workflow", entry.SubjectID, err)
			continue // the lease ends, and it is tried again
		}
		if err := r.Store.DeleteOutbox(ctx, entry.ID); err != nil {
			r.report(ctx, "delete an outbox entry", entry.SubjectID, err)
		}
	}
}

// keep starts what the entry promises; what was deleted since needs no start.
func (r *Relay) keep(ctx context.Context, entry models.OutboxEntry) error {
	if entry.Kind == models.OutboxStartDelivery {
		return r.Starter.StartDelivery(ctx, entry.TenantID, entry.SubjectID)
	}
	x, err := r.Store.LoadExtraction(ctx, entry.SubjectID)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if entry.Kind == models.OutboxRetryExtraction {
		if x.Attempt != entry.Attempt || x.Status != models.StatusUploaded {
			return nil // that attempt has begun
		}
		return r.Starter.Reset(ctx, x)
	}
	return r.Starter.Start(ctx, x)
}

func (r *Relay) reconcile(ctx context.Context) {
	stale, err := r.Store.ListStale(ctx, r.Now().Add(-staleAfter), relayBatch)
	if err != nil {
		r.report(ctx, "list stale extractions", "", err)
		return
	}
	for _, x := range stale {
		closed, err := r.Starter.Closed(ctx, x.ID)
		if err == nil && closed {
			err = r.Store.FailLost(ctx, x.ID, x.RunID, "Processing was stopped before it ended. Please retry.")
		}
		if err != nil && models.CodeOf(err) != models.CodeConflict {
			r.report(ctx, "reconcile an extraction", x.ID, err)
		}
	}
}

func (r *Relay) report(ctx context.Context, doing, id string, err error) {
	if ctx.Err() == nil {
		r.Logger.WarnContext(ctx, "relay", "doing", doing, "id", id, "error", err)
	}
}
