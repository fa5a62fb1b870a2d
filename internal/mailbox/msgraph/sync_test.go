package msgraph

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/internal/testkit/graphfake"
)

func TestAThousandMailsUnderRandomFaultsAndDeathsOverTheSDK(t *testing.T) {
	const mails = 1000
	g := fake(t, graphfake.Options{Seed: 11})
	ids, want := g.DeliverInvoices("u1", "inbox", 0, mails, epoch())
	g.Misbehave("120")
	random := rand.New(rand.NewPCG(3, 5))
	worker := mortal{random: random}
	g.Hook(worker.hook)
	m, clock := newMemory(), epoch()
	base, connections := counted(g.Transport())
	graph, _ := url.Parse(g.URL)
	syncer := mailbox.NewSyncer(connect(t, g, base), m, m, graph, func() time.Time { return clock })
	deaths, stopped := 0, 0
	for round := 0; ; round++ {
		ctx, end := context.WithCancel(t.Context())
		worker.live(end, round)
		p, err := syncer.Step(ctx, mailbox.Source{Mailbox: "u1", Folder: "inbox", Archives: true})
		switch {
		case ctx.Err() != nil:
			deaths++
		case err != nil:
			stopped++
			if f := mailbox.FailureOf(err); f != mailbox.Throttled && f != mailbox.Transient {
				t.Fatal(err)
			}
		case !p.More && p.Settled == 0 && round > 100:
			end()
			check(t, m, want)
			if most := g.Most("u1"); most > graphfake.MaxInFlight || most < 2 {
				t.Errorf("%d requests were in flight", most)
			}
			t.Logf("%d steps, %d deaths, %d stopped by Graph, %d requests on %d connections, %d documents", round, deaths, stopped, len(g.Requests()), connections.Load(), len(m.taken))
			return
		}
		end()
		clock = clock.Add(10 * time.Minute)
		if i := random.IntN(mails); round < 60 {
			ids[i] = g.Move("u1", g.Move("u1", ids[i], "archive"), "inbox")
		}
		if round > 5000 {
			t.Fatal("it does not come to an end")
		}
	}
}

// finish steps until nothing is left to do.
func finish(t *testing.T, s *mailbox.Syncer, src mailbox.Source) {
	t.Helper()
	for more := true; more; {
		p, err := s.Step(t.Context(), src)
		if err != nil {
			t.Fatal(err)
		}
		more = p.More || p.Settled > 0
	}
}

// reading is a Syncer of the fake over the SDK.
func reading(t *testing.T, g *graphfake.Server) (*mailbox.Syncer, *Client, *memory) {
	t.Helper()
	graph, err := url.Parse(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	client, m := connect(t, g, g.Transport()), newMemory()
	return mailbox.NewSyncer(client, m, m, graph, time.Now), client, m
}

func TestAMailThatIsDraggedInIsTaken(t *testing.T) {
	t.Parallel()
	g := fake(t, graphfake.Options{})
	s, _, m := reading(t, g)
	src := mailbox.Source{Mailbox: "u1", Folder: "inbox", StartFrom: epoch()}
	finish(t, s, src)
	id, immutable := g.Deliver("u1", "archive", graphfake.Mail{
		Received: epoch().Add(-time.Hour), Attachments: []graphfake.Attachment{{Content: graphfake.PDF(1)}},
	})
	g.Move("u1", id, "inbox")
	finish(t, s, src)
	if _, read := m.mails[immutable]; !read || len(m.taken) != 1 {
		t.Errorf("taken: %v", m.taken)
	}
}

func TestAnActionDoesNotBringTheMailAgain(t *testing.T) {
	t.Parallel()
	g := fake(t, graphfake.Options{})
	s, client, m := reading(t, g)
	_, immutable := g.Deliver("u1", "archive", graphfake.Mail{Attachments: []graphfake.Attachment{{Content: graphfake.PDF(1)}}})
	finish(t, s, mailbox.Source{Mailbox: "u1", Folder: "archive"})
	inbox := g.Folder("u1", "inbox")
	for range 2 {
		if err := (mailbox.Action{MarkRead: true, Category: "Extracted", Folder: inbox}).Do(t.Context(), client, "u1", immutable); err != nil {
			t.Fatal(err)
		}
	}
	read, categories, folder, _ := g.Message("u1", immutable)
	if !read || !slices.Equal(categories, []string{"Extracted"}) || folder != inbox {
		t.Errorf("read %v, categories %v, in %s", read, categories, folder)
	}
	m.cursor = mailbox.Cursor{}
	finish(t, s, mailbox.Source{Mailbox: "u1", Folder: "inbox"})
	check(t, m, 1)
	g.Delete("u1", immutable)
	if err := (mailbox.Action{MarkRead: true}).Do(t.Context(), client, "u1", immutable); err != nil {
		t.Errorf("of a mail that is gone: %v", err)
	}
}

func TestWhatGraphAnswersBecomesAStateThatAUserUnderstands(t *testing.T) {
	t.Parallel()
	for want, breakIt := range map[mailbox.State]func(g *graphfake.Server){
		mailbox.StateNoMailbox:     func(g *graphfake.Server) { g.Disable("u1") },
		mailbox.StateFolderMissing: func(g *graphfake.Server) { g.DeleteFolder("u1", "inbox") },
		mailbox.StateReconnect: func(g *graphfake.Server) {
			g.Inject(graphfake.Fault{Break: graphfake.Answer(401, "InvalidAuthenticationToken")})
		},
		mailbox.StateNoAccess: func(g *graphfake.Server) {
			g.Inject(graphfake.Fault{Break: graphfake.Answer(403, "ErrorAccessDenied")})
		},
		mailbox.StateThrottled: func(g *graphfake.Server) { g.Inject(graphfake.Fault{Break: graphfake.Throttle("120")}) },
	} {
		g := fake(t, graphfake.Options{})
		s, _, _ := reading(t, g)
		breakIt(g)
		_, err := s.Step(t.Context(), mailbox.Source{Mailbox: "u1", Folder: "inbox"})
		if got := (mailbox.Health{LastOK: epoch(), LastErrorAt: epoch(), LastError: err}).Derive(epoch()); got.State != want {
			t.Errorf("%v: %s, want %s", err, got.State, want)
		}
	}
}

func TestConnectionsStayTheSameThroughRefusalsAndRetries(t *testing.T) {
	t.Parallel()
	g := fake(t, graphfake.Options{Seed: 5})
	_, want := g.DeliverInvoices("u1", "inbox", 0, 200, epoch())
	for _, f := range []graphfake.Fault{
		{Probability: 0.1, Break: graphfake.Throttle("0")}, {Probability: 0.02, Break: graphfake.Busy(503)}, {Probability: 0.02, Break: graphfake.Busy(500)},
	} {
		g.Inject(f)
	}
	base, connections := counted(g.Transport())
	m, clock := newMemory(), epoch()
	graph, _ := url.Parse(g.URL)
	syncer := mailbox.NewSyncer(connect(t, g, base), m, m, graph, func() time.Time { return clock })
	for calm := 0; calm < 10; clock = clock.Add(time.Hour) {
		p, err := syncer.Step(t.Context(), mailbox.Source{Mailbox: "u1", Folder: "inbox", Archives: true})
		if calm++; err != nil || p.More || p.Settled > 0 {
			calm = 0
		}
	}
	check(t, m, want)
	// One more is made where a request begins just before another one ends.
	if made := connections.Load(); made > 2*graphfake.MaxInFlight {
		t.Errorf("%d connections", made)
	}
	t.Logf("%d requests on %d connections", len(g.Requests()), connections.Load())
}

// mortal ends a worker at a request that chance picks.
type mortal struct {
	random *rand.Rand
	left   atomic.Int32
	end    atomic.Value
}

func (w *mortal) live(end context.CancelFunc, round int) {
	w.end.Store(end)
	w.left.Store(-1)
	if round%4 == 0 {
		w.left.Store(int32(1 + w.random.IntN(150)))
	}
}

func (w *mortal) hook(string) {
	if w.left.Add(-1) == 0 {
		if end, ok := w.end.Load().(context.CancelFunc); ok {
			end()
		}
	}
}

func check(t *testing.T, m *memory, want int) {
	t.Helper()
	if len(m.taken) != want {
		t.Errorf("%d documents were taken, of %d", len(m.taken), want)
	}
	for key, times := range m.taken {
		if times != 1 {
			t.Errorf("%s was taken %d times", key, times)
		}
	}
}

func TestTwentyFilesOfTenMegabytesStream(t *testing.T) { // alone: it looks at the whole process's heap
	g := fake(t, graphfake.Options{})
	large := append(graphfake.PDF(1), make([]byte, mailbox.MaxFile-len(graphfake.PDF(1)))...)
	for range 20 {
		g.Deliver("u1", "inbox", graphfake.Mail{Attachments: []graphfake.Attachment{{Name: "large.pdf", Content: large}}})
	}
	base, connections := counted(g.Transport())
	m, graph := newMemory(), g.URL
	address, _ := url.Parse(graph)
	syncer := mailbox.NewSyncer(connect(t, g, base), m, m, address, time.Now)
	if _, err := syncer.Step(t.Context(), mailbox.Source{Mailbox: "u1", Folder: "inbox"}); err != nil {
		t.Fatal(err)
	}
	if len(m.taken) != 20 || m.peak.Load() > 64<<20 || connections.Load() > graphfake.MaxInFlight {
		t.Errorf("%d taken, heap up to %d MiB, %d connections", len(m.taken), m.peak.Load()>>20, connections.Load())
	}
	t.Logf("heap up to %d MiB, the fake's 10 MiB among them; %d connections", m.peak.Load()>>20, connections.Load())
}

func TestMailIsReadOverTLSFromMicrosoftsOwnAddress(t *testing.T) {
	t.Parallel()
	g := fake(t, graphfake.Options{RealHosts: true})
	_, want := g.DeliverInvoices("u1", "inbox", 0, 25, epoch())
	authority, _ := url.Parse(mailbox.DefaultAuthority)
	graph, _ := url.Parse(mailbox.DefaultGraph)
	connector := &mailbox.Connector{
		ClientID: "client", Secret: "secret", Authority: authority, Graph: graph, RedirectURL: "https://extractor.example.com/callback",
		Client: &http.Client{Transport: g.Transport(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, Now: time.Now,
	}
	token := signIn(t, connector)
	client, err := New(mailbox.NewTransport(g.Transport(), graph, time.Now), static(token.Access))
	if err != nil {
		t.Fatal(err)
	}
	m := newMemory()
	syncer := mailbox.NewSyncer(client, m, m, graph, time.Now)
	finish(t, syncer, mailbox.Source{Mailbox: "u1", Folder: "inbox", Archives: true})
	check(t, m, want)
}

// signIn lets u1 sign in, as a browser would.
func signIn(t *testing.T, c *mailbox.Connector) mailbox.Token {
	t.Helper()
	attempt := mailbox.NewAttempt()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.AuthCodeURL(attempt, "u1@acme.test", true), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.Client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	back, err := response.Location()
	if err != nil || back.Query().Get("state") != attempt.State {
		t.Fatalf("%s: %v", back, err)
	}
	token, who, err := c.Exchange(t.Context(), back.Query().Get("code"), attempt.Verifier)
	if err != nil || who.Email != "u1@acme.test" {
		t.Fatal(who, err)
	}
	return token
}

type static string

func (s static) Token(context.Context, string) (string, error) { return string(s), nil }
