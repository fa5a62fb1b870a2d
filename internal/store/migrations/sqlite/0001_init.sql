CREATE TABLE tenants (
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL
);
CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY, email TEXT NOT NULL UNIQUE, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
  created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL
);
CREATE TABLE memberships (
  tenant_id TEXT NOT NULL REFERENCES tenants (id), user_id TEXT NOT NULL REFERENCES users (id), role TEXT NOT NULL,
  created_at DATETIME NOT NULL, PRIMARY KEY (tenant_id, user_id)
);
CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,
  prefix TEXT NOT NULL, is_active BOOLEAN NOT NULL, expires_at DATETIME, allowed_domains TEXT NOT NULL, usage_count BIGINT NOT NULL,
  last_used_at DATETIME, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL
);
CREATE INDEX api_keys_tenant ON api_keys (tenant_id);
CREATE TABLE documents (
  id TEXT NOT NULL PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), name TEXT NOT NULL, description TEXT NOT NULL,
  fields TEXT NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL
);
CREATE INDEX documents_tenant ON documents (tenant_id, created_at);
CREATE TABLE files (
  id TEXT NOT NULL PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), name TEXT NOT NULL, type TEXT NOT NULL, size BIGINT NOT NULL,
  sha256 TEXT NOT NULL, blob_key TEXT NOT NULL, description TEXT NOT NULL, source TEXT NOT NULL, app_name TEXT NOT NULL,
  created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL
);
CREATE INDEX files_tenant ON files (tenant_id, created_at);
-- document_id has no foreign key: a template may be deleted, what it extracted stays.
CREATE TABLE extractions (
  id TEXT NOT NULL PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), file_id TEXT NOT NULL REFERENCES files (id),
  document_id TEXT, requested_document_id TEXT, status TEXT NOT NULL, attempt INTEGER NOT NULL, run_id TEXT NOT NULL,
  run_begun_at BIGINT NOT NULL, page_count INTEGER NOT NULL, extracted_data TEXT, evidence TEXT, checks TEXT, error TEXT,
  failure_type TEXT NOT NULL, source TEXT NOT NULL, app_name TEXT NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL,
  completed_at DATETIME
);
CREATE INDEX extractions_tenant ON extractions (tenant_id, created_at);
CREATE INDEX extractions_status ON extractions (status, updated_at);
CREATE TABLE webhooks (
  id TEXT NOT NULL PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), name TEXT NOT NULL, url TEXT NOT NULL, scope TEXT NOT NULL,
  document_ids TEXT NOT NULL, is_active BOOLEAN NOT NULL, secret BLOB NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL
);
CREATE INDEX webhooks_tenant ON webhooks (tenant_id);
CREATE TABLE deliveries (
  id TEXT NOT NULL PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), webhook_id TEXT NOT NULL REFERENCES webhooks (id),
  extraction_id TEXT NOT NULL REFERENCES extractions (id), attempt INTEGER NOT NULL, event_type TEXT NOT NULL, state TEXT NOT NULL,
  payload BLOB, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, UNIQUE (webhook_id, extraction_id, attempt, event_type)
);
CREATE INDEX deliveries_extraction ON deliveries (extraction_id);
CREATE TABLE delivery_attempts (
  id TEXT NOT NULL PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), delivery_id TEXT NOT NULL REFERENCES deliveries (id),
  number INTEGER NOT NULL, status_code INTEGER NOT NULL, error TEXT NOT NULL, duration BIGINT NOT NULL, created_at DATETIME NOT NULL
);
CREATE INDEX delivery_attempts_delivery ON delivery_attempts (delivery_id);
CREATE TABLE outbox (
  id TEXT NOT NULL PRIMARY KEY, tenant_id TEXT NOT NULL, kind TEXT NOT NULL, subject_id TEXT NOT NULL, attempt INTEGER NOT NULL,
  due_at DATETIME NOT NULL, tries INTEGER NOT NULL, created_at DATETIME NOT NULL
);
CREATE INDEX outbox_due ON outbox (due_at);
CREATE INDEX outbox_subject ON outbox (subject_id);
