package tests

import (
	"cmp"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"decoded.digital/extractor/internal/testkit/graphfake"
)

// mailUser is the id of the user at the fake Microsoft 365 who is connected.
const mailUser = "u1"

// sockets counts a server's connections, as it sees them.
type sockets struct {
	net.Listener
	mutex            sync.Mutex
	open, most, made int
}

// Accept implements net.Listener.
func (s *sockets) Accept() (net.Conn, error) {
	connection, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.open, s.made = s.open+1, s.made+1
	s.most = max(s.most, s.open)
	return &socket{Conn: connection, of: s}, nil
}

func (s *sockets) counted() (most, made int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.most, s.made
}

type socket struct {
	net.Conn
	of   *sockets
	once sync.Once
}

// Close implements net.Conn.
func (s *socket) Close() error {
	s.once.Do(func() {
		s.of.mutex.Lock()
		defer s.of.mutex.Unlock()
		s.of.open--
	})
	return s.Conn.Close()
}

// startGraph plays Microsoft 365, with one user.
func startGraph(t testing.TB, seed uint64) (*graphfake.Server, *sockets) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	counted := &sockets{Listener: listener}
	graph := graphfake.New(graphfake.Options{Seed: seed, Listener: counted, Latency: 10 * time.Millisecond})
	t.Cleanup(graph.Close)
	graph.AddMailbox(mailUser, "u1@acme.test")
	return graph, counted
}

// offerMail lets the product read the mail of a fake Microsoft 365.
func (env environment) offerMail(graph *graphfake.Server) {
	env["EXTRACTOR_MICROSOFT_CLIENT_ID"], env["EXTRACTOR_MICROSOFT_CLIENT_SECRET"] = "client", "secret"
	env["EXTRACTOR_MICROSOFT_AUTHORITY_URL"], env["EXTRACTOR_GRAPH_URL"] = graph.URL, graph.URL
}

// connectMail connects a Microsoft account, as a browser does it, and answers the
// connection's id.
func (h *host) connectMail(t testing.TB, kind string) string {
	t.Helper()
	var begun struct {
		Connection                        struct{ ID string }
		AuthorizationURL, AdminConsentURL string
	}
	h.call(t, http.MethodPost, "/api/embed/connections", `{"kind":"`+kind+`","microsoftTenantId":"`+graphfake.TenantID+`"}`, http.StatusCreated, &begun)
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for link := cmp.Or(begun.AuthorizationURL, begun.AdminConsentURL); link != ""; {
		if strings.Contains(link, "/authorize?") && !strings.Contains(link, "login_hint") {
			link += "&login_hint=" + mailUser // who the page would be told
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := browser.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		link = response.Header.Get("Location")
	}
	var connected struct{ ConnectedAt string }
	h.call(t, http.MethodGet, "/api/embed/connections/"+begun.Connection.ID, "", http.StatusOK, &connected)
	if connected.ConnectedAt == "" {
		t.Fatal("the account is not connected")
	}
	return begun.Connection.ID
}

// watch lets all mail of a folder be read and answers the mailbox's id.
func (h *host) watch(t testing.TB, connection, address, folder string) string {
	t.Helper()
	var box struct{ ID string }
	body := `{"connectionId":"` + connection + `","mailbox":"` + address + `","folderId":"` + folder + `","folderName":"Inbox","archives":true,"start":{"from":"all"}}`
	h.call(t, http.MethodPost, "/api/embed/mailboxes", body, http.StatusCreated, &box)
	return box.ID
}

// tell sends Microsoft's notifications, each twice and the last one first, until
// the test ends.
func tell(t testing.TB, graph *graphfake.Server) {
	t.Helper()
	over := make(chan struct{})
	var telling sync.WaitGroup
	telling.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
				graph.Notify(t.Context(), graphfake.Mischief{Twice: true, Reverse: true})
			}
		}
	})
	t.Cleanup(func() {
		close(over)
		telling.Wait()
	})
}
