package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/internal/logs"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
	"decoded.digital/extractor/workflows"
)

const (
	relayEvery     = 500 * time.Millisecond
	relayLease     = 30 * time.Second
	relayBatch     = 200
	relayAtOnce    = 16 // promises are kept: each waits for Temporal
	reconcileEvery = time.Minute
	// staleAfter is how long a row stands still before its run is looked at.
	staleAfter = 2 * time.Minute
	// deliveryLate is how late a delivery's next call is before its run is: when
	// no worker polls, all of them are late.
	deliveryLate = 10 * time.Minute
)

// Relay keeps the outbox's promises and reconciles the rows whose run was lost.
// Any number of them may run: an entry is leased, a row changed by
// compare-and-set.
type Relay struct {
	Store   *store.System
	Starter *workflows.Starter
	// Discard removes the bytes of a file that was deleted.
	Discard func(ctx context.Context, blobKey string) error
	// FirstCalls makes deliveries' first calls; nil: they wait for a process that does.
	FirstCalls FirstCaller
	// Promised tells that the outbox may hold something new; nil: the relay looks
	// when it is time to.
	Promised <-chan struct{}
	Logger   *slog.Logger
	Now      func() time.Time
}

// Run relays until ctx ends, and then until the calls that it makes have ended.
func (r *Relay) Run(ctx context.Context) error {
	free := make(chan struct{}, 1)
	calls := newFirstCalls(r, func() {
		select {
		case free <- struct{}{}:
		default: // it is about to look
		}
	})
	defer calls.close()
	r.loop(ctx, calls, free)
	return nil
}

func (r *Relay) loop(ctx context.Context, calls *firstCalls, free <-chan struct{}) {
	relay, reconcile := time.NewTicker(relayEvery), time.NewTicker(reconcileEvery)
	defer relay.Stop()
	defer reconcile.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-relay.C:
			r.relay(ctx, calls)
		case <-r.Promised:
			r.relay(ctx, calls)
		case <-free:
			r.relay(ctx, calls)
		case <-reconcile.C:
			r.reconcile(ctx)
			r.reconcileDeliveries(ctx)
		}
	}
}

func (r *Relay) relay(ctx context.Context, calls *firstCalls) {
	calls.begin(ctx)
	entries, err := r.Store.ClaimOutbox(ctx, relayBatch, relayLease)
	if err != nil {
		r.report(ctx, "claim the outbox", "", err)
		return
	}
	var keeping errgroup.Group
	keeping.SetLimit(relayAtOnce)
	for _, entry := range entries {
		keeping.Go(func() error {
			r.settle(within(ctx, &entry), entry)
			return nil
		})
	}
	_ = keeping.Wait() // each reports its own
}

// settle keeps a promise and takes it out of the outbox.
func (r *Relay) settle(ctx context.Context, entry models.OutboxEntry) {
	if err := r.keep(ctx, entry); err != nil {
		r.report(ctx, string(entry.Kind), entry.SubjectID, err)
		return // the lease ends, and it is tried again
	}
	if err := r.Store.DeleteOutbox(ctx, entry.ID); err != nil {
		r.report(ctx, "delete an outbox entry", entry.SubjectID, err)
	}
}

// keep does what the entry promises; what was deleted since needs no start.
func (r *Relay) keep(ctx context.Context, entry models.OutboxEntry) error {
	switch entry.Kind {
	case models.OutboxStartDelivery:
		return r.startDelivery(ctx, entry)
	case models.OutboxDelete:
		return errors.Join(r.Starter.Cancel(ctx, entry.SubjectID), r.Discard(ctx, entry.Detail))
	case models.OutboxStartExtraction, models.OutboxRetryExtraction:
	}
	x, err := r.Store.LoadExtraction(ctx, entry.SubjectID)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if x.Attempt != entry.Attempt || x.Status != models.StatusUploaded {
		return nil // that attempt has begun
	}
	if entry.Kind == models.OutboxRetryExtraction {
		return r.Starter.Reset(ctx, x, entry.Detail)
	}
	return r.Starter.Start(ctx, x)
}

func (r *Relay) reconcile(ctx context.Context) {
	before, last := r.Now().Add(-staleAfter), ""
	for ctx.Err() == nil {
		stale, err := r.Store.ListStale(ctx, before, last, relayBatch)
		if err != nil {
			r.report(ctx, "list stale extractions", "", err)
			return
		}
		if len(stale) == 0 {
			return
		}
		for _, x := range stale {
			r.reconcileOne(ctx, &x)
		}
		last = stale[len(stale)-1].ID
	}
}

// reconcileOne fails an extraction whose run is closed or gone. A run that is
// only slow, or waits for its turn, is left alone.
func (r *Relay) reconcileOne(ctx context.Context, x *models.Extraction) {
	ctx = logs.Begin(ctx)
	logs.Add(ctx, logs.TenantID, x.TenantID)
	logs.Add(ctx, logs.ExtractionID, x.ID)
	closed, err := r.Starter.Closed(ctx, x.ID)
	if err == nil && closed {
		err = r.Store.FailLost(ctx, x.ID, x.RunID, "Processing was stopped before it ended. Please retry.")
	}
	if err != nil && models.CodeOf(err) != models.CodeConflict {
		r.report(ctx, "reconcile an extraction", x.ID, err)
	}
}

// reconcileDeliveries fails the deliveries whose run is closed or gone, and
// deletes those that are no longer kept.
func (r *Relay) reconcileDeliveries(ctx context.Context) {
	before, last := r.Now().Add(-deliveryLate), ""
	for ctx.Err() == nil {
		late, err := r.Store.ListLostDeliveries(ctx, before, last, relayBatch)
		if err != nil {
			r.report(ctx, "list late deliveries", "", err)
			return
		}
		if len(late) == 0 {
			break
		}
		for _, d := range late {
			closed, err := r.Starter.DeliveryClosed(ctx, d.ID, d.Round)
			if err == nil && closed {
				err = r.Store.FailLostDelivery(ctx, &d)
			}
			if err != nil {
				r.report(ctx, "reconcile a delivery", d.ID, err)
			}
		}
		last = late[len(late)-1].ID
	}
	if err := r.Store.DeleteOldDeliveries(ctx); err != nil {
		r.report(ctx, "delete old deliveries", "", err)
	}
}

func (r *Relay) report(ctx context.Context, doing, id string, err error) {
	if ctx.Err() == nil {
		r.Logger.WarnContext(ctx, "relay", "doing", doing, "id", id, "error", err)
	}
}
