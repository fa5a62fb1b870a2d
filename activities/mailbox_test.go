package activities

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/internal/testkit/graphfake"
	"decoded.digital/extractor/models"
)

// mailWorld is the sweep over a real store and a fake Graph, with one connected
// account.
type mailWorld struct {
	*Activities
	graph   *graphfake.Server
	tenant  *store.Store
	caller  models.Caller
	account models.MailAccount
	ahead   atomic.Int64 // of the clock, nanoseconds
}

func newMailWorld(t testing.TB) *mailWorld {
	t.Helper()
	w := &mailWorld{graph: graphfake.New(graphfake.Options{Seed: 11})}
	t.Cleanup(w.graph.Close)
	clock := func() time.Time {
		return time.Now().Add(time.Duration(w.ahead.Load())).UTC().Truncate(time.Millisecond)
	}
	var err error
	if w.tenant, err = store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), clock); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.tenant.Close() })
	if err := w.tenant.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	disk, err := blob.NewDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(w.graph.URL)
	if err != nil {
		t.Fatal(err)
	}
	network := w.graph.Transport()
	t.Cleanup(network.CloseIdleConnections)
	transport := mailbox.NewTransport(network, base, clock)
	transport.MaxWait = 0
	w.Activities = &Activities{Store: w.tenant.System(), Now: clock, Mail: &Mail{
		Graph: base, Intake: &intake.Intake{Store: w.tenant, Blobs: disk, Now: clock}, Logger: testkit.LoggerTo(io.Discard),
		Client: func(a models.MailAccount) (mailbox.Client, error) {
			token := w.graph.Token(a.ObjectID)
			return rest{base: w.graph.URL + "/v1.0", token: func() string { return token }, client: &http.Client{Transport: transport}}, nil
		},
	}}
	w.connect(t)
	return w
}

func (w *mailWorld) connect(t testing.TB) {
	t.Helper()
	now := w.Now()
	tenant := models.Tenant{ID: models.NewID(now), Name: "Acme", Status: models.TenantActive}
	o := models.Onboarding{
		Tenant: tenant, User: models.User{ID: models.NewID(now), Email: "jo@acme.test"},
		APIKey: models.APIKey{ID: models.NewID(now), TenantID: tenant.ID, AllowedDomains: []string{}},
	}
	if _, err := w.tenant.Onboard(t.Context(), &o); err != nil {
		t.Fatal(err)
	}
	w.caller = models.Caller{TenantID: tenant.ID}
	w.account = models.MailAccount{ID: models.NewID(now), Kind: models.ConnectionDelegated, CreatedAt: now, UpdatedAt: now}
	if err := w.tenant.CreateMailAccount(t.Context(), w.caller, &w.account); err != nil {
		t.Fatal(err)
	}
	w.account.MicrosoftTenantID, w.account.ObjectID, w.account.Email = "t1", "u1", "u1@acme.test"
	if err := w.Store.ConnectMailAccount(t.Context(), &w.account); err != nil {
		t.Fatal(err)
	}
}

// watch lets a folder of a mailbox of the account be read.
func (w *mailWorld) watch(t testing.TB, user string, change func(*models.Mailbox)) models.Mailbox {
	t.Helper()
	now := w.Now()
	m := models.Mailbox{
		ID: models.NewID(now), AccountID: w.account.ID, Address: user, FolderID: w.graph.Folder(user, "inbox"), FolderName: "Inbox", Archives: true,
		Action: models.MailAction{Kind: models.MailActionNone}, IsActive: true, NextPollAt: now, SweptAt: now, SubscribeAt: now, CreatedAt: now, UpdatedAt: now,
	}
	if change != nil {
		change(&m)
	}
	if err := w.tenant.CreateMailbox(t.Context(), w.caller, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// sweep reads what is due, once.
func (w *mailWorld) sweep(ctx context.Context, t testing.TB) int {
	t.Helper()
	due, err := w.Store.ClaimMailboxes(t.Context(), readAtOnce, mailLease)
	if err != nil {
		t.Fatal(err)
	}
	for i := range due {
		w.readMailbox(ctx, &due[i], nil)
	}
	return len(due)
}

func (w *mailWorld) extractions(t testing.TB) (items []models.ExtractionSummary, total int64) {
	t.Helper()
	items, total, err := w.tenant.ListExtractions(t.Context(), w.caller, models.ExtractionFilter{}, models.Page{Number: 1, Limit: models.MaxPageLimit})
	if err != nil {
		t.Fatal(err)
	}
	return items, total
}

func (w *mailWorld) read(t testing.TB, id string) models.Mailbox {
	t.Helper()
	m, err := w.tenant.GetMailbox(t.Context(), w.caller, id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMailsUnderFaultsAndDeathsBecomeExtractionsOnce(t *testing.T) {
	t.Parallel()
	const mails = 300
	w := newMailWorld(t)
	w.graph.AddMailbox("u1", "u1@acme.test")
	m := w.watch(t, "u1@acme.test", nil)
	_, want := w.graph.DeliverInvoices("u1", "inbox", 0, mails, w.Now().Add(-mails*time.Minute))
	w.graph.Misbehave("120")
	random := rand.New(rand.NewPCG(3, 5))
	var left atomic.Int64
	var kill atomic.Pointer[context.CancelFunc]
	w.graph.Hook(func(string) {
		if left.Add(-1) == 0 {
			(*kill.Load())()
		}
	})
	deaths := 0
	for round := range 300 {
		ctx, cancel := context.WithCancel(t.Context())
		kill.Store(&cancel)
		left.Store(-1)
		if round < 30 {
			left.Store(1 + random.Int64N(150))
		}
		w.sweep(ctx, t)
		if ctx.Err() != nil {
			deaths++
		}
		cancel()
		w.ahead.Add(int64(20 * time.Minute))
		at := w.read(t, m.ID)
		next, err := w.Store.NextMail(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		if round > 30 && at.Over && next == nil && at.Failure == "" {
			break
		}
	}
	_, total := w.extractions(t)
	if int(total) != want || deaths < 5 {
		t.Errorf("%d extractions of %d documents, after %d deaths", total, want, deaths)
	}
	if most := w.graph.Most("u1"); most > 4 {
		t.Errorf("%d requests were in flight", most)
	}
	t.Logf("%d mails, %d documents, %d deaths, %d requests", mails, want, deaths, len(w.graph.Requests()))
}

func TestAMailIsReadWithinAMinuteByPollingAlone(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t)
	w.graph.AddMailbox("u1", "u1@acme.test")
	m := w.watch(t, "u1@acme.test", nil)
	w.sweep(t.Context(), t)
	w.graph.Deliver("u1", "inbox", graphfake.Mail{
		From: "a@b.test", FromName: "Ann", To: []string{"u1@acme.test"}, Subject: "Invoice", HTML: "<script>alert(1)</script>",
		Attachments: []graphfake.Attachment{{Name: "invoice.pdf", Content: graphfake.PDF(1)}},
	})
	if n := w.sweep(t.Context(), t); n != 0 {
		t.Errorf("%d mailboxes were read again at once", n)
	}
	w.ahead.Add(int64(pollEvery))
	w.sweep(t.Context(), t)
	if at := w.read(t, m.ID); at.CatchingUp || !at.Based {
		t.Error("it still catches up")
	}
	items, _ := w.extractions(t)
	if len(items) != 1 || items[0].Source != models.SourceEmail || items[0].Email == nil || items[0].Email.Subject != "Invoice" || items[0].Email.Body != nil {
		t.Fatalf("got %+v", items)
	}
	x, err := w.tenant.GetExtraction(t.Context(), w.caller, items[0].ID)
	if err != nil || x.Email.Body == nil || !strings.Contains(x.Email.Body.Content, "<script>alert(1)</script>") {
		t.Errorf("the body is not as it came: %+v, %v", x.Email, err)
	}
	due, err := w.Store.ClaimOutbox(t.Context(), 10, time.Minute)
	if err != nil || len(due) != 1 {
		t.Errorf("its start is promised %d times, %v", len(due), err)
	}
}

func TestASubscriptionMakesPollsRareAndALostOneIsMadeAgain(t *testing.T) {
	t.Parallel()
	echo := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(rw, r.URL.Query().Get("validationToken"))
	}))
	t.Cleanup(echo.Close)
	w := newMailWorld(t)
	w.Mail.NotificationURL = echo.URL
	w.graph.AddMailbox("u1", "u1@acme.test")
	m := w.watch(t, "u1@acme.test", nil)
	w.sweep(t.Context(), t)
	first := w.read(t, m.ID)
	if !first.Push(w.Now()) {
		t.Fatalf("push %v (%s), read again at %v", first.Push(w.Now()), first.SubscribeFailure, first.NextPollAt)
	}
	w.graph.Lifecycle(t.Context(), first.SubscriptionID, graphfake.SubscriptionRemoved)
	if err := w.Store.WakeMailboxes(t.Context(), []string{m.ID}, true); err != nil {
		t.Fatal(err)
	}
	w.sweep(t.Context(), t)
	if again := w.read(t, m.ID); !again.Push(w.Now()) || again.SubscriptionID == first.SubscriptionID {
		t.Errorf("it is %q again, %s", again.SubscriptionID, again.SubscribeFailure)
	}
}

func TestAnActionIsDoneOnceItsExtractionsHaveCompleted(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t)
	w.graph.AddMailbox("u1", "u1@acme.test")
	w.watch(t, "u1@acme.test", func(m *models.Mailbox) { m.Action.Kind = models.MailActionMarkRead })
	id, _ := w.graph.Deliver("u1", "inbox", graphfake.Mail{From: "a@b.test", Attachments: []graphfake.Attachment{{Name: "a.pdf", Content: graphfake.PDF(1)}}})
	w.sweep(t.Context(), t)
	w.ahead.Add(int64(pollEvery))
	w.sweep(t.Context(), t)
	if read, _, _, _ := w.graph.Message("u1", id); read {
		t.Error("it is read before its extraction has ended")
	}
	items, _ := w.extractions(t)
	if _, err := w.tenant.DeleteExtraction(t.Context(), w.caller, items[0].ID); err != nil { // nothing is left to wait for
		t.Fatal(err)
	}
	w.ahead.Add(int64(pollEvery))
	w.sweep(t.Context(), t)
	if read, _, _, ok := w.graph.Message("u1", id); !read || !ok {
		t.Error("it is not read after its extraction has ended")
	}
}

func TestASweepReadsWhatBecomesDueWhileItRuns(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t)
	w.graph.AddMailbox("u1", "u1@acme.test")
	m := w.watch(t, "u1@acme.test", nil)
	w.sweep(t.Context(), t)
	w.graph.Deliver("u1", "inbox", graphfake.Mail{From: "a@b.test", Attachments: []graphfake.Attachment{{Name: "a.pdf", Content: graphfake.PDF(1)}}})
	promised := make(chan struct{}, 1)
	w.Promised = func() { promised <- struct{}{} }
	if err := w.Store.WakeMailboxes(t.Context(), []string{m.ID}, false); err != nil { // as a notification does
		t.Fatal(err)
	}
	env := testkit.NewActivityEnvironment(t)
	env.RegisterActivity(w.Activities)
	if _, err := env.ExecuteActivity(w.SweepMailboxes, SweepInput{For: 3 * time.Second}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-promised:
	default:
		t.Error("the mail was not read")
	}
}

func TestWhatMicrosoftRefusesBecomesTheMailboxsState(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t)
	w.graph.AddMailbox("u1", "u1@acme.test")
	m := w.watch(t, "u1@acme.test", nil)
	w.graph.Inject(graphfake.Fault{Probability: 1, Break: graphfake.Throttle("120")})
	w.sweep(t.Context(), t)
	at := w.read(t, m.ID)
	if at.Failure != string(mailbox.Throttled) || at.RetryAfter != 2*time.Minute || at.NextPollAt.Before(w.Now().Add(time.Minute)) {
		t.Errorf("%q, waits %v, read again at %v", at.Failure, at.RetryAfter, at.NextPollAt)
	}
	w.graph.Heal()
	w.ahead.Add(int64(3 * time.Minute))
	w.sweep(t.Context(), t)
	if at := w.read(t, m.ID); at.Failure != "" || at.LastOKAt == nil {
		t.Errorf("it still is %q", at.Failure)
	}
}

func TestAMailThatIsNeverHandedOutIsShownAndCanBeReplayed(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t)
	w.graph.AddMailbox("u1", "u1@acme.test")
	m := w.watch(t, "u1@acme.test", nil)
	w.graph.DeliverInvoices("u1", "inbox", 1, 1, w.Now())
	w.graph.Inject(graphfake.Fault{Path: regexp.MustCompile(`users/[^/]+/messages/[^/]+$`), Break: graphfake.Busy(500)})
	shown := func() []models.MailMessageDetail {
		rows, _, err := w.tenant.ListMessages(t.Context(), w.caller, m.ID, models.MessageFilter{}, models.Page{Number: 1, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	for range 10 {
		w.sweep(t.Context(), t)
		w.ahead.Add(int64(2 * time.Hour))
	}
	failed := shown()
	if len(failed) != 1 || failed[0].State != models.MessageFailed || failed[0].Failure != string(mailbox.Transient) || failed[0].Attempts != 8 {
		t.Fatalf("the ledger shows %+v", failed)
	}
	w.graph.Heal()
	if _, err := w.tenant.ReplayMessage(t.Context(), w.caller, m.ID, failed[0].ID); err != nil {
		t.Fatal(err)
	}
	w.sweep(t.Context(), t)
	if _, total := w.extractions(t); total != 1 {
		t.Errorf("%d extractions after the replay", total)
	}
	if rows := shown(); len(rows) != 1 || rows[0].State != models.MessageDone || rows[0].Subject != "Invoice" {
		t.Errorf("the ledger shows %+v", rows)
	}
}

func TestAFolderWithAnActionIsPolledSeldomWhileNoneWaits(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t)
	m := models.Mailbox{ID: models.NewID(w.Now()), Action: models.MailAction{Kind: models.MailActionMarkRead}}
	now, until := w.Now(), w.Now().Add(time.Hour)
	m.SubscriptionID, m.SubscribedUntil, m.LastOKAt, m.NextPollAt = "s", &until, &now, now
	for waits, want := range map[bool]time.Duration{true: pollEvery, false: pushPollEvery} {
		if next := w.nextPoll(&m, w.Now(), nil, waits).Sub(w.Now()); next > want || next < want*8/10 {
			t.Errorf("an action waits: %v; it is read after %v", waits, next)
		}
	}
	if waits, err := w.Store.ActionWaits(t.Context(), m.ID); waits || err != nil {
		t.Errorf("of no mail an action waits: %v, %v", waits, err)
	}
}
