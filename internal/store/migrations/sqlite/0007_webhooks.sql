-- Secrets that were rotated out and still sign; why a webhook was switched off; how its calls went of late.
ALTER TABLE webhooks ADD COLUMN old_secrets TEXT NOT NULL DEFAULT '[]';
ALTER TABLE webhooks ADD COLUMN stop_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE webhooks ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN failing_since DATETIME;
ALTER TABLE webhooks ADD COLUMN last_failure_at DATETIME;
ALTER TABLE webhooks ADD COLUMN probe_at DATETIME;

-- How often webhooks were told how an extraction ended. What had ended before was told once in each attempt.
ALTER TABLE extractions ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
UPDATE extractions SET sequence = attempt WHERE status IN ('completed', 'analysis failed', 'extraction failed', 'failed');

-- A test event and the news of a webhook that was switched off are of no extraction: the column may be empty, which
-- SQLite can only do by making the table anew.
CREATE TABLE new_deliveries (
  id TEXT NOT NULL PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), webhook_id TEXT NOT NULL REFERENCES webhooks (id),
  extraction_id TEXT REFERENCES extractions (id), attempt INTEGER NOT NULL, event_type TEXT NOT NULL, state TEXT NOT NULL,
  payload BLOB, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, subject_id TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '',
  sequence INTEGER NOT NULL DEFAULT 0, manual BOOLEAN NOT NULL DEFAULT FALSE, round INTEGER NOT NULL DEFAULT 1, tries INTEGER NOT NULL DEFAULT 0,
  started_at DATETIME, calling_until DATETIME, next_attempt_at DATETIME, UNIQUE (webhook_id, extraction_id, attempt, event_type)
);
INSERT INTO new_deliveries (id, tenant_id, webhook_id, extraction_id, attempt, event_type, state, payload, created_at, updated_at, sequence, tries, started_at)
  SELECT id, tenant_id, webhook_id, extraction_id, attempt, event_type, state, payload, created_at, updated_at, attempt,
    (SELECT COUNT(*) FROM delivery_attempts a WHERE a.delivery_id = deliveries.id), created_at FROM deliveries;
CREATE TABLE new_delivery_attempts (
  id TEXT NOT NULL PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), delivery_id TEXT NOT NULL REFERENCES new_deliveries (id),
  number INTEGER NOT NULL, status_code INTEGER NOT NULL, error TEXT NOT NULL, duration INTEGER NOT NULL, created_at DATETIME NOT NULL,
  answer TEXT NOT NULL DEFAULT ''
);
INSERT INTO new_delivery_attempts (id, tenant_id, delivery_id, number, status_code, error, duration, created_at)
  SELECT id, tenant_id, delivery_id, number, status_code, error, duration, created_at FROM delivery_attempts;
DROP TABLE delivery_attempts;
DROP TABLE deliveries;
ALTER TABLE new_deliveries RENAME TO deliveries;
ALTER TABLE new_delivery_attempts RENAME TO delivery_attempts;
CREATE INDEX delivery_attempts_delivery ON delivery_attempts (delivery_id);
CREATE INDEX deliveries_extraction ON deliveries (extraction_id);

-- A webhook's deliveries, newest first; those that are on their way; what is older than it is kept.
CREATE INDEX deliveries_list ON deliveries (webhook_id, created_at DESC, id DESC);
CREATE INDEX deliveries_pending ON deliveries (webhook_id) WHERE state = 'pending';
CREATE INDEX deliveries_calling ON deliveries (webhook_id, calling_until) WHERE calling_until IS NOT NULL;
CREATE INDEX deliveries_old ON deliveries (updated_at);

-- The relay starts a webhook's deliveries few at a time.
ALTER TABLE outbox ADD COLUMN webhook_id TEXT NOT NULL DEFAULT '';
UPDATE outbox SET webhook_id = (SELECT d.webhook_id FROM deliveries d WHERE d.id = outbox.subject_id)
  WHERE kind = 'start-delivery' AND subject_id IN (SELECT id FROM deliveries);
CREATE INDEX outbox_webhook ON outbox (webhook_id, due_at) WHERE kind = 'start-delivery';
