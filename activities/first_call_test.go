package activities

import (
	"net/http"
	"testing"
	"time"

	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
)

func TestFirstCallsOfAProcessThatDiesAreMadeAgainWithTheSameBody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in, bodies := b.delivery(t, http.StatusOK, http.StatusOK)
	d, hook, err := b.Store.LoadDelivery(t.Context(), in.DeliveryID)
	if err != nil {
		t.Fatal(err)
	}
	calls := FirstCalls{Steps: b.Activities}
	line, err := calls.Take(t.Context(), hook.ID)
	if err != nil || len(line.Deliveries) != 1 {
		t.Fatalf("got %+v, %v", line, err)
	}
	if _, err := calls.Call(t.Context(), &line.Webhook, &line.Deliveries[0]); err != nil {
		t.Fatal(err)
	}
	first := <-bodies
	if _, err := b.tenant.RetryExtraction(t.Context(), b.caller, *d.ExtractionID); err != nil { // what is told changes
		t.Fatal(err)
	}
	if line, err := calls.Take(t.Context(), hook.ID); err != nil || len(line.Deliveries) != 0 {
		t.Fatalf("it is called before the lease has ended: %+v, %v", line, err)
	}
	now := b.Now()
	if err := b.Store.EndCalls(t.Context(), &line, nil, now); err != nil { // as the lease's end does
		t.Fatal(err)
	}
	line, err = calls.Take(t.Context(), hook.ID)
	if err != nil || len(line.Deliveries) != 1 || line.Deliveries[0].ID != d.ID {
		t.Fatalf("got %+v, %v", line, err)
	}
	call, err := calls.Call(t.Context(), &line.Webhook, &line.Deliveries[0])
	if err != nil || call.Attempt.Error != "" {
		t.Fatalf("got %+v, %v", call, err)
	}
	if again := <-bodies; again != first || first == "" {
		t.Errorf("two bodies under one id:\n%s\n%s", first, again)
	}
	if err := b.Store.EndCalls(t.Context(), &line, []store.FirstCall{{Delivery: line.Deliveries[0], Call: call}}, now.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if b.state(t, in) != models.DeliverySucceeded {
		t.Error("it is not done")
	}
}

func TestALineHoldsNoMoreBodiesThanItMay(t *testing.T) {
	t.Parallel()
	rows := make([]models.Delivery, 5)
	for i := range rows {
		rows[i].Payload = make([]byte, 10)
	}
	for limit, want := range map[int]int{100: 5, 50: 5, 49: 4, 10: 1, 5: 1} {
		if got := len(first(rows, limit)); got != want {
			t.Errorf("%d bodies of 10 bytes within %d bytes, not %d", got, limit, want)
		}
	}
	if len(first(nil, 10)) != 0 {
		t.Error("an empty line is none")
	}
}
