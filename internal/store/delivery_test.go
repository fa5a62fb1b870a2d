package store

import (
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/models"
)

func (b *bundle) createWebhook(t *testing.T, scope models.WebhookScope, documentIDs ...string) models.Webhook {
	t.Helper()
	hook := models.Webhook{
		ID: models.NewID(b.now()), Scope: scope, DocumentIDs: append([]string{}, documentIDs...), IsActive: true, Secret: []byte("sealed"),
	}
	if err := b.CreateWebhook(t.Context(), b.caller, &hook); err != nil {
		t.Fatal(err)
	}
	return hook
}

// claimAll takes every entry of the outbox, whenever it is due.
func (b *bundle) claimAll(t *testing.T) []models.OutboxEntry {
	t.Helper()
	if err := b.db.Model(&models.OutboxEntry{}).Where("1 = 1").Update("due_at", b.now().Add(-time.Second)).Error; err != nil {
		t.Fatal(err)
	}
	entries, err := b.System().ClaimOutbox(t.Context(), 100, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func testDeliveries(t *testing.T, b *bundle) {
	t.Helper()
	told := b.createWebhook(t, models.ScopeAll)
	other := models.Document{ID: models.NewID(b.now()), Name: "another", Fields: []models.Field{}, CreatedAt: b.now()}
	if err := b.CreateDocument(t.Context(), b.caller, &other); err != nil {
		t.Fatal(err)
	}
	b.createWebhook(t, models.ScopeSelected, other.ID)
	off := b.createWebhook(t, models.ScopeAll)
	if err := b.db.Model(&off).Update("is_active", false).Error; err != nil {
		t.Fatal(err)
	}
	b.begin(t, "run", 100)
	b.complete(t, "run", Result{Data: map[string]any{"total": 1.5}})
	rows := b.deliveries(t)
	if len(rows) != 1 || rows[0].WebhookID != told.ID {
		t.Fatalf("got %+v; want one delivery to %s", rows, told.ID)
	}
	_, hook, err := b.System().LoadDelivery(t.Context(), rows[0].ID)
	if err != nil || hook.ID != told.ID || len(b.take(t, told).Deliveries) != 1 {
		t.Errorf("told %s, %v; want %s", hook.ID, err, told.ID)
	}
}

func testOutbox(t *testing.T, b *bundle) {
	t.Helper()
	for range 20 {
		b.upload(t, "x.pdf")
	}
	if err := b.db.Model(&models.OutboxEntry{}).Where("1 = 1").Update("due_at", b.now().Add(-time.Second)).Error; err != nil {
		t.Fatal(err)
	}
	claimed := make([][]models.OutboxEntry, 4)
	var group errgroup.Group
	for i := range claimed {
		group.Go(func() (err error) {
			claimed[i], err = b.System().ClaimOutbox(t.Context(), 100, time.Minute)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, entries := range claimed {
		for _, entry := range entries {
			if seen[entry.ID] {
				t.Errorf("%s was claimed twice", entry.ID)
			}
			seen[entry.ID] = true
		}
	}
	if len(seen) != 21 {
		t.Errorf("%d of 21 were claimed", len(seen))
	}
}
