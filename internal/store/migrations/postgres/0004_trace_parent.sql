-- The trace of the request that made a promise: what is done later joins it.
ALTER TABLE outbox ADD COLUMN trace_parent TEXT NOT NULL DEFAULT '';
