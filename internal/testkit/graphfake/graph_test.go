package graphfake_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"decoded.digital/extractor/internal/testkit/graphfake"
)

const user = "u1"

// bundle is a server with a mailbox, and somebody who asks.
type bundle struct {
	*graphfake.Server
	t      *testing.T
	token  string
	inbox  string
	client *http.Client
}

func setup(t *testing.T) *bundle {
	t.Helper()
	s := graphfake.New(graphfake.Options{Seed: 7})
	t.Cleanup(s.Close)
	s.AddMailbox(user, "u1@acme.test")
	return &bundle{Server: s, t: t, token: s.Token(user), inbox: s.Folder(user, "inbox"), client: s.HTTP.Client()}
}

type answer struct {
	status int
	header http.Header
	body   map[string]any
	text   string
	err    error // of reading the body
}

func (a answer) code() string {
	e, _ := a.body["error"].(map[string]any)
	c, _ := e["code"].(string)
	return c
}

func (a answer) ids() []string {
	var ids []string
	list, _ := a.body["value"].([]any)
	for _, item := range list {
		m := item.(map[string]any)
		id := m["id"].(string)
		if m["@removed"] != nil {
			id = "-" + id
		}
		ids = append(ids, id)
	}
	return ids
}

func (a answer) link() string {
	for _, name := range []string{"@odata.nextLink", "@odata.deltaLink"} {
		if link, ok := a.body[name].(string); ok {
			return link
		}
	}
	return ""
}

// ask sends a request; path may be a whole link.
func (b *bundle) ask(method, path, body string, header ...string) answer {
	b.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.URL + "/v1.0" + path
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+b.token)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	response, err := b.client.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	whole, err := io.ReadAll(response.Body)
	a := answer{status: response.StatusCode, header: response.Header, text: string(whole), err: err}
	_ = json.Unmarshal(whole, &a.body)
	return a
}

func (b *bundle) get(path string, header ...string) answer {
	b.t.Helper()
	return b.ask(http.MethodGet, path, "", header...)
}

func (b *bundle) delta() string { return "/users/u1/mailFolders/" + b.inbox + "/messages/delta()" }

const immutable = `IdType="ImmutableId"`

func (b *bundle) mail(n int) (string, string) {
	return b.Deliver(user, "inbox", graphfake.Mail{
		From: "a@b.test", Subject: "x",
		Attachments: []graphfake.Attachment{{Name: "a.pdf", ContentType: "application/pdf", Content: graphfake.PDF(n)}},
	})
}

func TestWhatGraphRefusesIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, _ := b.mail(1)
	q := url.QueryEscape
	for path, want := range map[string]int{
		"/users/u1/messages/" + id:                                              200,
		"/me/messages/" + id + "?$select=subject,from":                          200,
		"/users/U1@acme.test/mailFolders?$top=100":                              200,
		"/users/u1/messages/" + id + "?$select=nonsense":                        400,
		"/users/u1/messages/" + id + "?$expand=attachments":                     400,
		"/users/u1/messages/" + strings.ToUpper(id):                             404, // ids know case
		"/users/u1/messages/delta":                                              400,
		"/users/u9/messages/" + id:                                              404,
		b.delta():                                                               200,
		strings.TrimSuffix(b.delta(), "()") + "?$select=id":                     200,
		b.delta() + "?$search=x":                                                400,
		b.delta() + "?$filter=" + q("isRead eq false"):                          400,
		b.delta() + "?$filter=" + q("receivedDateTime ge 2026-01-01T00:00:00Z"): 200,
		b.delta() + "?$orderby=subject":                                         400,
		b.delta() + "?$deltatoken=made-up":                                      400,
		"/users/u1/mailFolders/nowhere/messages/delta":                          404,
		"/users/u1/calendar":                                                    400,
	} {
		if got := b.get(path); got.status != want {
			t.Errorf("%s: %d %s, want %d", path, got.status, got.text, want)
		}
	}
	if got := b.ask(http.MethodPatch, "/users/u1/messages/"+id, `{"read":true}`); got.status != 400 {
		t.Errorf("an unknown property: %d", got.status)
	}
	b.token = "made-up"
	if got := b.get("/users/u1"); got.status != 401 {
		t.Errorf("a made-up token: %d", got.status)
	}
}

func TestDeltaTellsPagesChangesAndRemovals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n := range 5 {
		b.mail(n)
	}
	seen := map[string]bool{}
	page := b.get(b.delta()+"?$select=id,receivedDateTime", "Prefer", "odata.maxpagesize=2")
	for ; page.body["@odata.nextLink"] != nil; page = b.get(page.link(), "Prefer", "odata.maxpagesize=2") {
		for _, id := range page.ids() {
			seen[id] = true
		}
	}
	if len(seen)+len(page.ids()) != 5 {
		t.Errorf("a round told %d and %d", len(seen), len(page.ids()))
	}
	id, _ := b.mail(9)
	b.Touch(user, id)
	page = b.get(page.link())
	if ids := page.ids(); len(ids) != 2 || ids[0] != id || ids[1] != id {
		t.Errorf("a new mail that changed is told as %v", ids)
	}
	b.Delete(user, id)
	if ids := b.get(page.link()).ids(); len(ids) != 1 || ids[0] != "-"+id {
		t.Errorf("a removed mail is told as %v", ids)
	}
	if again := b.get(page.link()).ids(); len(again) != 1 {
		t.Error("a delta link works once only")
	}
	if a := b.get(page.link() + "&$select=id"); a.status != 400 {
		t.Errorf("parameters beside a token: %d", a.status)
	}
}

func TestAMoveChangesTheDefaultIDAndImmutableDeltaHidesIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, fixed := b.Deliver(user, "archive", graphfake.Mail{Subject: "x"})
	byDefault, byImmutable := b.get(b.delta()).link(), b.get(b.delta(), "Prefer", immutable).link()
	moved := b.Move(user, id, "inbox")
	if moved == id {
		t.Error("the default id stayed")
	}
	if ids := b.get(byDefault).ids(); len(ids) != 1 || ids[0] != moved {
		t.Errorf("by default ids, a move is told as %v", ids)
	}
	if ids := b.get(byImmutable, "Prefer", immutable).ids(); len(ids) != 0 {
		t.Errorf("by immutable ids, a move is told as %v", ids)
	}
	got := b.get("/users/u1/messages/"+moved, "Prefer", immutable)
	if got.body["id"] != fixed || got.header.Get("Preference-Applied") == "" {
		t.Errorf("the moved mail: %v", got.body["id"])
	}
	if got := b.get("/users/u1/messages/" + id); got.status != 404 {
		t.Errorf("the old id: %d", got.status)
	}
}

func TestAFifthRequestOfAMailboxIsThrottled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	reached, open := make(chan bool, 9), make(chan bool)
	b.Inject(graphfake.Fault{Path: regexp.MustCompile(`value$`), Break: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(slow{w, func() { reached <- true; <-open }}, r)
	}})
	id, _ := b.mail(1)
	list := b.get("/users/u1/messages/" + id + "/attachments").ids()
	var group sync.WaitGroup
	for range graphfake.MaxInFlight {
		group.Go(func() { b.get("/users/u1/messages/" + id + "/attachments/" + list[0] + "/$value") })
	}
	for range graphfake.MaxInFlight {
		<-reached
	}
	if a := b.get("/users/u1"); a.status != 429 || a.code() != "ApplicationThrottled" || a.header.Get("Retry-After") == "" {
		t.Errorf("the fifth: %d %s", a.status, a.code())
	}
	close(open)
	group.Wait()
	if a := b.get("/users/u1"); a.status != 200 || b.Most(user) != 5 {
		t.Errorf("afterwards: %d, most %d", a.status, b.Most(user))
	}
}

// slow waits before a body is written, while the mailbox's place is taken.
type slow struct {
	http.ResponseWriter
	wait func()
}

func (s slow) Write(b []byte) (int, error) { s.wait(); return s.ResponseWriter.Write(b) }

func TestAttachmentsAreListedAndStreamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	pdf := graphfake.PDF(3)
	id, _ := b.Deliver(user, "inbox", graphfake.Mail{Attachments: []graphfake.Attachment{
		{Name: "a.pdf", Content: pdf}, {Name: "link", Kind: graphfake.Reference}, {Name: "mail", Kind: graphfake.Item, Content: []byte("Subject: x\r\n\r\n")},
	}})
	path := "/users/u1/messages/" + id + "/attachments"
	list := b.get(path + "?$select=id,name,size,microsoft.graph.fileAttachment/contentId")
	first := list.body["value"].([]any)[0].(map[string]any)
	if first["contentBytes"] != nil || first["@odata.type"] != graphfake.File || first["size"].(float64) <= float64(len(pdf)) {
		t.Errorf("listed as %v", first)
	}
	ids := list.ids()
	if got := b.get(path + "/" + ids[0] + "/$value"); got.text != string(pdf) {
		t.Errorf("streamed as %q", got.text)
	}
	if got := b.get(path + "/" + ids[1] + "/$value"); got.status != 405 {
		t.Errorf("a reference's value: %d", got.status)
	}
	if got := b.get(path + "/" + ids[2] + "?$expand=microsoft.graph.itemattachment/item"); got.body["item"] == nil {
		t.Errorf("an item: %d %s", got.status, got.text)
	}
}

func TestFoldersPageAndMessagesAreChanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	parent := b.AddFolder(user, "", "Extractor")
	for range 12 {
		b.AddFolder(user, parent, "x")
	}
	page := b.get("/users/u1/mailFolders/" + parent + "/childFolders")
	if next := b.get(page.link()); len(page.ids()) != 10 || len(next.ids()) != 2 || next.link() != "" {
		t.Errorf("pages of %d and %d", len(page.ids()), len(next.ids()))
	}
	id, _ := b.mail(1)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, `{"isRead":true,"categories":["Done"]}`)
	z.Close()
	if a := b.ask(http.MethodPatch, "/users/u1/messages/"+id, packed.String(), "Content-Encoding", "gzip"); a.status != 200 {
		t.Errorf("PATCH: %d %s", a.status, a.text)
	}
	a := b.ask(http.MethodPost, "/users/u1/messages/"+id+"/move", `{"destinationId":"archive"}`)
	read, categories, folder, ok := b.Message(user, a.body["id"].(string))
	if a.status != 201 || !ok || !read || len(categories) != 1 || folder != b.Folder(user, "archive") {
		t.Errorf("moved: %d; %v %v %s", a.status, read, categories, folder)
	}
}

func TestTheSameSeedMakesTheSameServer(t *testing.T) {
	t.Parallel()
	one, two := setup(t), setup(t)
	a, _ := one.mail(1)
	if b, _ := two.mail(1); a != b || one.inbox != two.inbox {
		t.Error("two servers of a seed differ")
	}
	for _, s := range []*bundle{one, two} {
		s.Inject(graphfake.Fault{Probability: 0.5, Break: graphfake.Answer(500, "x")})
	}
	failed := 0
	for range 64 {
		a, b := one.get("/users/u1").status, two.get("/users/u1").status
		if a != b {
			t.Fatal("faults differ")
		}
		if a == 500 {
			failed++
		}
	}
	if failed < 16 || failed > 48 {
		t.Errorf("half of 64 is %d", failed)
	}
}

func TestANewSeedMakesOtherMailInTheSameFolders(t *testing.T) {
	t.Parallel()
	one, two := setup(t), setup(t)
	two.Reseed(99)
	a, _ := one.mail(1)
	if b, _ := two.mail(1); a == b || one.inbox != two.inbox {
		t.Errorf("the mails are %s and %s, in %s and %s", a, b, one.inbox, two.inbox)
	}
}

func TestItIsSeededByHTTP(t *testing.T) {
	t.Parallel()
	b := setup(t)
	box := b.ask(http.MethodPost, b.URL+"/fake/mailboxes", `{"ID":"u2","Address":"u2@acme.test"}`)
	mail := b.ask(http.MethodPost, b.URL+"/fake/messages", `{"Mailbox":"u2","Folder":"inbox","Mail":{"Subject":"hello"}}`)
	if got := b.get("/users/u2/messages/" + mail.body["id"].(string)); got.body["subject"] != "hello" || box.body["inbox"] == "" {
		t.Errorf("seeded: %v", got.body)
	}
	b.ask(http.MethodPost, b.URL+"/fake/faults", `{"Path":"users/u2","Status":429,"RetryAfter":"7","Count":1}`)
	if got := b.get("/users/u2"); got.status != 429 || got.header.Get("Retry-After") != "7" {
		t.Errorf("a seeded fault: %d", got.status)
	}
	if len(b.Requests()) < 4 {
		t.Error("no log of requests")
	}
}
