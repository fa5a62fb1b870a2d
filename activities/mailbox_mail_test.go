package activities

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/internal/testkit/graphfake"
	"decoded.digital/extractor/models"
)

// ledger is what a mailbox's ledger shows.
func (w *mailWorld) ledger(t testing.TB, id string) []models.MailMessageDetail {
	t.Helper()
	rows, _, err := w.tenant.ListMessages(t.Context(), w.caller, id, models.MessageFilter{}, models.Page{Number: 1, Limit: models.MaxPageLimit})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestHostileNamesAndTypesComeThroughSafely(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t)
	w.graph.AddMailbox("u1", "u1@acme.test")
	m := w.watch(t, "u1@acme.test", nil)
	mail := graphfake.Mail{From: "\u202ea@b.test", FromName: "<b>\u2066Ann\x00</b>", Subject: "\u202einvoice\x00 " + strings.Repeat("é", 300), HTML: "<script>alert(1)</script>\r\n<img src=cid:x>"}
	oddities, want := graphfake.Oddities(1), 0
	for _, o := range oddities {
		mail.Attachments, want = append(mail.Attachments, o.Attachment), want+o.Documents
	}
	w.graph.Deliver("u1", "inbox", mail)
	w.sweep(t.Context(), t)

	rows := w.ledger(t, m.ID)
	if len(rows) != 1 || rows[0].State != models.MessageDone || len(rows[0].Attachments) < len(oddities) || strings.Contains(rows[0].Subject, "\x00") {
		t.Fatalf("the ledger shows %+v", rows)
	}
	for _, a := range rows[0].Attachments {
		unsafe := func(r rune) bool {
			return r == '/' || r == '\\' || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
		}
		if a.Name == "" || strings.ContainsFunc(a.Name, unsafe) || len([]rune(a.Name)) > 255 {
			t.Errorf("a name is %q", a.Name)
		}
		if !a.Taken && mailbox.Reason(a.Reason).Sentence() == "" {
			t.Errorf("%q was left out for %q", a.Name, a.Reason)
		}
	}
	items, total := w.extractions(t)
	if int(total) != want {
		t.Errorf("%d extractions of %d documents", total, want)
	}
	x, err := w.tenant.GetExtraction(t.Context(), w.caller, items[0].ID)
	if err != nil || x.Email.Body == nil || x.Email.Body.ContentType != "html" || x.Email.Body.Content != mail.HTML {
		t.Errorf("the text is not as it came: %+v, %v", x.Email, err)
	}
}

func TestARulesTemplateExtractsWhatItTakes(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t)
	w.graph.AddMailbox("u1", "u1@acme.test")
	document := models.Document{ID: models.NewID(w.Now()), Name: "Invoice", Fields: []models.Field{{Key: "number", Type: models.TypeString}}, CreatedAt: w.Now(), UpdatedAt: w.Now()}
	if err := w.tenant.CreateDocument(t.Context(), w.caller, &document); err != nil {
		t.Fatal(err)
	}
	m := w.watch(t, "u1@acme.test", func(m *models.Mailbox) {
		m.Rules = []models.MailRule{{Name: "no news", Subject: "News", Ignore: true}, {Name: "invoices", Sender: "@b.test", FileName: "*.pdf", DocumentID: document.ID}}
	})
	pdf := []graphfake.Attachment{{Name: "a.pdf", Content: graphfake.PDF(1)}}
	for i, mail := range []graphfake.Mail{
		{From: "x@b.test", Subject: "Your invoice", Attachments: pdf},
		{From: "x@b.test", Subject: "News", Attachments: pdf},
		{From: "x@c.test", Subject: "Your invoice", Attachments: pdf},
		{From: "x@b.test", Subject: "Hello"},
	} {
		mail.Received = w.Now().Add(time.Duration(i) * time.Second)
		w.graph.Deliver("u1", "inbox", mail)
	}
	w.sweep(t.Context(), t)
	items, total := w.extractions(t)
	if total != 1 || items[0].DocumentID == nil || *items[0].DocumentID != document.ID {
		t.Fatalf("%d extractions: %+v", total, items)
	}
	for _, row := range w.ledger(t, m.ID) {
		why := mailbox.NothingTaken(mailbox.OutcomeState(row.State), row.Rule, len(row.Attachments))
		want := map[string]mailbox.Reason{"x@c.test Your invoice": mailbox.ReasonNoRule, "x@b.test Hello": mailbox.ReasonNoAttachment}[row.Sender+" "+row.Subject]
		if why != want || (row.Subject == "News") != (row.Rule == "no news") {
			t.Errorf("%s: %q by rule %q, want %q", row.Subject, why, row.Rule, want)
		}
	}
}

func TestWhatVanishesBeforeItIsReadIsNoted(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t)
	w.graph.AddMailbox("u1", "u1@acme.test")
	m := w.watch(t, "u1@acme.test", nil)
	pdf := []graphfake.Attachment{{Name: "a.pdf", Content: graphfake.PDF(1)}, {Name: "b.pdf", Content: graphfake.PDF(2)}}
	gone, _ := w.graph.Deliver("u1", "inbox", graphfake.Mail{From: "a@b.test", Attachments: pdf})
	w.graph.Deliver("u1", "inbox", graphfake.Mail{From: "a@b.test", Attachments: pdf})
	w.graph.Inject(graphfake.Fault{Path: regexp.MustCompile(`messages/` + regexp.QuoteMeta(gone) + `$`), Break: graphfake.Answer(404, "ErrorItemNotFound")})
	w.graph.Inject(graphfake.Fault{Path: regexp.MustCompile(`value$`), Count: 1, Break: graphfake.Answer(404, "ErrorItemNotFound")})
	w.sweep(t.Context(), t)
	rows := w.ledger(t, m.ID)
	if len(rows) != 1 || rows[0].State != models.MessageDone || len(rows[0].Attachments) != 2 {
		t.Fatalf("the ledger shows %+v", rows)
	}
	reasons := map[string]int{}
	for _, a := range rows[0].Attachments {
		reasons[a.Reason]++
	}
	if _, total := w.extractions(t); total != 1 || reasons[string(mailbox.ReasonAttachmentGone)] != 1 {
		t.Errorf("%d extractions, reasons %v", total, reasons)
	}
}

func TestOnceADayTheNewestMailIsLookedThrough(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t)
	w.graph.AddMailbox("u1", "u1@acme.test")
	w.watch(t, "u1@acme.test", nil)
	looked := func() (n int) {
		for _, r := range w.graph.Requests() {
			if strings.HasSuffix(r.Path, "/messages") && strings.Contains(r.Query, "receivedDateTime") && strings.Contains(r.Query, "orderby") {
				n++
			}
		}
		return n
	}
	for _, step := range []struct {
		ahead time.Duration
		want  int
	}{{0, 0}, {pollEvery, 0}, {fullEvery, 1}, {pollEvery, 1}, {fullEvery, 2}} {
		w.ahead.Add(int64(step.ahead))
		if w.sweep(t.Context(), t); looked() != step.want {
			t.Errorf("%v later it was looked through %d times, not %d", step.ahead, looked(), step.want)
		}
	}
}

func TestALinkThatLeadsAwayFromMicrosoftIsNeitherKeptNorFollowed(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t)
	w.graph.AddMailbox("u1", "u1@acme.test")
	m := w.watch(t, "u1@acme.test", nil)
	w.sweep(t.Context(), t)
	before := w.read(t, m.ID)
	foreign := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the foreign host was asked for %s, with %q", r.URL.Path, r.Header.Get("Authorization"))
	}))
	t.Cleanup(foreign.Close)
	w.graph.DeliverInvoices("u1", "inbox", 1, 1, w.Now())
	w.graph.Inject(graphfake.Fault{Path: regexp.MustCompile("delta"), Count: 1, Break: graphfake.ForeignLink(strings.TrimPrefix(foreign.URL, "http://"))})
	w.ahead.Add(int64(pollEvery))
	w.sweep(t.Context(), t)
	at := w.read(t, m.ID)
	if at.Failure != string(mailbox.ForeignLink) || at.Link != before.Link {
		t.Errorf("%q; the link was %q and is %q", at.Failure, before.Link, at.Link)
	}
	w.ahead.Add(int64(pushPollEvery))
	w.sweep(t.Context(), t)
	if _, total := w.extractions(t); total != 1 || w.read(t, m.ID).Failure != "" {
		t.Errorf("afterwards there are %d extractions, and it is %q", total, w.read(t, m.ID).Failure)
	}
}
