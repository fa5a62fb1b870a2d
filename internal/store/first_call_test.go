package store

import (
	"slices"
	"testing"
	"time"

	"decoded.digital/extractor/models"
)

// news writes n events of the bundle's extraction to a webhook.
func (b *bundle) news(t *testing.T, hook models.Webhook, n int) []string {
	t.Helper()
	b.claimUpload(t)
	ids := make([]string, n)
	for i := range ids {
		d := b.newDelivery(&hook, &b.x, models.EventExtractionFailed)
		d.Attempt = i + 1
		if err := b.promise(b.db.WithContext(t.Context()), d); err != nil {
			t.Fatal(err)
		}
		ids[i] = d.ID
	}
	return ids
}

func (b *bundle) beginCalls(t *testing.T, ids []string) []Turns {
	t.Helper()
	turns, err := b.System().BeginCalls(t.Context(), ids, lease, func(d *models.Delivery, _ *models.ExtractionDetail) ([]byte, error) {
		return []byte("body of " + d.ID), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return turns
}

func testFirstCalls(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	ids := b.news(t, hook, rowsAtOnce+1)
	entries, err := b.System().ClaimOutbox(t.Context(), 10, time.Hour)
	if err != nil || len(entries) != 10 {
		t.Fatalf("got %v, %v", entries, err)
	}
	turns := b.beginCalls(t, ids)
	if len(turns) != 1 || turns[0].Webhook.ID != hook.ID || turns[0].Places != callsAtOnce || len(turns[0].Deliveries) != len(ids) {
		t.Fatalf("got %+v", turns)
	}
	if again := b.beginCalls(t, ids); len(again) != 0 {
		t.Errorf("%d are begun twice", len(again[0].Deliveries))
	}
	var calls []FirstCall
	for _, d := range turns[0].Deliveries {
		calls = append(calls, FirstCall{Delivery: d, Call: Call{Attempt: models.DeliveryAttempt{ID: models.NewID(b.now()), StatusCode: 200, CreatedAt: b.now()}}})
	}
	calls[0].EntryID = entries[0].ID
	if err := b.System().EndCalls(t.Context(), calls); err != nil {
		t.Fatal(err)
	}
	d, attempts, err := b.GetDelivery(t.Context(), b.caller, hook.ID, ids[0])
	if err != nil || d.State != models.DeliverySucceeded || string(d.Payload) != "body of "+d.ID || d.CallingUntil != nil || len(attempts) != 1 || attempts[0].Number != 1 {
		t.Errorf("got %+v, attempts %+v, %v", d, attempts, err)
	}
	var left int64
	if err := b.db.Model(&models.OutboxEntry{}).Count(&left).Error; err != nil || left != int64(len(ids)-1) {
		t.Errorf("%d promises are left, %v", left, err)
	}
}

func testFirstCallPlaces(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	ids := b.news(t, hook, 3)
	retried := b.tests(t, hook, callsAtOnce)
	b.turn(t, retried[0])
	if turns := b.beginCalls(t, ids[:1]); len(turns) != 1 || turns[0].Places != callsAtOnce-1 {
		t.Errorf("beside one call: got %+v", turns)
	}
	for _, d := range retried[1 : callsAtOnce-1] {
		b.turn(t, d)
	}
	if turns := b.beginCalls(t, ids[1:]); len(turns) != 0 {
		t.Errorf("beside %d calls: got %+v", callsAtOnce, turns)
	}
	if turn := b.turn(t, retried[callsAtOnce-1]); turn.Wait == 0 {
		t.Error("a call more is made than there are places")
	}
	b.pass(lease + time.Second)
	if turns := b.beginCalls(t, ids); len(turns) != 1 || len(turns[0].Deliveries) != 2 {
		t.Errorf("the one whose bytes were fixed is its run's to call: got %+v", turns)
	}
	if err := b.db.Model(&models.Webhook{}).Where("id = ?", hook.ID).UpdateColumn("probe_at", b.now()).Error; err != nil {
		t.Fatal(err)
	}
	b.pass(lease + time.Second)
	if turns := b.beginCalls(t, b.news(t, b.createWebhook(t, models.ScopeAll), 1)); len(turns) != 1 {
		t.Errorf("got %+v", turns)
	}
	if turns := b.beginCalls(t, ids); len(turns) != 0 {
		t.Errorf("behind an open breaker: got %+v", turns)
	}
}

func testReleasedCalls(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	ids := b.news(t, hook, 2)
	if entries, err := b.System().ClaimOutbox(t.Context(), 10, time.Hour); err != nil || len(entries) != 2 {
		t.Fatalf("got %v, %v", entries, err)
	}
	b.beginCalls(t, ids)
	if err := b.System().ReleaseCalls(t.Context(), ids[1:]); err != nil {
		t.Fatal(err)
	}
	entries, err := b.System().ClaimOutbox(t.Context(), 10, time.Hour)
	if err != nil || len(entries) != 1 || entries[0].SubjectID != ids[1] || entries[0].Tries != 0 {
		t.Fatalf("got %+v, %v", entries, err)
	}
	turns := b.beginCalls(t, ids)
	if len(turns) != 1 || turns[0].Places != callsAtOnce-1 || !slices.ContainsFunc(turns[0].Deliveries, func(d models.Delivery) bool { return d.ID == ids[1] }) {
		t.Errorf("got %+v", turns)
	}
}
