-- Secrets that were rotated out and still sign; why a webhook was switched off; how its calls went of late.
ALTER TABLE webhooks ADD COLUMN old_secrets TEXT NOT NULL DEFAULT '[]';
ALTER TABLE webhooks ADD COLUMN stop_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE webhooks ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN failing_since TIMESTAMPTZ;
ALTER TABLE webhooks ADD COLUMN last_failure_at TIMESTAMPTZ;
ALTER TABLE webhooks ADD COLUMN probe_at TIMESTAMPTZ;

-- How often webhooks were told how an extraction ended. What had ended before was told once in each attempt.
ALTER TABLE extractions ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
UPDATE extractions SET sequence = attempt WHERE status IN ('completed', 'analysis failed', 'extraction failed', 'failed');

-- A test event and the news of a webhook that was switched off are of no extraction.
ALTER TABLE deliveries ALTER COLUMN extraction_id DROP NOT NULL;
ALTER TABLE deliveries ADD COLUMN subject_id TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN detail TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN manual BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE deliveries ADD COLUMN round INTEGER NOT NULL DEFAULT 1;
ALTER TABLE deliveries ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN started_at TIMESTAMPTZ;
ALTER TABLE deliveries ADD COLUMN calling_until TIMESTAMPTZ;
ALTER TABLE deliveries ADD COLUMN next_attempt_at TIMESTAMPTZ;
UPDATE deliveries SET sequence = attempt, started_at = created_at;
UPDATE deliveries SET tries = (SELECT COUNT(*) FROM delivery_attempts a WHERE a.delivery_id = deliveries.id);
ALTER TABLE delivery_attempts ADD COLUMN answer TEXT NOT NULL DEFAULT '';

-- A webhook's deliveries, newest first; those that are on their way; what is older than it is kept.
DROP INDEX deliveries_webhook;
CREATE INDEX deliveries_list ON deliveries (webhook_id, created_at DESC, id DESC);
CREATE INDEX deliveries_pending ON deliveries (webhook_id) WHERE state = 'pending';
CREATE INDEX deliveries_calling ON deliveries (webhook_id, calling_until) WHERE calling_until IS NOT NULL;
CREATE INDEX deliveries_old ON deliveries (updated_at);

-- The relay starts a webhook's deliveries few at a time.
ALTER TABLE outbox ADD COLUMN webhook_id TEXT NOT NULL DEFAULT '';
UPDATE outbox SET webhook_id = (SELECT d.webhook_id FROM deliveries d WHERE d.id = outbox.subject_id)
  WHERE kind = 'start-delivery' AND subject_id IN (SELECT id FROM deliveries);
CREATE INDEX outbox_webhook ON outbox (webhook_id, due_at) WHERE kind = 'start-delivery';
