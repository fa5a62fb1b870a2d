package worker

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/activities"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
)

// linesAtOnce is how many webhooks' first calls one process makes at a time.
const linesAtOnce = 500

// FirstCaller makes deliveries' first attempts; activities.FirstCalls is one.
type FirstCaller interface {
	Take(ctx context.Context, webhookID string) (store.Line, error)
	Call(ctx context.Context, w *models.Webhook, d *models.Delivery) (store.Call, error)
}

// firstCalls are the webhooks whose lines this process calls, each by a goroutine
// of its own until its line is empty or a call fails: no webhook waits for another.
type firstCalls struct {
	relay *Relay
	again func() // tells that a line was left
	lines sync.WaitGroup
	mutex sync.Mutex
	taken map[string]bool // ids of webhooks
}

func newFirstCalls(r *Relay, again func()) *firstCalls {
	return &firstCalls{relay: r, again: again, taken: make(map[string]bool)}
}

// begin begins to call the lines that nobody calls. It waits for no call.
func (f *firstCalls) begin(ctx context.Context) {
	room := linesAtOnce - f.busy()
	if f.relay.FirstCalls == nil || room <= 0 {
		return
	}
	ids, err := f.relay.Store.ListLines(ctx, room)
	if err != nil {
		f.relay.report(ctx, "list webhooks to call", "", err)
		return
	}
	for _, id := range ids {
		if !f.take(id) {
			continue
		}
		f.lines.Go(func() {
			err := f.callLine(ctx, id)
			f.leave(id)
			if err != nil {
				f.relay.report(ctx, "take webhook calls", id, err)
				return // what can't be taken now is tried when it is time to look, not at once
			}
			f.again() // somebody may have joined the line since it was found empty
		})
	}
}

func (f *firstCalls) busy() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return len(f.taken)
}

// take says whether no other goroutine calls the webhook.
func (f *firstCalls) take(id string) bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.taken[id] {
		return false
	}
	f.taken[id] = true
	return true
}

func (f *firstCalls) leave(id string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	delete(f.taken, id)
}

// callLine makes a webhook's first calls, some at a time, until its line is empty
// or a call fails. It fails if the line can't be taken.
func (f *firstCalls) callLine(ctx context.Context, webhookID string) error {
	for ctx.Err() == nil {
		line, err := f.relay.FirstCalls.Take(ctx, webhookID)
		if err != nil || len(line.Deliveries) == 0 {
			return err // its lease, if it has one, ends
		}
		calls := f.callAll(ctx, &line)
		if !f.keep(context.WithoutCancel(ctx), &line, calls) {
			return nil
		}
	}
	return nil
}

// calls is what becomes of a line's calls.
type calls struct {
	ended []store.FirstCall
	mutex sync.Mutex // of ended
	// failed: a receiver did not take its call; broken: we could not make it.
	failed, broken atomic.Bool
}

func (c *calls) stopped() bool { return c.failed.Load() || c.broken.Load() }

// callAll makes a line's calls until one fails: whether the others are made is
// its breaker's to say then. Nor does it keep the line for long, nor while the
// process is told to end. Who is not called keeps its place.
func (f *firstCalls) callAll(ctx context.Context, line *store.Line) *calls {
	var c calls
	var making errgroup.Group
	making.SetLimit(line.Places())
	begun := f.relay.Now()
	for _, d := range line.Deliveries {
		making.Go(func() error {
			if !c.stopped() && ctx.Err() == nil && f.relay.Now().Sub(begun) <= activities.FirstCallsFor {
				f.call(telling(context.WithoutCancel(ctx), &d), line, &d, &c)
			}
			return nil
		})
	}
	_ = making.Wait() // each says in c what became of it
	return &c
}

func (f *firstCalls) call(ctx context.Context, line *store.Line, d *models.Delivery, c *calls) {
	call, err := f.relay.FirstCalls.Call(ctx, &line.Webhook, d)
	if err != nil {
		c.broken.Store(true)
		f.relay.report(ctx, "call a webhook", d.ID, err)
		return
	}
	if call.Attempt.Error != "" {
		c.failed.Store(true)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.ended = append(c.ended, store.FirstCall{Delivery: *d, Call: call})
}

// keep writes down calls that have ended and gives the line back, and says whether
// to go on with it. What can't be written down is called again.
func (f *firstCalls) keep(ctx context.Context, line *store.Line, c *calls) bool {
	var taken []store.FirstCall
	for _, call := range c.ended {
		if call.Call.Attempt.Error == "" && call.Delivery.Round == 1 {
			taken = append(taken, call)
			continue
		}
		if err := f.relay.Store.EndFirstCall(telling(ctx, &call.Delivery), &call.Delivery, call.Call); err != nil {
			f.relay.report(ctx, "end a webhook call", call.Delivery.ID, err)
		}
	}
	back := f.relay.Now()
	if c.broken.Load() {
		back = back.Add(relayLease)
	}
	if err := f.relay.Store.EndCalls(ctx, line, taken, back); err != nil {
		f.relay.report(ctx, "end webhook calls", line.Webhook.ID, err)
		return false
	}
	return !c.stopped()
}

// close waits for the calls that are being made.
func (f *firstCalls) close() { f.lines.Wait() }

// startDelivery gives a delivery its run, which begins once its next call is due.
func (r *Relay) startDelivery(ctx context.Context, entry models.OutboxEntry) error {
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
	var delay time.Duration
	if d.NextAttemptAt != nil {
		delay = d.NextAttemptAt.Sub(r.Now())
	}
	return r.Starter.StartDelivery(ctx, entry.TenantID, entry.SubjectID, entry.Round(), max(0, delay))
}
