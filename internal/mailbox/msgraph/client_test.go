package msgraph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/internal/testkit/graphfake"
)

// fixed is the token of a test that is about something else. Refused, the fake
// gives another one.
type fixed struct {
	fake  *graphfake.Server
	token atomic.Value
	asked atomic.Int32
}

func (f *fixed) Token(_ context.Context, refused string) (string, error) {
	f.asked.Add(1)
	if token, ok := f.token.Load().(string); ok && token != refused {
		return token, nil
	}
	token := f.fake.Token("u1")
	f.token.Store(token)
	return token, nil
}

func fake(t *testing.T, o graphfake.Options) *graphfake.Server {
	t.Helper()
	g := graphfake.New(o)
	t.Cleanup(g.Close)
	g.AddMailbox("u1", "u1@acme.test")
	return g
}

// connect is a client of the fake. A wait that Graph asks for is the caller's.
func connect(t *testing.T, g *graphfake.Server, base http.RoundTripper) *Client {
	t.Helper()
	graph, err := url.Parse(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := mailbox.NewTransport(base, graph, time.Now)
	transport.MaxWait = 0
	client, err := New(transport, &fixed{fake: g})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func epoch() time.Time { return time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC) }

// counted counts the connections that are made.
func counted(base *http.Transport) (*http.Transport, *atomic.Int32) {
	made, dial := new(atomic.Int32), base.DialContext
	base.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		made.Add(1)
		return dial(ctx, network, address)
	}
	base.MaxIdleConnsPerHost = graphfake.MaxInFlight
	return base, made
}

func TestATokenThatIsRefusedIsReplacedOnce(t *testing.T) {
	t.Parallel()
	g := fake(t, graphfake.Options{})
	client := connect(t, g, g.Transport())
	if _, err := client.Folders(t.Context(), "u1", "", ""); err != nil {
		t.Fatal(err)
	}
	g.ExpireTokens(false)
	if page, err := client.Folders(t.Context(), "u1", "", ""); err != nil || len(page.Folders) != 2 {
		t.Errorf("after the token's end: %d folders, %v", len(page.Folders), err)
	}
	g.Inject(graphfake.Fault{Count: 1, Break: graphfake.Challenge()})
	if _, err := client.Folders(t.Context(), "u1", "", ""); err != nil {
		t.Errorf("challenged while it is good: %v", err)
	}
	g.Inject(graphfake.Fault{Break: graphfake.Answer(401, "InvalidAuthenticationToken")})
	before := len(g.Requests())
	if _, err := client.Folders(t.Context(), "u1", "", ""); mailbox.FailureOf(err) != mailbox.Reconnect {
		t.Errorf("refused for good: %v", err)
	}
	if asked := len(g.Requests()) - before; asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}

func TestASlowAnswerIsReadAndOneThatStopsIsTriedAgainLater(t *testing.T) {
	t.Parallel()
	g := fake(t, graphfake.Options{})
	id, _ := g.Deliver("u1", "inbox", graphfake.Mail{Attachments: []graphfake.Attachment{{Name: "a.pdf", Content: graphfake.PDF(1)}}})
	graph, err := url.Parse(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := mailbox.NewTransport(g.Transport(), graph, time.Now)
	transport.Stall = testkit.Patience
	client, err := New(transport, &fixed{fake: g})
	if err != nil {
		t.Fatal(err)
	}
	list, err := client.Attachments(t.Context(), "u1", id)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	g.Inject(graphfake.Fault{Count: 1, Break: graphfake.Drip(20, time.Millisecond)})
	if slow, err := client.Content(t.Context(), "u1", id, list[0].ID); err != nil {
		t.Error(err)
	} else if whole, err := io.ReadAll(slow); err != nil || !bytes.Equal(whole, graphfake.PDF(1)) {
		t.Errorf("one that is only slow: %d bytes, %v", len(whole), err)
	} else {
		_ = slow.Close()
	}
	transport.Stall = time.Second
	g.Inject(graphfake.Fault{Break: graphfake.Drip(20, time.Hour)})
	_, errDelta := client.Delta(t.Context(), "u1", "inbox", "")
	_, errMessage := client.Message(t.Context(), "u1", id)
	content, err := client.Content(t.Context(), "u1", id, list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	_, errContent := io.ReadAll(content)
	for _, err := range []error{errDelta, errMessage, errContent} {
		if mailbox.FailureOf(err) != mailbox.Transient {
			t.Error(err)
		}
	}
}

func TestALinkToAForeignHostIsRefused(t *testing.T) {
	t.Parallel()
	g, foreign := fake(t, graphfake.Options{}), fake(t, graphfake.Options{})
	client := connect(t, g, http.DefaultTransport)
	link := foreign.URL + "/v1.0/users/u1/mailFolders/inbox/messages/delta()?$deltatoken=x"
	_, errDelta := client.Delta(t.Context(), "u1", "inbox", link)
	_, errNewest := client.Newest(t.Context(), "u1", "inbox", link)
	_, errFolders := client.Folders(t.Context(), "u1", "", link)
	for _, err := range []error{errDelta, errNewest, errFolders} {
		if mailbox.FailureOf(err) != mailbox.ForeignLink {
			t.Error(err)
		}
	}
	if asked := foreign.Requests(); len(asked) != 0 {
		t.Errorf("the foreign host was asked: %v", asked)
	}
}

func TestFoldersComeInPagesWithTheirSubfolders(t *testing.T) {
	t.Parallel()
	g := fake(t, graphfake.Options{})
	client := connect(t, g, g.Transport())
	parent := g.AddFolder("u1", "", "Bills")
	for i := range 120 {
		g.AddFolder("u1", parent, strings.Repeat("x", i+1))
	}
	var names []string
	for link, first := "", true; first || link != ""; first = false {
		page, err := client.Folders(t.Context(), "u1", parent, link)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range page.Folders {
			names = append(names, f.Name)
		}
		link = page.Next
	}
	if slices.Sort(names); len(slices.Compact(names)) != 120 {
		t.Errorf("%d folders", len(names))
	}
}

func TestAMessageComesWholeUnderItsImmutableID(t *testing.T) {
	t.Parallel()
	g := fake(t, graphfake.Options{})
	client := connect(t, g, g.Transport())
	html := `<script>alert(1)</script><p>Your invoice</p>`
	id, immutable := g.Deliver("u1", "inbox", graphfake.Mail{
		From: "billing@acme.test", FromName: "Billing", To: []string{"a@b.test", "c@d.test"}, Cc: []string{"e@f.test"},
		Subject: "Invoice 7", HTML: html, Text: "Your invoice", InternetID: "<7@acme.test>", Received: epoch(),
		Attachments: []graphfake.Attachment{{Name: "a/../\u202efdp.pdf", ContentType: "application/pdf", Content: graphfake.PDF(1), ContentID: "x@y", Inline: true}},
	})
	got, err := client.Message(t.Context(), "u1", id)
	if err != nil {
		t.Fatal(err)
	}
	want := mailbox.Message{
		ID: immutable, InternetID: "<7@acme.test>", From: mailbox.Address{Name: "Billing", Address: "billing@acme.test"},
		To: []mailbox.Address{{Name: "a@b.test", Address: "a@b.test"}, {Name: "c@d.test", Address: "c@d.test"}},
		Cc: []mailbox.Address{{Name: "e@f.test", Address: "e@f.test"}}, Subject: "Invoice 7", Preview: "Your invoice",
		Body: mailbox.Body{HTML: true, Content: html}, Received: epoch(),
	}
	if text(t, got) != text(t, want) {
		t.Errorf("got %s\nwant %s", text(t, got), text(t, want))
	}
	list, err := client.Attachments(t.Context(), "u1", immutable)
	if err != nil || len(list) != 1 || list[0].Name != "a/../\u202efdp.pdf" || list[0].ContentID != "x@y" || !list[0].Inline {
		t.Fatalf("%+v, %v", list, err)
	}
	content, err := client.Content(t.Context(), "u1", immutable, list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if bytes, err := io.ReadAll(content); err != nil || string(bytes) != string(graphfake.PDF(1)) {
		t.Errorf("%d bytes, %v", len(bytes), err)
	}
}

func text(t *testing.T, m mailbox.Message) string {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAnActionIsDone(t *testing.T) {
	t.Parallel()
	g := fake(t, graphfake.Options{})
	client := connect(t, g, g.Transport())
	_, immutable := g.Deliver("u1", "inbox", graphfake.Mail{})
	if err := client.Categorize(t.Context(), "u1", immutable, "Paid"); err != nil {
		t.Fatal(err)
	}
	archive := g.Folder("u1", "archive")
	for range 2 {
		if err := (mailbox.Action{MarkRead: true, Category: "Extracted", Folder: archive}).Do(t.Context(), client, "u1", immutable); err != nil {
			t.Fatal(err)
		}
	}
	read, categories, folder, _ := g.Message("u1", immutable)
	if !read || !slices.Equal(categories, []string{"Paid", "Extracted"}) || folder != archive {
		t.Errorf("read %v, categories %v, in %s", read, categories, folder)
	}
}

func TestASubscriptionIsMadeRenewedListedAndEnded(t *testing.T) {
	t.Parallel()
	g := fake(t, graphfake.Options{})
	client := connect(t, g, g.Transport())
	receiver := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, r.URL.Query().Get("validationToken"))
	})}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = receiver.Serve(listener) }()
	t.Cleanup(func() { _ = receiver.Close() })
	to := "http://" + listener.Addr().String()
	want := mailbox.Subscription{
		Resource: mailbox.SubscriptionResource("u1", g.Folder("u1", "inbox")), URL: to + "/n", LifecycleURL: to + "/l",
		ClientState: "state", Expires: time.Now().Add(time.Hour).UTC().Truncate(time.Second),
	}
	made, err := client.Subscribe(t.Context(), want)
	if err != nil || made.ID == "" || !made.Expires.Equal(want.Expires) || made.LifecycleURL != want.LifecycleURL {
		t.Fatalf("%+v, %v", made, err)
	}
	if _, err := client.Subscribe(t.Context(), want); mailbox.FailureOf(err) != mailbox.Conflict {
		t.Errorf("a second one: %v", err)
	}
	later := want.Expires.Add(24 * time.Hour)
	if renewed, err := client.Renew(t.Context(), made.ID, later); err != nil || !renewed.Expires.Equal(later) {
		t.Errorf("%+v, %v", renewed, err)
	}
	if list, err := client.Subscriptions(t.Context()); err != nil || len(list) != 1 || list[0].ID != made.ID {
		t.Errorf("%+v, %v", list, err)
	}
	if err := client.Unsubscribe(t.Context(), made.ID); err != nil {
		t.Error(err)
	}
	if _, err := client.Renew(t.Context(), made.ID, later); mailbox.FailureOf(err) != mailbox.NotFound {
		t.Errorf("one that ended: %v", err)
	}
}

func TestWhatGraphAnswersBecomesAFailure(t *testing.T) {
	t.Parallel()
	for want, breakIt := range map[mailbox.Failure]func(g *graphfake.Server){
		mailbox.NoMailbox:     func(g *graphfake.Server) { g.Disable("u1") },
		mailbox.FolderMissing: func(g *graphfake.Server) { g.DeleteFolder("u1", "inbox") },
		mailbox.NoAccess: func(g *graphfake.Server) {
			g.Inject(graphfake.Fault{Break: graphfake.Answer(403, "ErrorAccessDenied")})
		},
		mailbox.Throttled:  func(g *graphfake.Server) { g.Inject(graphfake.Fault{Break: graphfake.Throttle("120")}) },
		mailbox.GoneCursor: func(g *graphfake.Server) { g.Inject(graphfake.Fault{Break: graphfake.LostSync()}) },
		mailbox.Transient:  func(g *graphfake.Server) { g.Inject(graphfake.Fault{Break: graphfake.Busy(500)}) }, // in HTML
	} {
		g := fake(t, graphfake.Options{})
		client := connect(t, g, g.Transport())
		breakIt(g)
		_, err := client.Delta(t.Context(), "u1", "inbox", "")
		if got := mailbox.FailureOf(err); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
		if e, ok := errors.AsType[*mailbox.Error](err); !ok || e.RequestID == "" || (want == mailbox.Throttled && e.RetryAfter != 2*time.Minute) {
			t.Errorf("%#v", err)
		}
	}
}

func TestNoErrorNamesAMailboxOrHasATokenOfDelta(t *testing.T) {
	t.Parallel()
	g := fake(t, graphfake.Options{})
	client := connect(t, g, g.Transport())
	page, err := client.Delta(t.Context(), "u1@acme.test", g.Folder("u1", "inbox"), "")
	if err != nil {
		t.Fatal(err)
	}
	g.Close()
	_, err = client.Delta(t.Context(), "u1@acme.test", g.Folder("u1", "inbox"), page.Delta)
	if mailbox.FailureOf(err) != mailbox.Transient || strings.Contains(err.Error(), "acme") || strings.Contains(err.Error(), "token") {
		t.Errorf("%v", err)
	}
	if _, err := client.Content(t.Context(), "u1@acme.test", "m", "a"); err == nil || strings.Contains(err.Error(), "acme") {
		t.Errorf("%v", err)
	}
}
