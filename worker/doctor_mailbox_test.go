package worker

import (
	"strings"
	"testing"
	"time"

	"decoded.digital/extractor/models"
	"decoded.digital/extractor/workflows"
)

func doctorFindsMailboxes(t *testing.T, b *bundle) {
	d := b.doctor()
	if f := d.find(t, "mailboxes"); !f.OK || !strings.Contains(f.Detail, "not offered") {
		t.Errorf("they are not offered: %+v", f)
	}
	d.Starter = &workflows.Starter{Client: b.Starter.Client, Namespace: b.Starter.Namespace, Mailboxes: true}
	now, caller := b.clock, b.caller
	a := models.MailAccount{ID: models.NewID(now), Kind: models.ConnectionDelegated, CreatedAt: now, UpdatedAt: now}
	if err := b.store.CreateMailAccount(t.Context(), caller, &a); err != nil {
		t.Fatal(err)
	}
	if err := b.Store.ConnectMailAccount(t.Context(), &a); err != nil {
		t.Fatal(err)
	}
	m := models.Mailbox{ID: models.NewID(now), AccountID: a.ID, Address: "u@acme.test", FolderID: "f", IsActive: true, NextPollAt: now, SweptAt: now, SubscribeAt: now, CreatedAt: now, UpdatedAt: now}
	if err := b.store.CreateMailbox(t.Context(), caller, &m); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"Microsoft accounts", "watched folders", "mail"} {
		if f := d.find(t, part); !f.OK {
			t.Errorf("all is well: %+v", f)
		}
	}
	b.clock = now.Add(20 * time.Minute)
	if f := d.find(t, "watched folders"); f.OK || !strings.Contains(f.Detail, "is due for 20m0s") {
		t.Errorf("nobody reads: %+v", f)
	}
	if err := b.Store.KeepAccountHealth(t.Context(), a.ID, models.MailHealth{Failure: "operator"}); err != nil {
		t.Fatal(err)
	}
	if f := d.find(t, "Microsoft accounts"); f.OK || !strings.Contains(f.Detail, "1 operator") {
		t.Errorf("the secret has ended: %+v", f)
	}
}
