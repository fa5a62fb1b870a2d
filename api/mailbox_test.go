package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"decoded.digital/extractor/api"
	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/internal/testkit/graphfake"
	"decoded.digital/extractor/models"
)

// folders is a mailbox.Client that lists one folder.
type folders struct{ mailbox.Client }

func (folders) Folders(context.Context, string, string, string) (mailbox.FolderPage, error) {
	return mailbox.FolderPage{Folders: []mailbox.Folder{{ID: "f1", Name: "Invoices", Total: 3}}}, nil
}

func (folders) Unsubscribe(context.Context, string) error { return nil }

// offerMail lets a server offer mailboxes of a fake Microsoft.
func offerMail(t testing.TB) func(*api.Config) {
	t.Helper()
	_, option := offerMailOf(t)
	return option
}

func offerMailOf(t testing.TB) (*graphfake.Server, func(*api.Config)) {
	t.Helper()
	graph := graphfake.New(graphfake.Options{Seed: 3})
	t.Cleanup(graph.Close)
	graph.AddMailbox("u1", "u1@acme.test")
	base, err := url.Parse(graph.URL)
	if err != nil {
		t.Fatal(err)
	}
	return graph, func(c *api.Config) {
		network := graph.Transport()
		t.Cleanup(network.CloseIdleConnections)
		c.Connector = &mailbox.Connector{
			ClientID: "client", Secret: "secret", Authority: base, Graph: base, RedirectURL: publicURL + api.MicrosoftCallback,
			Client: &http.Client{Transport: network, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, Now: time.Now,
		}
		c.Mail = func(models.MailAccount) (mailbox.Client, error) { return folders{}, nil }
	}
}

// mailbox connects an account of a tenant and watches a folder that had a mail.
func (s *server) mailbox(t testing.TB, as *tenant) (connection, box, message string) {
	t.Helper()
	now, caller := s.clock.Now(), models.Caller{TenantID: as.id}
	a := models.MailAccount{ID: models.NewID(now), Kind: models.ConnectionDelegated, Write: true, CreatedAt: now, UpdatedAt: now}
	if err := s.store.CreateMailAccount(t.Context(), caller, &a); err != nil {
		t.Fatal(err)
	}
	a.MicrosoftTenantID, a.ObjectID, a.Email = "t1", a.ID, "u1@acme.test"
	if err := s.store.System().ConnectMailAccount(t.Context(), &a); err != nil {
		t.Fatal(err)
	}
	made := s.do(t, call{method: "POST", path: "/mailboxes", as: as, body: `{"connectionId":"` + a.ID + `","folderId":"f1"}`})
	if made.status != http.StatusCreated {
		t.Fatalf("%d %s", made.status, made.body)
	}
	mail := models.MailMessage{
		ID: models.NewID(now), TenantID: as.id, MailboxID: made.text(t, "id"), AccountID: a.ID, Address: a.Email, ImmutableID: a.ID,
		Subject: "Invoice", Sender: "a@b.test", ReceivedAt: now, State: models.MessageDone, CreatedAt: now, UpdatedAt: now,
	}
	kept, _, err := s.store.System().KeepMail(t.Context(), mail)
	if err != nil {
		t.Fatal(err)
	}
	return a.ID, mail.MailboxID, kept.ID
}

// mailBodies are valid bodies of the operations of mailboxes.
func (w *world) mailBodies() map[string]string {
	rules := `"rules":[{"name":"r","sender":"@b.test","subject":"s","fileName":"*.pdf","fileTypes":["application/pdf"],"documentId":"` + w.ids["documents"] + `","ignore":false}]`
	return map[string]string{
		"createConnection": `{"kind":"application","microsoftTenantId":"acme.test","write":true}`,
		"createMailbox": `{"connectionId":"` + w.ids["connections"] + `","mailbox":"shared@acme.test","folderId":"f2","folderName":"F","start":{"from":"date","date":"2026-11-24T00:00:00Z"},` +
			`"archives":true,"action":{"kind":"category","category":"c","folderId":"f"},` + rules + `}`,
		"updateMailbox": `{"isActive":true,"archives":false,"action":{"kind":"move","category":"c","folderId":"f"},` + rules + `}`,
	}
}

func TestMailboxesAreManagedByThoseWhoManage(t *testing.T) {
	t.Parallel()
	s := newServer(t, offerMail(t))
	a := s.onboard(t, "jo@acme.test")
	connection, box, message := s.mailbox(t, a)
	member := s.do(t, call{method: "POST", path: "/users", as: a, body: `{"firstName":"M","lastName":"M","email":"mo@acme.test","role":"member"}`})
	if member.status >= 300 {
		t.Fatal(member.body)
	}
	page := map[string]string{"Origin": publicURL, "Sec-Fetch-Site": "same-origin"}
	mo := &tenant{id: a.id, key: a.key, email: "mo@acme.test"}
	s.run(t, map[string]scenario{
		"a member sees no connections": {call{method: "GET", path: "/connections", as: mo, header: page}, 403, []string{"Only owners and admins"}, nil},
		"nor mail":                     {call{method: "GET", path: "/mailboxes/" + box + "/messages", as: mo, header: page}, 403, nil, []string{"Invoice"}},
		"the owner sees folders":       {call{method: "GET", path: "/connections/" + connection + "/folders", as: a, header: page}, 200, []string{`"name":"Invoices"`, `"nextCursor":null`}, nil},
		"the mail":                     {call{method: "GET", path: "/mailboxes/" + box + "/messages?search=INVOICE&state=done", as: a}, 200, []string{message, `"totalCount":1`, `"reason":"no_attachment"`, `"advice":"The mail has no attachment."`}, nil},
		"a foreign cursor is refused":  {call{method: "GET", path: "/connections/" + connection + "/folders?cursor=https://evil.test/", as: a}, 400, []string{"cursor"}, nil},
		"the tenant shows accounts":    {call{method: "GET", path: "/tenants/" + a.id, as: a}, 200, []string{`"accountId":"` + connection + `"`, `"email":"u1@acme.test"`, `"connectedAt":`, `"state":`}, nil},
		"a folder is watched once": {
			call{method: "POST", path: "/mailboxes", as: a, body: `{"connectionId":"` + connection + `","folderId":"f1"}`}, 409, []string{"already exists"}, nil,
		},
	})
	s.run(t, map[string]scenario{
		"a mail is replayed": {call{method: "POST", path: "/mailboxes/" + box + "/messages/" + message + "/replay", as: a}, 200, []string{`"state":"waiting"`}, nil},
	})
	s.run(t, map[string]scenario{
		"disconnecting": {call{method: "DELETE", path: "/connections/" + connection, as: a}, 200, []string{connection}, nil},
	})
	s.run(t, map[string]scenario{
		"takes the mailboxes along": {call{method: "GET", path: "/mailboxes", as: a}, 200, []string{`"data":[]`}, nil},
	})
}

func TestMailIsReadFromWhereItIsAskedFor(t *testing.T) {
	t.Parallel()
	s := newServer(t, offerMail(t))
	a := s.onboard(t, "jo@acme.test")
	connection, _, _ := s.mailbox(t, a)
	watch := func(folder, start string) call {
		return call{method: "POST", path: "/mailboxes", as: a, body: `{"connectionId":"` + connection + `","folderId":"` + folder + `"` + start + `}`}
	}
	s.run(t, map[string]scenario{
		"from now on":       {watch("a", ``), 201, []string{`"startFrom":"2026-11-24T10:00:00.000Z"`}, nil},
		"from now, as said": {watch("b", `,"start":{"from":"now"}`), 201, []string{`"startFrom":"2026-11-24T10:00:00.000Z"`}, nil},
		"from a date on":    {watch("c", `,"start":{"from":"date","date":"2026-01-02T03:04:05Z"}`), 201, []string{`"startFrom":"2026-01-02T03:04:05.000Z"`}, nil},
		"all":               {watch("d", `,"start":{"from":"all"}`), 201, []string{`"startFrom":null`}, nil},
		"no date":           {watch("e", `,"start":{"from":"date"}`), 400, []string{"start.date is required"}, nil},
		"another word":      {watch("f", `,"start":{"from":"then"}`), 400, []string{"start.from"}, nil},
	})
}

func TestMailboxesAreNotOfferedWithoutARegistration(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	s.run(t, map[string]scenario{
		"connections": {call{method: "GET", path: "/connections", as: a}, 409, []string{"EXTRACTOR_MICROSOFT_CLIENT_ID"}, nil},
		"mailboxes":   {call{method: "POST", path: "/mailboxes", as: a, body: `{"connectionId":"x","folderId":"f"}`}, 409, []string{"not offered"}, nil},
	})
}

// browse follows a link of Microsoft's as a browser does, up to our callback.
func (s *server) browse(t *testing.T, graph *graphfake.Server, link string) *httptest.ResponseRecorder {
	t.Helper()
	client := &http.Client{Transport: graph.Transport(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(client.CloseIdleConnections)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	back := answer.Header.Get("Location")
	if !strings.HasPrefix(back, publicURL+api.MicrosoftCallback) {
		t.Fatalf("%d leads to %q", answer.StatusCode, back)
	}
	return s.public(t, http.MethodGet, strings.TrimPrefix(back, publicURL), "")
}

func (s *server) public(t testing.TB, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
	return recorder
}

func TestAnAccountIsConnectedByItsSignIn(t *testing.T) {
	t.Parallel()
	graph, option := offerMailOf(t)
	s := newServer(t, option)
	a := s.onboard(t, "jo@acme.test")
	begun := s.do(t, call{method: "POST", path: "/connections", as: a, body: `{"kind":"delegated"}`})
	if begun.status != http.StatusCreated || !strings.Contains(begun.body, `"state":"pending"`) {
		t.Fatalf("%d %s", begun.status, begun.body)
	}
	link := begun.text(t, "authorizationUrl")
	page := s.browse(t, graph, link+"&login_hint=u1@acme.test")
	if page.Code != 200 || !strings.Contains(page.Body.String(), "is connected") || !strings.Contains(page.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Fatalf("%d %s %v", page.Code, page.Body, page.Header())
	}
	s.run(t, map[string]scenario{
		"it is connected": {call{method: "GET", path: "/connections", as: a}, 200, []string{`"state":"ok"`, `"email":"u1@acme.test"`}, []string{"access", "refresh"}},
	})
	state := stateOf(link)
	if again := s.public(t, http.MethodGet, api.MicrosoftCallback+"?code=x&state="+state, ""); !strings.Contains(again.Body.String(), "expired") {
		t.Errorf("a state holds twice: %s", again.Body)
	}
	hostile := s.public(t, http.MethodGet, api.MicrosoftCallback+"?error=%3Cscript%3E&error_description=%3Cscript%3E&state=x", "")
	if strings.Contains(hostile.Body.String(), "script") {
		t.Errorf("the page repeats what it was sent: %s", hostile.Body)
	}
}

func TestAnOrganisationIsConnectedByItsOwnPeopleAlone(t *testing.T) {
	t.Parallel()
	graph, option := offerMailOf(t)
	s := newServer(t, option)
	a := s.onboard(t, "jo@acme.test")
	connect := func(forged string) (string, string) {
		t.Helper()
		begun := s.do(t, call{method: "POST", path: "/connections", as: a, body: `{"kind":"application","microsoftTenantId":"acme.test"}`})
		tenant := graphfake.TenantID
		if forged != "" {
			tenant = forged
		}
		state := stateOf(begun.text(t, "adminConsentUrl"))
		back := s.public(t, http.MethodGet, api.MicrosoftCallback+"?admin_consent=True&tenant="+tenant+"&state="+state, "")
		if back.Code != http.StatusFound {
			t.Fatalf("%d %s", back.Code, back.Body)
		}
		page := s.browse(t, graph, back.Header().Get("Location")+"&login_hint=u1@acme.test")
		shown := s.do(t, call{method: "GET", path: "/connections", as: a})
		return page.Body.String(), shown.body
	}
	if page, shown := connect("another"); !strings.Contains(page, "another Microsoft account") || strings.Contains(shown, `"state":"ok"`) {
		t.Errorf("a forged organisation is connected: %s %s", page, shown)
	}
	if page, shown := connect(""); !strings.Contains(page, "is connected") || !strings.Contains(shown, `"state":"ok"`) {
		t.Errorf("its own people can't connect it: %s %s", page, shown)
	}
}

func stateOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Query().Get("state")
}

func TestNotificationsWakeAndDoNothingElse(t *testing.T) {
	t.Parallel()
	s := newServer(t, offerMail(t))
	a := s.onboard(t, "jo@acme.test")
	_, box, _ := s.mailbox(t, a)
	caller := models.Caller{TenantID: a.id}
	m, err := s.store.GetMailbox(t.Context(), caller, box)
	if err != nil {
		t.Fatal(err)
	}
	m.SubscriptionID, m.ClientStateHash = "sub", "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b" // of "secret"
	if err := s.store.System().KeepSubscription(t.Context(), &m); err != nil {
		t.Fatal(err)
	}
	due, err := s.store.System().ClaimMailboxes(t.Context(), 1, time.Hour)
	if err != nil || len(due) != 1 {
		t.Fatal(due, err)
	}
	asleep := func() bool {
		m, err := s.store.GetMailbox(t.Context(), caller, box)
		return err == nil && m.NextPollAt.After(s.clock.Now())
	}
	for name, body := range map[string]string{
		"a wrong client state":    `{"value":[{"subscriptionId":"sub","clientState":"wrong"}]}`,
		"no client state":         `{"value":[{"subscriptionId":"sub"}]}`,
		"another organisation":    `{"value":[{"subscriptionId":"sub","clientState":"secret","tenantId":"t2"}]}`,
		"a thousand wrong ones":   `{"value":[` + strings.TrimSuffix(strings.Repeat(`{"subscriptionId":"sub","clientState":"x"},`, 1000), ",") + `]}`,
		"an unknown subscription": `{"value":[{"subscriptionId":"other","clientState":"secret"}]}`,
		"5 MB":                    `{"value":[{"subscriptionId":"sub","clientState":"secret","x":"` + strings.Repeat("x", 5<<20) + `"}]}`,
		"no JSON":                 `<x>`,
	} {
		if got := s.public(t, http.MethodPost, api.MicrosoftNotifications, body); got.Code != http.StatusAccepted {
			t.Errorf("%s: %d", name, got.Code)
		}
		if !asleep() {
			t.Fatalf("%s woke a mailbox", name)
		}
	}
	s.public(t, http.MethodPost, api.MicrosoftNotifications, `{"value":[{"subscriptionId":"sub","clientState":"secret","tenantId":"T1"}]}`)
	if asleep() {
		t.Error("a genuine notification wakes nothing")
	}
	for _, event := range []string{"reauthorizationRequired", "subscriptionRemoved", "missed"} {
		m.SubscribeAt, m.SweptAt = s.clock.Now().Add(time.Hour), s.clock.Now()
		if err := s.store.System().KeepSubscription(t.Context(), &m); err != nil {
			t.Fatal(err)
		}
		s.public(t, http.MethodPost, api.MicrosoftNotifications, `{"value":[{"subscriptionId":"sub","clientState":"secret","lifecycleEvent":"`+event+`"}]}`)
		told, err := s.store.GetMailbox(t.Context(), caller, box)
		if err != nil || told.SubscribeAt.After(s.clock.Now()) || told.SweptAt.Year() != 1970 {
			t.Errorf("%s: the subscription is looked after at %v, all mail was seen at %v, %v", event, told.SubscribeAt, told.SweptAt, err)
		}
	}
	got := s.public(t, http.MethodPost, api.MicrosoftNotifications+"?validationToken=a%20%3Cb%3E", "")
	if got.Code != 200 || got.Body.String() != "a <b>" || !strings.HasPrefix(got.Header().Get("Content-Type"), "text/plain") || got.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %q %v", got.Code, got.Body, got.Header())
	}
}
