-- The name as it came; for what is there, the one that is shown.
ALTER TABLE files ADD COLUMN original_name TEXT NOT NULL DEFAULT '';
UPDATE files SET original_name = name;
-- A file that is uploaded by itself stays when its extractions are deleted.
ALTER TABLE files ADD COLUMN standalone BOOLEAN NOT NULL DEFAULT FALSE;
CREATE TABLE sessions (
  id TEXT NOT NULL PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), hash TEXT NOT NULL UNIQUE,
  api_key_id TEXT NOT NULL REFERENCES api_keys (id), user_id TEXT NOT NULL REFERENCES users (id), origin TEXT NOT NULL,
  expires_at DATETIME NOT NULL, created_at DATETIME NOT NULL
);
CREATE INDEX sessions_tenant ON sessions (tenant_id, expires_at);
CREATE INDEX sessions_api_key ON sessions (api_key_id);
CREATE TABLE idempotent_requests (
  tenant_id TEXT NOT NULL, route TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL,
  content_type TEXT NOT NULL, answer BLOB, locked_until DATETIME NOT NULL, created_at DATETIME NOT NULL,
  PRIMARY KEY (tenant_id, route, key)
);
CREATE INDEX idempotent_requests_created ON idempotent_requests (created_at);

-- Lists: newest first, by each filter.
DROP INDEX extractions_tenant;
CREATE INDEX extractions_list ON extractions (tenant_id, created_at DESC, id DESC);
CREATE INDEX extractions_list_status ON extractions (tenant_id, status, created_at DESC, id DESC);
CREATE INDEX extractions_list_document ON extractions (tenant_id, document_id, created_at DESC, id DESC);
CREATE INDEX extractions_file ON extractions (file_id);
DROP INDEX files_tenant;
CREATE INDEX files_list ON files (tenant_id, created_at DESC, id DESC);
CREATE INDEX files_list_type ON files (tenant_id, type, created_at DESC, id DESC);
DROP INDEX documents_tenant;
CREATE INDEX documents_list ON documents (tenant_id, created_at DESC, id DESC);
CREATE INDEX memberships_list ON memberships (tenant_id, created_at DESC, user_id DESC);
CREATE INDEX deliveries_webhook ON deliveries (webhook_id);
