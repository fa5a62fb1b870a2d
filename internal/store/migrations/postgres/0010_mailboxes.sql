-- Microsoft accounts, the folders that are watched, and the ledger of their mail.
CREATE TABLE mail_accounts (
  id TEXT NOT NULL PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), kind TEXT NOT NULL,
  microsoft_tenant_id TEXT NOT NULL DEFAULT '', object_id TEXT NOT NULL DEFAULT '', email TEXT NOT NULL DEFAULT '',
  write BOOLEAN NOT NULL DEFAULT FALSE, token BYTEA, token_version BIGINT NOT NULL DEFAULT 0, token_claimed_until TIMESTAMPTZ,
  login_hash TEXT NOT NULL DEFAULT '', verifier BYTEA, login_expires_at TIMESTAMPTZ,
  last_ok_at TIMESTAMPTZ, failure TEXT NOT NULL DEFAULT '', failure_code TEXT NOT NULL DEFAULT '', request_id TEXT NOT NULL DEFAULT '',
  retry_after BIGINT NOT NULL DEFAULT 0, failed_at TIMESTAMPTZ, connected_at TIMESTAMPTZ, created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX mail_accounts_list ON mail_accounts (tenant_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX mail_accounts_identity ON mail_accounts (tenant_id, microsoft_tenant_id, object_id) WHERE connected_at IS NOT NULL;
CREATE UNIQUE INDEX mail_accounts_organisation ON mail_accounts (microsoft_tenant_id) WHERE connected_at IS NOT NULL AND kind = 'application';
CREATE UNIQUE INDEX mail_accounts_login ON mail_accounts (login_hash) WHERE login_hash <> '';

CREATE TABLE mailboxes (
  id TEXT NOT NULL PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), account_id TEXT NOT NULL REFERENCES mail_accounts (id),
  address TEXT NOT NULL, folder_id TEXT NOT NULL, folder_name TEXT NOT NULL, start_from TIMESTAMPTZ, rules TEXT NOT NULL, archives BOOLEAN NOT NULL,
  action TEXT NOT NULL, is_active BOOLEAN NOT NULL, link TEXT NOT NULL DEFAULT '', based BOOLEAN NOT NULL DEFAULT FALSE, over BOOLEAN NOT NULL DEFAULT FALSE,
  next_poll_at TIMESTAMPTZ NOT NULL, lease_until TIMESTAMPTZ, swept_at TIMESTAMPTZ NOT NULL, catching_up BOOLEAN NOT NULL DEFAULT FALSE,
  last_ok_at TIMESTAMPTZ, failure TEXT NOT NULL DEFAULT '', failure_code TEXT NOT NULL DEFAULT '', request_id TEXT NOT NULL DEFAULT '',
  retry_after BIGINT NOT NULL DEFAULT 0, failed_at TIMESTAMPTZ, subscription_id TEXT NOT NULL DEFAULT '', client_state_hash TEXT NOT NULL DEFAULT '',
  subscribed_until TIMESTAMPTZ, subscribe_at TIMESTAMPTZ NOT NULL, subscribe_failure TEXT NOT NULL DEFAULT '',
  created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, UNIQUE (account_id, address, folder_id)
);
CREATE INDEX mailboxes_list ON mailboxes (tenant_id, created_at DESC, id DESC);
CREATE INDEX mailboxes_due ON mailboxes (next_poll_at) WHERE is_active;
CREATE UNIQUE INDEX mailboxes_subscription ON mailboxes (subscription_id) WHERE subscription_id <> '';

CREATE TABLE mail_items (
  mailbox_id TEXT NOT NULL REFERENCES mailboxes (id), item_id TEXT NOT NULL, tenant_id TEXT NOT NULL REFERENCES tenants (id),
  received_at TIMESTAMPTZ NOT NULL, baseline BOOLEAN NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at TIMESTAMPTZ NOT NULL,
  state TEXT NOT NULL DEFAULT '', message_id TEXT NOT NULL DEFAULT '', created_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (mailbox_id, item_id)
);
CREATE INDEX mail_items_waiting ON mail_items (mailbox_id, due_at) WHERE state = '' AND NOT baseline;
CREATE INDEX mail_items_failed ON mail_items (mailbox_id) WHERE state = 'failed';

CREATE TABLE mail_messages (
  id TEXT NOT NULL PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), mailbox_id TEXT NOT NULL REFERENCES mailboxes (id),
  account_id TEXT NOT NULL REFERENCES mail_accounts (id), address TEXT NOT NULL, immutable_id TEXT NOT NULL, internet_id TEXT NOT NULL,
  sender_name TEXT NOT NULL, sender TEXT NOT NULL, subject TEXT NOT NULL, received_at TIMESTAMPTZ NOT NULL, state TEXT NOT NULL,
  rule TEXT NOT NULL DEFAULT '', failure TEXT NOT NULL DEFAULT '', settled BOOLEAN NOT NULL DEFAULT FALSE, attempts INTEGER NOT NULL DEFAULT 0,
  action_due BOOLEAN NOT NULL DEFAULT FALSE, created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, UNIQUE (account_id, address, immutable_id)
);
CREATE INDEX mail_messages_list ON mail_messages (mailbox_id, created_at DESC, id DESC);
CREATE INDEX mail_messages_sender ON mail_messages (account_id, address, sender);
CREATE INDEX mail_messages_action ON mail_messages (mailbox_id) WHERE action_due;

CREATE TABLE mail_attachments (
  message_id TEXT NOT NULL REFERENCES mail_messages (id), path TEXT NOT NULL, tenant_id TEXT NOT NULL REFERENCES tenants (id),
  name TEXT NOT NULL, type TEXT NOT NULL, size BIGINT NOT NULL, sha256 TEXT NOT NULL, taken BOOLEAN NOT NULL, reason TEXT NOT NULL,
  rule TEXT NOT NULL, detail TEXT NOT NULL, extraction_id TEXT, created_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (message_id, path)
);
CREATE INDEX mail_attachments_picture ON mail_attachments (sha256) WHERE sha256 <> '';
CREATE INDEX mail_attachments_extraction ON mail_attachments (extraction_id) WHERE extraction_id IS NOT NULL;

-- The mail that brought an extraction's file; it stays when the mailbox goes.
CREATE TABLE extraction_emails (
  extraction_id TEXT NOT NULL PRIMARY KEY REFERENCES extractions (id), tenant_id TEXT NOT NULL REFERENCES tenants (id),
  email TEXT NOT NULL, body_type TEXT NOT NULL, body TEXT NOT NULL
);
