package worker

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/activities"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
)

const (
	// webhooksAtOnce are called by one process; of more than that, each delivery
	// gets its run.
	webhooksAtOnce = 100
	// endedAtOnce is how many calls that have ended are kept together.
	endedAtOnce = 200
)

// FirstCaller makes deliveries' first attempts; activities.FirstCalls is one.
type FirstCaller interface {
	Begin(ctx context.Context, deliveryIDs []string) ([]store.Turns, error)
	Call(ctx context.Context, w *models.Webhook, d *models.Delivery) (store.Call, error)
}

// firstCalls are the first attempts that this process is making. What becomes of
// the deliveries that their receivers took is written for many at a time; each
// of the others gets a run, which goes on with its schedule.
type firstCalls struct {
	relay *Relay
	calls sync.WaitGroup
	busy  atomic.Int64 // webhooks that are being called
	ended chan store.FirstCall
	again func() // tells that webhooks have places again
}

func newFirstCalls(r *Relay, again func()) *firstCalls {
	return &firstCalls{relay: r, ended: make(chan store.FirstCall, endedAtOnce), again: again}
}

// begin begins the calls that may be made, and answers the entries that need a
// run. It waits for no call.
func (f *firstCalls) begin(ctx context.Context, entries []models.OutboxEntry) (runs []models.OutboxEntry) {
	of := make(map[string]models.OutboxEntry)
	for _, entry := range entries {
		if f.first(&entry) {
			of[entry.SubjectID] = entry
		} else {
			runs = append(runs, entry)
		}
	}
	if len(of) == 0 {
		return runs
	}
	turns, err := f.relay.FirstCalls.Begin(ctx, slices.Collect(maps.Keys(of)))
	if err != nil {
		f.relay.report(ctx, "begin webhook calls", "", err)
		return runs // the entries' leases end, and runs try again
	}
	for _, turn := range turns {
		queue := make([]promised, len(turn.Deliveries))
		for i, d := range turn.Deliveries {
			queue[i] = promised{of[d.ID], d}
			delete(of, d.ID)
		}
		f.busy.Add(1)
		f.calls.Go(func() {
			defer f.busy.Add(-1)
			f.callAll(ctx, &turn, queue)
		})
	}
	return slices.AppendSeq(runs, maps.Values(of))
}

// first says whether an entry promises a first call that may be made here. One
// that was taken before was begun by a process that died.
func (f *firstCalls) first(entry *models.OutboxEntry) bool {
	return f.relay.FirstCalls != nil && entry.Kind == models.OutboxStartDelivery && entry.WebhookID != "" &&
		entry.Tries == 0 && entry.Round() == 1 && f.busy.Load() < webhooksAtOnce
}

// promised is a delivery with the entry that promises it.
type promised struct {
	entry    models.OutboxEntry
	delivery models.Delivery
}

// callAll makes a webhook's calls until one fails: whether the others are made is
// its breaker's to say then. Nor does it keep them for long, nor while the
// process is told to end. What was not called goes back into the line.
func (f *firstCalls) callAll(ctx context.Context, turn *store.Turns, queue []promised) {
	var calls errgroup.Group
	calls.SetLimit(turn.Places)
	var failed atomic.Bool
	begun, left := f.relay.Now(), make(chan string, len(queue))
	for _, p := range queue {
		calls.Go(func() error {
			if failed.Load() || ctx.Err() != nil || f.relay.Now().Sub(begun) > activities.FirstCallsFor {
				left <- p.delivery.ID
			} else if !f.call(within(context.WithoutCancel(ctx), &p.entry), &turn.Webhook, p) {
				failed.Store(true)
			}
			return nil
		})
	}
	_ = calls.Wait() // each reports its own
	close(left)
	f.release(ctx, left)
}

// release puts deliveries that were not called back into the line.
func (f *firstCalls) release(ctx context.Context, left <-chan string) {
	var ids []string
	for id := range left {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return
	}
	if err := f.relay.Store.ReleaseCalls(context.WithoutCancel(ctx), ids); err != nil {
		f.relay.report(ctx, "release webhook calls", "", err)
	}
	f.again()
}

// call makes a call, and says whether the receiver took it.
func (f *firstCalls) call(ctx context.Context, w *models.Webhook, p promised) bool {
	call, err := f.relay.FirstCalls.Call(ctx, w, &p.delivery)
	if err != nil {
		f.relay.report(ctx, "call a webhook", p.delivery.ID, err)
		return false // the entry's lease ends, and a run tries again
	}
	f.ended <- store.FirstCall{EntryID: p.entry.ID, Delivery: p.delivery, Call: call}
	return call.Attempt.Error == ""
}

// keep writes down the calls that end until close.
func (f *firstCalls) keep(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	for first := range f.ended {
		taken, failed := f.gather(first)
		if len(taken) > 0 && f.relay.Store.EndCalls(ctx, taken) != nil {
			failed = append(failed, taken...) // one by one: which of them is at fault can't be told
		}
		var ending errgroup.Group
		ending.SetLimit(relayAtOnce)
		for _, c := range failed {
			ending.Go(func() error {
				f.end(ctx, c)
				return nil
			})
		}
		_ = ending.Wait() // each reports its own
		f.again()
	}
}

// gather takes what has ended besides first, by whether the receiver took it.
func (f *firstCalls) gather(first store.FirstCall) (taken, failed []store.FirstCall) {
	for next, more := first, true; more; {
		if next.Call.Attempt.Error == "" {
			taken = append(taken, next)
		} else {
			failed = append(failed, next)
		}
		if len(taken)+len(failed) == endedAtOnce {
			return taken, failed
		}
		select {
		case next, more = <-f.ended:
		default:
			return taken, failed
		}
	}
	return taken, failed
}

// end writes down one call, and gives a delivery that goes on its run.
func (f *firstCalls) end(ctx context.Context, c store.FirstCall) {
	r := f.relay
	err := r.Store.EndCall(ctx, &c.Delivery, c.Call)
	if err == nil && c.Call.Next > 0 {
		err = r.Starter.StartDelivery(ctx, c.Delivery.TenantID, c.Delivery.ID, c.Delivery.Round, c.Call.Next)
	}
	if err == nil || models.CodeOf(err) == models.CodeNotFound {
		err = r.Store.DeleteOutbox(ctx, c.EntryID)
	}
	if err != nil {
		r.report(ctx, "end a webhook call", c.Delivery.ID, err)
	}
}

// close waits for the calls that are being made.
func (f *firstCalls) close() {
	f.calls.Wait()
	close(f.ended)
}

// startDelivery gives a delivery its run, which begins once its next call is due.
func (r *Relay) startDelivery(ctx context.Context, entry models.OutboxEntry) error {
	var delay time.Duration
	if entry.Tries > 0 {
		d, _, err := r.Store.LoadDelivery(ctx, entry.SubjectID)
		if models.CodeOf(err) == models.CodeNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if d.State != models.DeliveryPending || d.Round != entry.Round() {
			return nil
		}
		if d.NextAttemptAt != nil {
			delay = d.NextAttemptAt.Sub(r.Now())
		}
	}
	return r.Starter.StartDelivery(ctx, entry.TenantID, entry.SubjectID, entry.Round(), max(0, delay))
}
