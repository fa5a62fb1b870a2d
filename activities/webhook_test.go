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
	entries, err := b.Store.ClaimOutbox(t.Context(), 10, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Kind == models.OutboxStartDelivery {
			return DeliverInput{DeliveryID: entry.SubjectID}, bodies
		}
	}
	t.Fatal("no delivery was promised")
	return DeliverInput{}, nil
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
