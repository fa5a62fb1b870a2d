-- What a request makes has one id, however often the request is made anew.
ALTER TABLE idempotent_requests ADD COLUMN subject_id TEXT NOT NULL DEFAULT '';
