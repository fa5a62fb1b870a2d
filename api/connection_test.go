package api_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"decoded.digital/extractor/api"
	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/internal/testkit/graphfake"
	"decoded.digital/extractor/models"
)

// signIn lets a user of Microsoft's connect an account, and answers the
// connection's id and what the browser came back to.
func (s *server) signIn(t *testing.T, graph *graphfake.Server, as *tenant, user string) (connection, page string) {
	t.Helper()
	begun := s.do(t, call{method: "POST", path: "/connections", as: as, body: `{"kind":"delegated"}`})
	if begun.status != http.StatusCreated {
		t.Fatalf("%d %s", begun.status, begun.body)
	}
	back := s.browse(t, graph, begun.text(t, "authorizationUrl")+"&login_hint="+user)
	return begun.text(t, "connection.id"), back.Body.String()
}

func TestEachStateIsShownWhereverTheAccountIs(t *testing.T) {
	t.Parallel()
	for state, change := range map[mailbox.State]func(now time.Time, m *models.Mailbox){
		mailbox.StateOK:            func(time.Time, *models.Mailbox) {},
		mailbox.StateNeedsAdmin:    failed(mailbox.NeedsConsent),
		mailbox.StateReconnect:     failed(mailbox.Reconnect),
		mailbox.StateNoMailbox:     failed(mailbox.NoMailbox),
		mailbox.StateNoAccess:      failed(mailbox.NoAccess),
		mailbox.StateFolderMissing: failed(mailbox.FolderMissing),
		mailbox.StateThrottled: func(now time.Time, m *models.Mailbox) {
			failed(mailbox.Throttled)(now, m)
			m.RetryAfter = 10 * time.Minute
		},
		mailbox.StateCatchingUp:   func(_ time.Time, m *models.Mailbox) { m.CatchingUp = true },
		mailbox.StatePushDegraded: func(_ time.Time, m *models.Mailbox) { m.SubscribeFailure = string(mailbox.NoAccess) },
		mailbox.StateDelayed: func(now time.Time, m *models.Mailbox) {
			failed(mailbox.Transient)(now, m)
			late := now.Add(-time.Hour)
			m.LastOKAt, m.RequestID = &late, "microsofts-id"
		},
	} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			s := newServer(t, offerMail(t))
			a := s.onboard(t, "jo@acme.test")
			connection, box, _ := s.mailbox(t, a)
			s.fare(t, box, change)
			shown := `"state":"` + string(state) + `"`
			more := map[mailbox.State]string{
				mailbox.StateThrottled:  `"until":"2026-11-24T10:10:00.000Z"`,
				mailbox.StateDelayed:    `"requestId":"microsofts-id"`,
				mailbox.StateNeedsAdmin: "send them the link",
			}[state]
			s.run(t, map[string]scenario{
				"the folder":     {call{method: "GET", path: "/mailboxes/" + box, as: a}, 200, []string{shown, more}, nil},
				"the connection": {call{method: "GET", path: "/connections/" + connection, as: a}, 200, []string{shown}, nil},
				"the tenant":     {call{method: "GET", path: "/tenants/" + a.id, as: a}, 200, []string{shown, `"accountId":"` + connection + `"`}, nil},
			})
		})
	}
}

func failed(f mailbox.Failure) func(time.Time, *models.Mailbox) {
	return func(now time.Time, m *models.Mailbox) { m.Failure, m.FailedAt = string(f), &now }
}

// fare keeps what a worker found of a mailbox that it has read before.
func (s *server) fare(t *testing.T, box string, change func(time.Time, *models.Mailbox)) {
	t.Helper()
	system, now := s.store.System(), s.clock.Now()
	if _, err := system.SaveMailPage(t.Context(), box, store.MailCursor{}, store.MailCursor{Link: "l", Based: true, Over: true}, nil); err != nil {
		t.Fatal(err)
	}
	due, err := system.ClaimMailboxes(t.Context(), 1, time.Minute)
	if err != nil || len(due) != 1 {
		t.Fatal(due, err)
	}
	m := &due[0]
	m.LastOKAt = &now
	change(now, m)
	if err := system.KeepSubscription(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := system.ReleaseMailbox(t.Context(), m, now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
}

func TestAnAdministratorsApprovalIsWaitedFor(t *testing.T) {
	t.Parallel()
	graph, option := offerMailOf(t)
	s := newServer(t, option)
	a := s.onboard(t, "jo@acme.test")
	connection, page := s.signIn(t, graph, a, "consent")
	if !strings.Contains(page, "Your administrator must approve") {
		t.Errorf("the page says %s", page)
	}
	at := "/connections/" + connection
	s.run(t, map[string]scenario{
		"the connection has the link": {call{method: "GET", path: at, as: a}, 200, []string{`"state":"needs_admin"`, `"adminConsentUrl":"` + graph.URL, `"connectedAt":null`}, nil},
		"nothing can be watched yet": {
			call{method: "POST", path: "/mailboxes", as: a, body: `{"connectionId":"` + connection + `","folderId":"f1"}`}, 409, []string{"sign in first"}, nil,
		},
	})
	link := s.do(t, call{method: "GET", path: at, as: a}).text(t, "adminConsentUrl")
	if back := s.browse(t, graph, link); !strings.Contains(back.Body.String(), "The connection is approved") {
		t.Errorf("the administrator sees %s", back.Body)
	}
	again := s.do(t, call{method: "POST", path: at + "/reconnect", as: a})
	s.browse(t, graph, again.text(t, "authorizationUrl")+"&login_hint=u1@acme.test")
	s.run(t, map[string]scenario{
		"then it is connected": {call{method: "GET", path: at, as: a}, 200, []string{`"state":"ok"`, `"adminConsentUrl":null`}, nil},
	})
}

func TestCheckAgainAsksMicrosoft(t *testing.T) {
	t.Parallel()
	graph, option := offerMailOf(t)
	s := newServer(t, option)
	a := s.onboard(t, "jo@acme.test")
	connection, _ := s.signIn(t, graph, a, "u1@acme.test")
	check := call{method: "POST", path: "/connections/" + connection + "/check", as: a}
	s.run(t, map[string]scenario{"all is well": {check, 200, []string{`"state":"ok"`}, nil}})
	graph.ExpireTokens(true)
	s.run(t, map[string]scenario{"access was withdrawn": {check, 200, []string{`"state":"reconnect"`}, nil}})
	again := s.do(t, call{method: "POST", path: "/connections/" + connection + "/reconnect", as: a})
	s.browse(t, graph, again.text(t, "authorizationUrl")+"&login_hint=u1@acme.test")
	s.run(t, map[string]scenario{"after signing in": {check, 200, []string{`"state":"ok"`}, nil}})
}

func TestATenantConnectsSeveralAccountsAndEachOnce(t *testing.T) {
	t.Parallel()
	graph, option := offerMailOf(t)
	graph.AddMailbox("u2", "u2@acme.test")
	s := newServer(t, option)
	a, other := s.onboard(t, "jo@acme.test"), s.onboard(t, "al@other.test")
	first, _ := s.signIn(t, graph, a, "u1@acme.test")
	second, _ := s.signIn(t, graph, a, "u2@acme.test")
	third, _ := s.signIn(t, graph, a, "u1@acme.test") // the first one's again
	s.run(t, map[string]scenario{
		"both":                      {call{method: "GET", path: "/connections", as: a}, 200, []string{first, second, "u1@acme.test", "u2@acme.test"}, []string{third}},
		"of the tenant":             {call{method: "GET", path: "/tenants/" + a.id, as: a}, 200, []string{first, second}, []string{third}},
		"another tenant sees none":  {call{method: "GET", path: "/connections", as: other}, 200, []string{`"data":[]`}, nil},
		"and can't end what exists": {call{method: "DELETE", path: "/connections/" + first, as: other}, 404, nil, nil},
	})
}

func TestTheRightToChangeMailIsAddedByConnectingOnceMore(t *testing.T) {
	t.Parallel()
	graph, option := offerMailOf(t)
	s := newServer(t, option)
	a := s.onboard(t, "jo@acme.test")
	connection, _ := s.signIn(t, graph, a, "u1@acme.test")
	made := s.do(t, call{method: "POST", path: "/mailboxes", as: a, body: `{"connectionId":"` + connection + `","folderId":"f1"}`})
	act := call{method: "PUT", path: "/mailboxes/" + made.text(t, "id"), as: a, body: `{"action":{"kind":"mark_read"}}`}
	s.run(t, map[string]scenario{"without it": {act, 400, []string{"connect it with write"}, nil}})
	again := s.do(t, call{method: "POST", path: "/connections", as: a, body: `{"kind":"delegated","write":true}`})
	link := again.text(t, "authorizationUrl")
	if !strings.Contains(link, "Mail.ReadWrite") {
		t.Errorf("it is not asked for: %s", link)
	}
	s.browse(t, graph, link+"&login_hint=u1@acme.test")
	s.run(t, map[string]scenario{
		"it is the same account": {call{method: "GET", path: "/connections", as: a}, 200, []string{connection, `"write":true`}, []string{`"write":false`}},
		"with it":                {act, 200, []string{`"kind":"mark_read"`}, nil},
	})
	s.signIn(t, graph, a, "u1@acme.test") // without it, once more
	s.run(t, map[string]scenario{"what was allowed stays": {call{method: "GET", path: "/connections", as: a}, 200, []string{`"write":true`}, nil}})
}

// ending is a mailbox.Client that notes the subscriptions that end.
type ending struct {
	folders
	mu    sync.Mutex
	ended []string
}

func (e *ending) Unsubscribe(_ context.Context, id string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = append(e.ended, id)
	return nil
}

func TestDisconnectingEndsSubscriptionsAndForgetsTheToken(t *testing.T) {
	t.Parallel()
	graph, option := offerMailOf(t)
	client := &ending{}
	s := newServer(t, option, func(c *api.Config) {
		c.Mail = func(models.MailAccount) (mailbox.Client, error) { return client, nil }
	})
	a := s.onboard(t, "jo@acme.test")
	connection, _ := s.signIn(t, graph, a, "u1@acme.test")
	made := s.do(t, call{method: "POST", path: "/mailboxes", as: a, body: `{"connectionId":"` + connection + `","folderId":"f1"}`})
	s.fare(t, made.text(t, "id"), func(_ time.Time, m *models.Mailbox) { m.SubscriptionID = "sub" })
	if sealed, _, err := s.store.System().LoadToken(t.Context(), connection); err != nil || len(sealed) == 0 {
		t.Fatalf("before it: a token of %d bytes, %v", len(sealed), err)
	}
	s.run(t, map[string]scenario{"disconnecting": {call{method: "DELETE", path: "/connections/" + connection, as: a}, 200, []string{connection}, nil}})
	if _, _, err := s.store.System().LoadToken(t.Context(), connection); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("after it the token is there: %v", err)
	}
	if len(client.ended) != 1 || client.ended[0] != "sub" {
		t.Errorf("the subscriptions %v were ended", client.ended)
	}
}
