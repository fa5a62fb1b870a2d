package worker

import (
	"context"
	"net/http"
	"testing"
	"time"

	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
	"decoded.digital/extractor/workflows"
)

// receiver begins calls as the product does, and answers each as it is told to.
type receiver struct {
	system *store.System
	ends   store.Call
	lost   bool  // the process dies before a call has ended
	away   error // the database is, and no line can be taken
}

func (r *receiver) Take(ctx context.Context, webhookID string) (store.Line, error) {
	if r.away != nil {
		return store.Line{}, r.away
	}
	return r.system.TakeLine(ctx, webhookID, relayLease)
}

func (r *receiver) Call(context.Context, *models.Webhook, *models.Delivery) (store.Call, error) {
	if r.lost {
		return store.Call{}, models.Internal("call", context.Canceled)
	}
	ends := r.ends
	ends.Attempt.ID = models.NewID(ends.Attempt.CreatedAt)
	return ends, nil
}

// promiseDelivery makes an extraction fail that a webhook is to be told of, and
// answers the webhook.
func (b *bundle) promiseDelivery(t *testing.T) models.Webhook {
	t.Helper()
	hook := b.hook(t)
	b.fail(t)
	return hook
}

func (b *bundle) hook(t *testing.T) models.Webhook {
	t.Helper()
	hook := models.Webhook{ID: models.NewID(b.clock), Scope: models.ScopeAll, DocumentIDs: []string{}, IsActive: true, Secret: []byte("sealed")}
	if err := b.store.CreateWebhook(t.Context(), b.caller, &hook); err != nil {
		t.Fatal(err)
	}
	return hook
}

// delivery is the only one of a webhook, with its attempts.
func (b *bundle) delivery(t *testing.T, hook models.Webhook) (models.Delivery, []models.DeliveryAttempt) {
	t.Helper()
	rows, _, err := b.store.ListDeliveries(t.Context(), b.caller, hook.ID, models.DeliveryFilter{}, models.Page{Number: 1, Limit: 10})
	if err != nil || len(rows) != 1 {
		t.Fatalf("got %v, %v", rows, err)
	}
	d, attempts, err := b.store.GetDelivery(t.Context(), b.caller, hook.ID, rows[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	return d, attempts
}

func takenAtOnce(t *testing.T, b *bundle) {
	hook := b.promiseDelivery(t)
	b.FirstCalls = &receiver{system: b.Store, ends: store.Call{Attempt: models.DeliveryAttempt{StatusCode: http.StatusOK, CreatedAt: b.clock}}}
	b.look(t)
	d, attempts := b.delivery(t, hook)
	if d.State != models.DeliverySucceeded || d.Tries != 1 || len(attempts) != 1 || attempts[0].Number != 1 || attempts[0].StatusCode != http.StatusOK {
		t.Errorf("got %+v, attempts %+v", d, attempts)
	}
	if b.run(t, workflows.DeliveryRunID(d.ID, 1)) != "" || b.promises(t) != 0 {
		t.Error("it got a run, or its promise is left")
	}
}

func goesOnInARun(t *testing.T, b *bundle) {
	hook := b.promiseDelivery(t)
	no := models.DeliveryAttempt{StatusCode: http.StatusInternalServerError, Error: "no", CreatedAt: b.clock}
	b.FirstCalls = &receiver{system: b.Store, ends: store.Call{Attempt: no, Next: time.Hour}}
	b.look(t)
	d, attempts := b.delivery(t, hook)
	if d.State != models.DeliveryPending || d.Tries != 1 || len(attempts) != 1 || d.NextAttemptAt == nil || d.NextAttemptAt.Before(b.clock.Add(time.Hour)) {
		t.Errorf("got %+v, attempts %+v", d, attempts)
	}
	described, err := b.client.DescribeWorkflowExecution(t.Context(), workflows.DeliveryRunID(d.ID, 1), "")
	if err != nil {
		t.Fatal(err)
	}
	info := described.WorkflowExecutionInfo
	if wait := info.ExecutionTime.AsTime().Sub(info.StartTime.AsTime()); wait != time.Hour || b.promises(t) != 0 {
		t.Errorf("the run begins after %v, or the promise is left", wait)
	}
}

func lostCall(t *testing.T, b *bundle) {
	hook := b.promiseDelivery(t)
	calls := &receiver{system: b.Store, lost: true, ends: store.Call{Attempt: models.DeliveryAttempt{StatusCode: http.StatusOK, CreatedAt: b.clock}}}
	b.FirstCalls = calls
	b.look(t)
	if d, attempts := b.delivery(t, hook); d.State != models.DeliveryPending || len(attempts) != 0 {
		t.Fatalf("got %+v, attempts %+v", d, attempts)
	}
	calls.lost = false
	b.look(t)
	if d, _ := b.delivery(t, hook); d.State != models.DeliveryPending {
		t.Error("it was called again at once")
	}
	b.later()
	b.look(t)
	if d, _ := b.delivery(t, hook); d.State != models.DeliverySucceeded {
		t.Error("the delivery was lost with the call")
	}
}

func waitsForDatabase(t *testing.T, b *bundle) {
	b.promiseDelivery(t)
	calls := &receiver{system: b.Store, away: models.Internal("take", context.DeadlineExceeded)}
	b.FirstCalls = calls
	looksAgain := func() bool {
		again := false
		first := newFirstCalls(b.Relay, func() { again = true })
		first.begin(t.Context())
		first.close()
		return again
	}
	if looksAgain() {
		t.Error("a line that can't be taken is tried again at once")
	}
	calls.away, calls.ends = nil, store.Call{Attempt: models.DeliveryAttempt{StatusCode: http.StatusOK, CreatedAt: b.clock}}
	if !looksAgain() {
		t.Error("a line that was called to its end is not looked at again")
	}
}

func stopsAtFailure(t *testing.T, b *bundle) {
	hook, extractions := b.hook(t), make([]models.Extraction, 7)
	for i := range extractions {
		extractions[i] = b.upload(t)
	}
	b.later()
	b.look(t)
	for _, x := range extractions {
		b.end(t, x)
	}
	var waiting, called int
	no := models.DeliveryAttempt{StatusCode: http.StatusInternalServerError, Error: "no", CreatedAt: b.clock}
	b.FirstCalls = &receiver{system: b.Store, ends: store.Call{Attempt: no, Next: time.Hour}}
	calls := newFirstCalls(b.Relay, func() {})
	calls.begin(t.Context())
	calls.close()
	rows, _, err := b.store.ListDeliveries(t.Context(), b.caller, hook.ID, models.DeliveryFilter{}, models.Page{Number: 1, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range rows {
		if d.Tries == 0 {
			waiting++
		} else {
			called++
		}
	}
	if called < 1 || waiting < 2 || called+waiting != len(extractions) {
		t.Errorf("of %d, %d were called and %d wait", len(extractions), called, waiting)
	}
}

func sentAgain(t *testing.T, b *bundle) {
	hook := b.promiseDelivery(t)
	no := models.DeliveryAttempt{StatusCode: http.StatusGone, Error: "no", CreatedAt: b.clock}
	b.FirstCalls = &receiver{system: b.Store, ends: store.Call{Attempt: no}}
	b.look(t)
	if d, _ := b.delivery(t, hook); d.State != models.DeliveryFailed {
		t.Fatalf("got %+v", d)
	}
	if _, _, err := b.store.ReplayFailed(t.Context(), b.caller, hook.ID, time.Time{}); err != nil {
		t.Fatal(err)
	}
	b.FirstCalls = &receiver{system: b.Store, ends: store.Call{Attempt: models.DeliveryAttempt{StatusCode: http.StatusOK, CreatedAt: b.clock}}}
	b.look(t)
	if d, attempts := b.delivery(t, hook); d.State != models.DeliverySucceeded || d.Round != 2 || len(attempts) != 2 || attempts[1].Number != 2 {
		t.Errorf("got %+v, attempts %+v", d, attempts)
	}
}
