-- The file's name in lower case, beside what is listed: one index then finds, counts and searches a tenant's rows without a
-- look at any of them.
ALTER TABLE files ADD COLUMN search_name TEXT NOT NULL DEFAULT '';
UPDATE files SET search_name = LOWER(name);
ALTER TABLE extractions ADD COLUMN search_name TEXT NOT NULL DEFAULT '';
UPDATE extractions SET search_name = COALESCE((SELECT f.search_name FROM files f WHERE f.id = extractions.file_id), '');

DROP INDEX files_list;
CREATE INDEX files_list ON files (tenant_id, created_at DESC, id DESC, search_name);
DROP INDEX extractions_list;
CREATE INDEX extractions_list ON extractions (tenant_id, created_at DESC, id DESC, search_name);
