package activities

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

// delivery makes a completed extraction's delivery to a receiver that answers
// the statuses in turn, the last one for ever.
func (b *bundle) delivery(t *testing.T, statuses ...int) (DeliverInput, <-chan string) {
	t.Helper()
	bodies := make(chan string, 10)
	answers := make(chan int, len(statuses))
	for _, status := range statuses {
		answers <- status
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- string(body)
		w.WriteHeader(<-answers)
	}))
	t.Cleanup(receiver.Close)
	id := models.NewID(b.Now())
	hook := models.Webhook{
		ID: id, Name: "test", URL: receiver.URL, Scope: models.ScopeAll, DocumentIDs: []string{}, IsActive: true,
		Secret: b.Webhooks.Keys.Seal([]byte(secret.NewWebhookSecret()), id),
	}
	if err := b.tenant.CreateWebhook(t.Context(), b.caller, &hook); err != nil {
		t.Fatal(err)
	}
	run := b.upload(t, sample(t), "")
	if err := b.Fail(t.Context(), FailInput{Run: run, Status: models.StatusFailed, Message: "It failed."}); err != nil {
		t.Fatal(err)
	}
	rows, _, err := b.tenant.ListDeliveries(t.Context(), b.caller, id, models.DeliveryFilter{}, models.Page{Number: 1, Limit: 10})
	if err != nil || len(rows) != 1 {
		t.Fatalf("got %+v, %v", rows, err)
	}
	return DeliverInput{DeliveryID: rows[0].ID}, bodies
}

func (b *bundle) state(t *testing.T, in DeliverInput) models.DeliveryState {
	t.Helper()
	d, _, err := b.Store.LoadDelivery(t.Context(), in.DeliveryID)
	if err != nil {
		t.Fatal(err)
	}
	return d.State
}

func TestADeliveredCallIsDone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in, bodies := b.delivery(t, http.StatusNoContent)
	if _, err := do[any](t, b, b.Deliver, in); err != nil {
		t.Fatal(err)
	}
	if body := <-bodies; len(body) == 0 || b.state(t, in) != models.DeliverySucceeded {
		t.Errorf("got state %s, body %q", b.state(t, in), body)
	}
}

func TestARefusedCallComesAgainWithTheSameBody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in, bodies := b.delivery(t, http.StatusServiceUnavailable, http.StatusOK)
	_, err := do[any](t, b, b.Deliver, in)
	e := applicationError(t, err)
	// The second attempt's delay is a minute, ±20 %.
	if delay := e.NextRetryDelay(); e.NonRetryable() || delay < 48*time.Second || delay > 72*time.Second {
		t.Errorf("got %v, next in %s", e, delay)
	}
	if b.state(t, in) != models.DeliveryPending {
		t.Errorf("got state %s", b.state(t, in))
	}
	if _, err := do[any](t, b, b.Deliver, in); err != nil {
		t.Fatal(err)
	}
	if first, second := <-bodies, <-bodies; first != second {
		t.Errorf("two bodies under one id:\n%s\n%s", first, second)
	}
}

func TestAReceiverThatIsGoneEndsTheDelivery(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in, _ := b.delivery(t, http.StatusGone)
	_, err := do[any](t, b, b.Deliver, in)
	if e := applicationError(t, err); !e.NonRetryable() || b.state(t, in) != models.DeliveryFailed {
		t.Errorf("got %v, state %s", e, b.state(t, in))
	}
}

func TestTheScheduleEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Schedule = b.Schedule[:1]
	in, _ := b.delivery(t, http.StatusServiceUnavailable)
	_, err := do[any](t, b, b.Deliver, in)
	if e := applicationError(t, err); !e.NonRetryable() || b.state(t, in) != models.DeliveryFailed {
		t.Errorf("got %v, state %s", e, b.state(t, in))
	}
}

func TestACallThatMustWaitUsesUpNoAttempt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in, bodies := b.delivery(t, http.StatusOK)
	d, _, err := b.Store.LoadDelivery(t.Context(), in.DeliveryID)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 { // others of the same webhook hold its places
		held, err := b.tenant.CreateTest(t.Context(), b.caller, d.WebhookID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Store.BeginCall(t.Context(), held.ID, 1, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	_, err = do[any](t, b, b.Deliver, in)
	if e := applicationError(t, err); e.Type() != TypeDeliveryWaits || e.NonRetryable() || e.NextRetryDelay() < 5*time.Second {
		t.Errorf("got %v", e)
	}
	if d, _, err = b.Store.LoadDelivery(t.Context(), in.DeliveryID); err != nil || d.Tries != 0 || d.State != models.DeliveryPending || len(bodies) != 0 {
		t.Errorf("got %+v, %v", d, err)
	}
}

// TestAWorkerMayDieBetweenAnyTwoSteps does the first steps of a delivery, as
// Deliver does them, and then begins it anew, as Temporal does.
func TestAWorkerMayDieBetweenAnyTwoSteps(t *testing.T) {
	t.Parallel()
	const steps = 5
	for died := range steps {
		b := setup(t)
		in, bodies := b.delivery(t, http.StatusOK, http.StatusOK)
		b.half(t, in.DeliveryID, died)
		if _, err := do[any](t, b, b.Deliver, in); err != nil {
			t.Fatalf("after %d steps: %v", died, err)
		}
		if b.state(t, in) != models.DeliverySucceeded || len(bodies) == 0 || len(bodies) > 2 {
			t.Fatalf("after %d steps: %s, %d arrived", died, b.state(t, in), len(bodies))
		}
		for first := <-bodies; len(bodies) > 0; {
			if again := <-bodies; again != first {
				t.Errorf("after %d steps another body arrived:\n%s\n%s", died, first, again)
			}
		}
		// Nothing goes out once the end is written down.
		if _, err := do[any](t, b, b.Deliver, in); err != nil || len(bodies) != 0 {
			t.Errorf("after its end: %v, %d more arrived", err, len(bodies))
		}
	}
}

// half does the first steps of a delivery.
func (b *bundle) half(t *testing.T, id string, steps int) {
	t.Helper()
	if steps == 0 {
		return
	}
	turn, err := b.Store.BeginCall(t.Context(), id, 1, callLease)
	if err != nil || steps == 1 {
		return
	}
	payload, err := b.payload(t.Context(), &turn.Delivery)
	if err != nil {
		t.Fatal(err)
	}
	if steps == 2 {
		return
	}
	result, err := b.Webhooks.Send(t.Context(), &turn.Webhook, id, payload)
	if err != nil || !result.Delivered() {
		t.Fatalf("got %+v, %v", result, err)
	}
	if steps == 3 {
		return
	}
	if err := b.Store.EndCall(t.Context(), &turn.Delivery, b.call(&turn.Delivery, result)); err != nil {
		t.Fatal(err)
	}
}

func TestADeliveryToAWebhookThatIsOffFailsWithoutACall(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in, bodies := b.delivery(t, http.StatusOK)
	d, hook, err := b.Store.LoadDelivery(t.Context(), in.DeliveryID)
	if err != nil {
		t.Fatal(err)
	}
	hook.SwitchOff("")
	if err := b.tenant.UpdateWebhook(t.Context(), b.caller, &hook, true); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second after a worker that died
		_, err = do[any](t, b, b.Deliver, in)
		if e := applicationError(t, err); !e.NonRetryable() || len(bodies) != 0 {
			t.Errorf("got %v, %d calls", e, len(bodies))
		}
	}
	got, attempts, err := b.tenant.GetDelivery(t.Context(), b.caller, d.WebhookID, d.ID)
	if err != nil || got.State != models.DeliveryFailed || len(attempts) != 1 || attempts[0].StatusCode != 0 {
		t.Errorf("got %+v, %+v, %v", got, attempts, err)
	}
}
