package store

import (
	"path"
	"testing"
	"time"

	"gorm.io/gorm"

	"decoded.digital/extractor/models"
)

// testUpgrade migrates a database of before there were lines, in the midst of its
// deliveries.
func testUpgrade(t *testing.T, address string) {
	t.Helper()
	s, err := Open(t.Context(), address, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	files, err := s.migrationFiles()
	if err != nil {
		t.Fatal(err)
	}
	err = s.db.WithContext(t.Context()).Transaction(func(tx *gorm.DB) error {
		if err := tx.Exec("CREATE TABLE schema_migrations (name TEXT PRIMARY KEY)").Error; err != nil {
			return err
		}
		for _, file := range files {
			if path.Base(file) < "0012" {
				if err := migrate(tx, file); err != nil {
					return err
				}
			}
		}
		return tx.Exec(beforeLines).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	var entries []models.OutboxEntry
	if err := s.db.Find(&entries).Error; err != nil || len(entries) != 1 || entries[0].SubjectID != "asked" {
		t.Errorf("promised are %+v, %v", entries, err)
	}
	line, err := s.System().TakeLine(t.Context(), "w", time.Minute)
	if err != nil || len(line.Deliveries) != 1 || line.Deliveries[0].ID != "waits" {
		t.Errorf("in line are %+v, %v", line.Deliveries, err)
	}
	d, _, err := s.System().LoadDelivery(t.Context(), "retried")
	if err == nil {
		err = s.loadBody(t.Context(), &d)
	}
	if err != nil || string(d.Payload) != "body" {
		t.Errorf("a retry sends %q, %v", d.Payload, err)
	}
}

const beforeLines = `
INSERT INTO tenants (id, name, status, created_at, updated_at) VALUES ('t', 'Acme', 'active', '2026-11-01 00:00:00', '2026-11-01 00:00:00');
INSERT INTO webhooks (id, tenant_id, name, url, scope, document_ids, is_active, secret, old_secrets, created_at, updated_at)
  VALUES ('w', 't', 'w', 'https://acme.test', 'all', '[]', TRUE, 'sealed', '[]', '2026-11-01 00:00:00', '2026-11-01 00:00:00');
INSERT INTO deliveries (id, tenant_id, webhook_id, attempt, event_type, state, payload, tries, manual, created_at, updated_at) VALUES
  ('waits', 't', 'w', 0, 'webhook.disabled', 'pending', NULL, 0, FALSE, '2026-11-01 00:00:00', '2026-11-01 00:00:00'),
  ('retried', 't', 'w', 0, 'webhook.disabled', 'pending', 'body', 1, FALSE, '2026-11-01 00:00:00', '2026-11-01 00:00:00'),
  ('asked', 't', 'w', 0, 'webhook.test', 'pending', NULL, 0, TRUE, '2026-11-01 00:00:00', '2026-11-01 00:00:00');
INSERT INTO outbox (id, tenant_id, kind, subject_id, attempt, due_at, tries, created_at, webhook_id) VALUES
  ('1', 't', 'start-delivery', 'waits', 0, '2026-11-01 00:00:00', 0, '2026-11-01 00:00:00', 'w'),
  ('2', 't', 'start-delivery', 'asked', 0, '2026-11-01 00:00:00', 0, '2026-11-01 00:00:00', '');
`
