-- The body of an event is one for all webhooks that are told of it: of an
-- extraction's under its id and sequence, of any other under its delivery's id and 0.
CREATE TABLE event_bodies (
  subject_id TEXT NOT NULL, sequence INTEGER NOT NULL, payload BYTEA NOT NULL, created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (subject_id, sequence)
);
INSERT INTO event_bodies (subject_id, sequence, payload, created_at)
  SELECT COALESCE(extraction_id, id), CASE WHEN extraction_id IS NULL THEN 0 ELSE sequence END, payload, created_at
  FROM deliveries WHERE LENGTH(payload) > 0 ORDER BY created_at, id ON CONFLICT DO NOTHING;
CREATE INDEX event_bodies_old ON event_bodies (created_at);

-- A webhook's deliveries that were never called stand in its line, which one
-- process calls at a time; no promise of the outbox does.
ALTER TABLE webhooks ADD COLUMN line_until TIMESTAMPTZ;
ALTER TABLE webhooks ADD COLUMN line_places INTEGER NOT NULL DEFAULT 0;
DELETE FROM outbox WHERE kind = 'start-delivery' AND subject_id IN
  (SELECT id FROM deliveries WHERE state = 'pending' AND tries = 0 AND NOT manual);
DROP INDEX outbox_webhook;
ALTER TABLE outbox DROP COLUMN webhook_id;
DROP INDEX deliveries_pending;
DROP INDEX deliveries_calling;
ALTER TABLE deliveries DROP COLUMN payload;
ALTER TABLE deliveries DROP COLUMN started_at;
ALTER TABLE deliveries ADD COLUMN trace_parent TEXT NOT NULL DEFAULT '';
CREATE INDEX deliveries_line ON deliveries (webhook_id, created_at, id) WHERE state = 'pending' AND tries = 0 AND NOT manual;
CREATE INDEX deliveries_due ON deliveries (webhook_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;

-- What is older than it is kept is old by when it was made, too; that never changes.
DROP INDEX deliveries_old;
CREATE INDEX deliveries_old ON deliveries (created_at);
-- An attempt's tenant is its delivery's. To look it up again for each call locks one
-- row for all that call at once.
ALTER TABLE delivery_attempts DROP CONSTRAINT delivery_attempts_tenant_id_fkey;
