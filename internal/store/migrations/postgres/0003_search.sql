-- The file's name in lower case, beside what is listed: one index then finds, counts and searches a tenant's rows without a
-- look at any of them.
ALTER TABLE files ADD COLUMN search_name TEXT NOT NULL DEFAULT '';
UPDATE files SET search_name = LOWER(name);
ALTER TABLE extractions ADD COLUMN search_name TEXT NOT NULL DEFAULT '';
UPDATE extractions x SET search_name = f.search_name FROM files f WHERE f.id = x.file_id;

DROP INDEX files_list;
CREATE INDEX files_list ON files (tenant_id, created_at DESC, id DESC) INCLUDE (search_name);
DROP INDEX extractions_list;
CREATE INDEX extractions_list ON extractions (tenant_id, created_at DESC, id DESC) INCLUDE (search_name);

-- For a tenant with so many rows that it is quicker to look for the text first; Postgres chooses.
DROP INDEX files_search;
CREATE INDEX files_search ON files USING GIN (search_name gin_trgm_ops);
CREATE INDEX extractions_search ON extractions USING GIN (search_name gin_trgm_ops);
