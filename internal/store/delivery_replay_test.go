package store

import (
	"context"
	"slices"
	"testing"
	"time"

	"decoded.digital/extractor/models"
)

func testRedeliver(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	d := b.tests(t, hook, 1)[0]
	if _, err := b.Redeliver(t.Context(), b.caller, hook.ID, d.ID); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("a delivery on its way is sent again: %v", err)
	}
	b.call(t, d, Call{})
	again, err := b.Redeliver(t.Context(), b.caller, hook.ID, d.ID)
	if err != nil || again.ID != d.ID || again.Round != 2 || again.State != models.DeliveryPending || again.Tries != 0 {
		t.Fatalf("got %+v, %v", again, err)
	}
	if !b.turn(t, d).Over {
		t.Error("the round before goes on")
	}
	b.call(t, again, failed(0))
	got, attempts, err := b.GetDelivery(t.Context(), b.caller, hook.ID, d.ID)
	if err != nil || got.State != models.DeliveryFailed || len(attempts) != 2 || attempts[1].Number != 2 {
		t.Errorf("got %+v, %+v, %v", got, attempts, err)
	}
	if _, err := b.Redeliver(t.Context(), b.other, hook.ID, d.ID); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("another tenant sends it again: %v", err)
	}
	entries := b.claimAll(t)
	if last := entries[len(entries)-1]; last.Round() != 2 {
		t.Errorf("round %d is promised", last.Round())
	}
}

func testReplay(t *testing.T, b *bundle) {
	t.Helper()
	b.begin(t, "run", 100)
	b.complete(t, "run", Result{})
	hook, since := b.createWebhook(t, models.ScopeAll), b.now().Add(-time.Hour)
	for _, want := range []int{1, 0} { // what was sent is missing no more
		if sent, all, err := b.ReplayMissing(t.Context(), b.caller, hook.ID, since); err != nil || sent != want || !all {
			t.Errorf("missing: got %d, %v, %v", sent, all, err)
		}
	}
	d := b.deliveries(t)[0]
	if d.Sequence != 1 || d.EventType != models.EventExtractionCompleted || *d.ExtractionID != b.x.ID {
		t.Errorf("got %+v", d)
	}
	listed, _, err := b.ListDeliveries(t.Context(), b.caller, hook.ID, models.DeliveryFilter{}, models.Page{Number: 1, Limit: 10})
	if err != nil || len(listed) != 1 || listed[0].FileName != "100%_invoice.pdf" {
		t.Errorf("the file's name: got %+v, %v", listed, err)
	}
	b.call(t, d, failed(0))
	for _, want := range []int{1, 0} {
		if sent, _, err := b.ReplayFailed(t.Context(), b.caller, hook.ID, since); err != nil || sent != want {
			t.Errorf("failed: got %d, %v", sent, err)
		}
	}
	if sent, _, err := b.ReplayMissing(t.Context(), b.caller, b.createWebhook(t, models.ScopeAll).ID, b.now().Add(time.Hour)); err != nil || sent != 0 {
		t.Errorf("what ended before is missing: %d, %v", sent, err)
	}
	hook.SwitchOff("")
	if err := b.UpdateWebhook(t.Context(), b.caller, &hook, true); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.ReplayFailed(t.Context(), b.caller, hook.ID, since); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("a webhook that is switched off is replayed: %v", err)
	}
}

func testReplayMany(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	const many = replayBatch + 1
	b.tests(t, hook, many)
	if err := b.db.Model(&models.Delivery{}).Where("1 = 1").Update("state", models.DeliveryFailed).Error; err != nil {
		t.Fatal(err)
	}
	if sent, all, err := b.ReplayFailed(t.Context(), b.caller, hook.ID, b.now().Add(-time.Hour)); err != nil || sent != many || !all {
		t.Errorf("got %d, %v, %v", sent, all, err)
	}
}

func testSequence(t *testing.T, b *bundle) {
	t.Helper()
	b.createWebhook(t, models.ScopeAll)
	b.begin(t, "run", 100)
	for range 2 { // a step that is repeated is no second event
		if err := b.System().Fail(t.Context(), b.x.ID, "run", models.StatusFailed, models.FailureUnknown, "no"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.RetryExtraction(t.Context(), b.caller, b.x.ID); err != nil {
		t.Fatal(err)
	}
	b.pass(time.Second)
	b.begin(t, "again", 200)
	b.complete(t, "again", Result{})
	rows := b.deliveries(t)
	if len(rows) != 2 || rows[0].Sequence != 1 || rows[1].Sequence != 2 {
		t.Errorf("got %+v", rows)
	}
}

func testDeletedDocuments(t *testing.T, b *bundle) {
	t.Helper()
	var ids []string
	for range 2 {
		d := models.Document{ID: models.NewID(b.now()), Name: "one", Fields: []models.Field{}, CreatedAt: b.now()}
		if err := b.CreateDocument(t.Context(), b.caller, &d); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, d.ID)
	}
	hook, other := b.createWebhook(t, models.ScopeSelected, ids...), b.createWebhook(t, models.ScopeAll)
	for i, want := range []models.WebhookStatus{models.WebhookActive, models.WebhookPaused} {
		if err := b.DeleteDocument(t.Context(), b.caller, ids[i]); err != nil {
			t.Fatal(err)
		}
		if got := b.hook(t, hook.ID); got.Status() != want || len(got.DocumentIDs) != 1-i {
			t.Errorf("after %d deletions: %s, %v, %q", i+1, got.Status(), got.DocumentIDs, got.StopReason.Sentence())
		}
	}
	if rows := b.deliveries(t); len(rows) != 1 || rows[0].WebhookID != other.ID || rows[0].Detail != string(models.StopNoDocuments) {
		t.Errorf("told %+v", rows)
	}
}

func testRotation(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	rotate := func(secret string) error {
		_, err := b.RotateSecret(t.Context(), b.caller, hook.ID, []byte(secret))
		return err
	}
	for _, secret := range []string{"second", "third", "fourth", "fifth"} {
		if err := rotate(secret); err != nil {
			t.Fatal(err)
		}
	}
	got := b.hook(t, hook.ID)
	if string(got.Secret) != "fifth" || len(got.OldSecrets) != 4 || string(got.OldSecrets[0].Secret) != "fourth" || string(got.OldSecrets[3].Secret) != "sealed" {
		t.Errorf("got %q, %+v", got.Secret, got.OldSecrets)
	}
	if err := rotate("sixth"); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("a secret that still signs is dropped: %v", err)
	}
	b.pass(models.SecretOverlap)
	if err := rotate("sixth"); err != nil || len(b.hook(t, hook.ID).OldSecrets) != 1 {
		t.Errorf("got %+v, %v", b.hook(t, hook.ID).OldSecrets, err)
	}
	if _, err := b.RotateSecret(t.Context(), b.other, hook.ID, []byte("x")); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("another tenant rotates it: %v", err)
	}
}

func testOldDeliveries(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	rows := b.tests(t, hook, 2)
	b.call(t, rows[0], Call{})
	b.call(t, rows[1], failed(time.Hour))
	told := append(b.news(t, hook, 1), rows[1])
	body := func(context.Context, *models.Delivery, *models.ExtractionDetail) ([]byte, error) {
		return []byte("body"), nil
	}
	if fixed, err := b.System().FixBodies(t.Context(), slices.Clone(told), body); err != nil || len(fixed) != 2 {
		t.Fatalf("got %+v, %v", fixed, err)
	}
	b.call(t, told[0], Call{})
	b.pass(models.DeliveryLife + time.Second)
	if err := b.System().DeleteOldDeliveries(t.Context()); err != nil {
		t.Fatal(err)
	}
	left := b.deliveries(t)
	if len(left) != 1 || left[0].ID != rows[1].ID {
		t.Errorf("got %+v", left)
	}
	if n := b.bodies(t); n != 1 {
		t.Errorf("%d bodies are left for one delivery", n)
	}
	if _, attempts, err := b.GetDelivery(t.Context(), b.caller, hook.ID, rows[1].ID); err != nil || len(attempts) != 0 {
		t.Errorf("got %+v, %v", attempts, err)
	}
}

func testLostDeliveries(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	rows := b.tests(t, hook, 3)
	b.call(t, rows[0], failed(2*time.Hour))
	b.call(t, rows[1], failed(time.Minute))
	if _, err := b.CreateTest(t.Context(), b.caller, hook.ID); err != nil { // its run is promised
		t.Fatal(err)
	}
	b.pass(time.Hour)
	late, err := b.System().ListLostDeliveries(t.Context(), b.now().Add(-time.Minute), "", 10)
	if err != nil || len(late) != 1 || late[0].ID != rows[1].ID {
		t.Fatalf("got %+v, %v", late, err)
	}
	if err := b.System().FailLostDelivery(t.Context(), &late[0]); err != nil {
		t.Fatal(err)
	}
	if got, _, err := b.GetDelivery(t.Context(), b.caller, hook.ID, late[0].ID); err != nil || got.State != models.DeliveryFailed {
		t.Errorf("got %+v, %v", got, err)
	}
}
