-- The same file of the same mail, which came by another mailbox or as a copy.
ALTER TABLE mailboxes ADD COLUMN skip_duplicates BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE mail_attachments ADD COLUMN duplicate_of TEXT;
CREATE INDEX mail_messages_internet ON mail_messages (tenant_id, internet_id) WHERE internet_id <> '';
