package store

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"decoded.digital/extractor/models"
)

// connectMail gives a tenant a connected account that watches a folder.
func (b *bundle) connectMail(t *testing.T, caller models.Caller) (models.MailAccount, models.Mailbox) {
	t.Helper()
	now := b.now()
	a := models.MailAccount{ID: models.NewID(now), Kind: models.ConnectionDelegated, CreatedAt: now, UpdatedAt: now}
	if err := b.CreateMailAccount(t.Context(), caller, &a); err != nil {
		t.Fatal(err)
	}
	a.MicrosoftTenantID, a.ObjectID, a.Email = "t", "u", "u@acme.test"
	if err := b.System().ConnectMailAccount(t.Context(), &a); err != nil {
		t.Fatal(err)
	}
	m := models.Mailbox{
		ID: models.NewID(now), AccountID: a.ID, Address: a.Email, FolderID: "f", Action: models.MailAction{Kind: models.MailActionNone}, IsActive: true,
		NextPollAt: now, SweptAt: now, SubscribeAt: now, CreatedAt: now, UpdatedAt: now,
	}
	if err := b.CreateMailbox(t.Context(), caller, &m); err != nil {
		t.Fatal(err)
	}
	return a, m
}

func testMailTenants(t *testing.T, b *bundle) {
	t.Helper()
	a, m := b.connectMail(t, b.caller)
	for name, call := range map[string]func() error{
		"read an account":   func() error { _, err := b.GetMailAccount(t.Context(), b.other, a.ID); return err },
		"delete an account": func() error { return b.DeleteMailAccount(t.Context(), b.other, a.ID) },
		"sign in anew":      func() error { return b.BeginLogin(t.Context(), b.other, &a) },
		"read a mailbox":    func() error { _, err := b.GetMailbox(t.Context(), b.other, m.ID); return err },
		"change a mailbox":  func() error { return b.UpdateMailbox(t.Context(), b.other, &m) },
		"delete a mailbox":  func() error { return b.DeleteMailbox(t.Context(), b.other, m.ID) },
		"watch by another's account": func() error {
			stolen := m
			stolen.ID, stolen.FolderID = models.NewID(b.now()), "g"
			return b.CreateMailbox(t.Context(), b.other, &stolen)
		},
		"read mail": func() error {
			_, _, err := b.ListMessages(t.Context(), b.other, m.ID, models.MessageFilter{}, models.Page{Number: 1, Limit: 10})
			return err
		},
	} {
		if err := call(); models.CodeOf(err) != models.CodeNotFound || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	counts, err := b.MailCounts(t.Context(), b.other, []string{m.ID})
	if err != nil || len(counts) != 0 {
		t.Errorf("another tenant's counts: %v, %v", counts, err)
	}
}

func testMailPages(t *testing.T, b *bundle) {
	t.Helper()
	_, m := b.connectMail(t, b.caller)
	s := b.System()
	item := func(id string, baseline bool) models.MailItem {
		return models.MailItem{MailboxID: m.ID, ItemID: id, TenantID: m.TenantID, ReceivedAt: b.now(), DueAt: b.now(), Baseline: baseline, CreatedAt: b.now()}
	}
	next := MailCursor{Link: "https://graph.test/2", Based: true}
	var added atomic.Int64
	var saving sync.WaitGroup
	for range 4 {
		saving.Go(func() {
			n, err := s.SaveMailPage(t.Context(), m.ID, MailCursor{}, next, []models.MailItem{item("a", false), item("b", true)})
			if err != nil {
				t.Error(err)
			}
			added.Add(int64(n))
		})
	}
	saving.Wait()
	if at, err := s.LoadCursor(t.Context(), m.ID); err != nil || at != next || added.Load() != 2 {
		t.Errorf("the cursor is %+v, %d items were added, %v", at, added.Load(), err)
	}
	if n, err := s.SaveMailPage(t.Context(), m.ID, MailCursor{}, MailCursor{}, []models.MailItem{item("c", false)}); n != 0 || err != nil {
		t.Errorf("a late page adds %d, %v", n, err)
	}
	pending, err := s.PendingMail(t.Context(), m.ID, b.now(), 10)
	if err != nil || len(pending) != 1 || pending[0].ItemID != "a" {
		t.Errorf("%+v waits, %v", pending, err)
	}
	if err := s.PostponeMail(t.Context(), MailEnd{MailboxID: m.ID, ItemID: "a"}, b.now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if pending, err = s.PendingMail(t.Context(), m.ID, b.now(), 10); err != nil || len(pending) != 0 {
		t.Errorf("what was put off waits: %+v, %v", pending, err)
	}
}

func testTakeMailOnce(t *testing.T, b *bundle) {
	t.Helper()
	a, m := b.connectMail(t, b.caller)
	s := b.System()
	mail := models.MailMessage{
		ID: models.NewID(b.now()), TenantID: m.TenantID, MailboxID: m.ID, AccountID: a.ID, Address: m.Address, ImmutableID: "i", ReceivedAt: b.now(),
		State: models.MessageWaiting, CreatedAt: b.now(), UpdatedAt: b.now(),
	}
	for range 2 {
		if _, _, err := s.KeepMail(t.Context(), mail); err != nil {
			t.Fatal(err)
		}
		mail.ID = models.NewID(b.now())
	}
	var took atomic.Int64
	var taking sync.WaitGroup
	for range 4 {
		taking.Go(func() {
			f := models.File{ID: models.NewID(b.now()), TenantID: m.TenantID, Name: "a.pdf", BlobKey: "k", Source: models.SourceEmail, CreatedAt: b.now()}
			x := models.Extraction{ID: models.NewID(b.now()), TenantID: m.TenantID, FileID: f.ID, Status: models.StatusUploaded, Attempt: 1, Source: models.SourceEmail, CreatedAt: b.now()}
			origin := models.MailOrigin{AccountID: a.ID, Address: m.Address, ImmutableID: "i", Path: "1", Email: models.EmailView{Subject: "S", Body: &models.EmailBody{ContentType: "html", Content: "<b>"}}}
			done, err := s.TakeMail(t.Context(), &f, &x, origin)
			if err != nil {
				t.Error(err)
			}
			if done.Taken {
				took.Add(1)
			}
		})
	}
	taking.Wait()
	items, _, err := b.ListExtractions(t.Context(), b.caller, models.ExtractionFilter{}, models.Page{Number: 1, Limit: 10})
	if err != nil || took.Load() != 1 || len(items) != 2 {
		t.Fatalf("taken %d times, %d extractions, %v", took.Load(), len(items), err)
	}
	_, known, err := s.KeepMail(t.Context(), mail)
	if err != nil || !known["1"] {
		t.Errorf("known as taken: %v, %v", known, err)
	}
}

func testMailLease(t *testing.T, b *bundle) {
	t.Helper()
	_, m := b.connectMail(t, b.caller)
	s := b.System()
	var claims atomic.Int64
	var claiming sync.WaitGroup
	for range 4 {
		claiming.Go(func() {
			due, err := s.ClaimMailboxes(t.Context(), 10, time.Minute)
			if err != nil {
				t.Error(err)
			}
			claims.Add(int64(len(due)))
		})
	}
	claiming.Wait()
	if claims.Load() != 1 {
		t.Fatalf("claimed %d times", claims.Load())
	}
	stale := m
	until := b.now().Add(-time.Hour)
	stale.LeaseUntil = &until
	if mine, err := s.RenewLease(t.Context(), &stale, time.Minute); mine || err != nil {
		t.Errorf("a lost lease is renewed: %v, %v", mine, err)
	}
	held, err := b.GetMailbox(t.Context(), b.caller, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.WakeMailboxes(t.Context(), []string{m.ID}, false); err != nil { // a notification, while it is read
		t.Fatal(err)
	}
	if err := s.ReleaseMailbox(t.Context(), &held, b.now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if due, err := s.ClaimMailboxes(t.Context(), 10, time.Minute); err != nil || len(due) != 1 {
		t.Errorf("a notification that came while it was read is lost: %v, %v", due, err)
	}
}

func testOneRefreshes(t *testing.T, b *bundle) {
	t.Helper()
	a, _ := b.connectMail(t, b.caller)
	s := b.System()
	_, version, err := s.LoadToken(t.Context(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	now := b.now()
	for i, want := range []bool{true, false} {
		if mine, err := s.ClaimToken(t.Context(), a.ID, version, now, now.Add(time.Minute)); mine != want || err != nil {
			t.Errorf("claim %d: %v, %v", i, mine, err)
		}
	}
	if err := s.SaveToken(t.Context(), a.ID, version, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveToken(t.Context(), a.ID, version, []byte("late")); err != nil {
		t.Fatal(err)
	}
	if sealed, latest, err := s.LoadToken(t.Context(), a.ID); string(sealed) != "sealed" || latest != version+1 || err != nil {
		t.Errorf("%q of version %d, %v", sealed, latest, err)
	}
}

func testMailNeverRead(t *testing.T, b *bundle) {
	t.Helper()
	a, m := b.connectMail(t, b.caller)
	s := b.System()
	item := models.MailItem{MailboxID: m.ID, ItemID: "default", TenantID: m.TenantID, ReceivedAt: b.now(), DueAt: b.now(), CreatedAt: b.now()}
	if _, err := s.SaveMailPage(t.Context(), m.ID, MailCursor{}, MailCursor{Link: "l"}, []models.MailItem{item}); err != nil {
		t.Fatal(err)
	}
	failed := MailEnd{MailboxID: m.ID, ItemID: "default", State: "failed", Message: models.MailMessage{
		AccountID: a.ID, Address: m.Address, State: models.MessageFailed, Failure: "transient", Attempts: 8,
	}}
	if err := s.SettleMail(t.Context(), failed); err != nil {
		t.Fatal(err)
	}
	rows := b.mail(t, m.ID)
	if len(rows) != 1 || rows[0].State != models.MessageFailed || rows[0].Failure != "transient" || rows[0].Attempts != 8 {
		t.Fatalf("the ledger shows %+v", rows)
	}
	if _, err := b.ReplayMessage(t.Context(), b.caller, m.ID, rows[0].ID); err != nil {
		t.Fatal(err)
	}
	pending, err := s.PendingMail(t.Context(), m.ID, b.now(), 10)
	if err != nil || len(pending) != 1 || pending[0].ItemID != "default" || pending[0].Attempts != 0 {
		t.Fatalf("%+v waits, %v", pending, err)
	}
	real := models.MailMessage{
		ID: models.NewID(b.now()), TenantID: m.TenantID, MailboxID: m.ID, AccountID: a.ID, Address: m.Address, ImmutableID: "immutable", Subject: "S",
		ReceivedAt: b.now(), State: models.MessageWaiting, CreatedAt: b.now(), UpdatedAt: b.now(),
	}
	if _, _, err := s.KeepMail(t.Context(), real); err != nil {
		t.Fatal(err)
	}
	put := MailEnd{MailboxID: m.ID, ItemID: "default", Message: models.MailMessage{AccountID: a.ID, Address: m.Address, ImmutableID: "immutable", Failure: "transient", Attempts: 1}}
	if err := s.PostponeMail(t.Context(), put, b.now()); err != nil {
		t.Fatal(err)
	}
	done := MailEnd{MailboxID: m.ID, ItemID: "default", State: "done", Message: models.MailMessage{
		AccountID: a.ID, Address: m.Address, ImmutableID: "immutable", State: models.MessageDone, Settled: true, Attempts: 1,
	}}
	if err := s.SettleMail(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	if rows := b.mail(t, m.ID); len(rows) != 1 || rows[0].ID != real.ID || rows[0].State != models.MessageDone || rows[0].Attempts != 1 {
		t.Errorf("after it was read the ledger shows %+v", rows)
	}
}

func (b *bundle) mail(t *testing.T, mailboxID string) []models.MailMessageDetail {
	t.Helper()
	rows, _, err := b.ListMessages(t.Context(), b.caller, mailboxID, models.MessageFilter{}, models.Page{Number: 1, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func testReplayOfGoneMail(t *testing.T, b *bundle) {
	t.Helper()
	a, m := b.connectMail(t, b.caller)
	s := b.System()
	row := models.MailMessage{
		ID: models.NewID(b.now()), TenantID: m.TenantID, MailboxID: m.ID, AccountID: a.ID, Address: m.Address, ImmutableID: "immutable",
		ReceivedAt: b.now(), State: models.MessageDone, CreatedAt: b.now(), UpdatedAt: b.now(),
	}
	if _, _, err := s.KeepMail(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	if _, err := b.ReplayMessage(t.Context(), b.caller, m.ID, row.ID); err != nil {
		t.Fatal(err)
	}
	gone := MailEnd{MailboxID: m.ID, ItemID: "immutable", State: "gone", Message: models.MailMessage{AccountID: a.ID, Address: m.Address, State: models.MessageGone}}
	if err := s.SettleMail(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	if rows := b.mail(t, m.ID); len(rows) != 1 || rows[0].State != models.MessageGone {
		t.Errorf("a mail that is gone when it is read once more is shown as %+v", rows)
	}
}

func testAbandonedSignIns(t *testing.T, b *bundle) {
	t.Helper()
	now := b.now()
	day := 24 * time.Hour
	connected, _ := b.connectMail(t, b.caller)
	for name, x := range map[string]struct {
		expires *time.Time
		failure string
		touched time.Time
		stays   bool
	}{
		"never came back":           {new(now.Add(-2 * day)), "", now.Add(-2 * day), false},
		"may still come back":       {new(now.Add(-time.Hour)), "", now.Add(-time.Hour), true},
		"an administrator's week":   {new(now.Add(day)), "", now.Add(-6 * day), true},
		"waits for the approval":    {nil, "needs_consent", now.Add(-6 * day), true},
		"waited for it for a month": {nil, "needs_consent", now.Add(-31 * day), false},
	} {
		a := models.MailAccount{ID: models.NewID(now), Kind: models.ConnectionDelegated, LoginHash: name, LoginExpiresAt: x.expires, CreatedAt: x.touched, UpdatedAt: x.touched}
		a.Failure = x.failure
		if err := b.CreateMailAccount(t.Context(), b.caller, &a); err != nil {
			t.Fatal(err)
		}
		if err := b.System().DeleteAbandonedAccounts(t.Context(), now.Add(-day), now.Add(-30*day)); err != nil {
			t.Fatal(err)
		}
		if _, err := b.GetMailAccount(t.Context(), b.caller, a.ID); (err == nil) != x.stays {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.GetMailAccount(t.Context(), b.caller, connected.ID); err != nil {
		t.Errorf("what is connected: %v", err)
	}
}
