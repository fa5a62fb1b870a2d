-- Who asked for a retry; which blob a deletion leaves.
ALTER TABLE outbox ADD COLUMN detail TEXT NOT NULL DEFAULT '';
