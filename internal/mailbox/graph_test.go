package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"decoded.digital/extractor/internal/testkit/graphfake"
)

// connect is a Syncer that reads a fake Graph over HTTP.
func connect(t *testing.T, g *graphfake.Server, m *memory, clock *time.Time) *Syncer {
	t.Helper()
	base, err := url.Parse(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := NewTransport(g.Transport(), base, time.Now)
	transport.MaxWait = 0 // a wait is the caller's, whose clock is not the machine's
	token := g.Token("u1")
	client := rest{base: g.URL + "/v1.0", token: func() string { return token }, client: &http.Client{Transport: transport}}
	return NewSyncer(client, m, m, base, func() time.Time { return *clock })
}

func fakeGraph(t *testing.T) *graphfake.Server {
	t.Helper()
	g := graphfake.New(graphfake.Options{Seed: 11})
	t.Cleanup(g.Close)
	g.AddMailbox("u1", "u1@acme.test")
	return g
}

func TestAThousandMailsUnderRandomFaultsAndDeaths(t *testing.T) {
	t.Parallel()
	const mails = 1000
	g, k := fakeGraph(t), &killer{left: -1}
	m, clock := newMemory(k), epoch
	ids, want := g.DeliverInvoices("u1", "inbox", 0, mails, epoch)
	g.Misbehave("120")
	s := connect(t, g, m, &clock)
	random := rand.New(rand.NewPCG(3, 5))
	deaths, stopped := 0, 0
	for round := 0; ; round++ {
		if round%4 == 0 {
			*k = killer{left: random.IntN(300)}
		}
		p, err := s.Step(t.Context(), Source{Mailbox: "u1", Folder: "inbox", Archives: true})
		switch {
		case k.dead:
			deaths++
			*k = killer{left: -1}
		case err != nil:
			stopped++
			if f := FailureOf(err); f != Throttled && f != Transient {
				t.Fatal(err)
			}
		case !p.More && p.Settled == 0 && round > 100:
			checkTaken(t, nil, m, want)
			if most := g.Most("u1"); most > inFlight || most < 2 {
				t.Errorf("%d requests were in flight", most)
			}
			t.Logf("%d steps, %d deaths, %d stopped by Graph, %d requests, %d documents", round, deaths, stopped, len(g.Requests()), len(m.taken))
			return
		}
		clock = clock.Add(10 * time.Minute)
		if i := random.IntN(mails); round < 60 {
			ids[i] = g.Move("u1", g.Move("u1", ids[i], "archive"), "inbox")
		}
		if round > 5000 {
			t.Fatal("it does not come to an end")
		}
	}
}

func TestAFileOfTenMegabytesStreams(t *testing.T) { // alone: it looks at the whole process's heap
	g, k := fakeGraph(t), &killer{left: -1}
	m, clock := newMemory(k), epoch
	large := append(slices.Clone(pdf), make([]byte, MaxFile-len(pdf))...)
	for range 20 {
		g.Deliver("u1", "inbox", graphfake.Mail{Attachments: []graphfake.Attachment{{Name: "large.pdf", Content: large}}})
	}
	s := connect(t, g, m, &clock)
	intake := &sampling{memory: m}
	s.Intake = intake
	if _, err := s.Step(t.Context(), Source{Mailbox: "u1", Folder: "inbox"}); err != nil {
		t.Fatal(err)
	}
	if len(m.taken) != 20 || intake.peak.Load() > 64<<20 {
		t.Errorf("%d taken, heap up to %d MiB", len(m.taken), intake.peak.Load()>>20)
	}
	t.Logf("heap up to %d MiB, the fake's 10 MiB among them", intake.peak.Load()>>20)
}

// sampling looks at the heap whenever a megabyte came in.
type sampling struct {
	*memory
	peak atomic.Uint64
}

func (i *sampling) Take(ctx context.Context, s Source, m Message, f File, content io.Reader) error {
	for {
		_, err := io.CopyN(io.Discard, content, 1<<20)
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		i.peak.Store(max(i.peak.Load(), stats.HeapAlloc))
		if errors.Is(err, io.EOF) {
			return i.memory.Take(ctx, s, m, f, content)
		}
		if err != nil {
			return fmt.Errorf("store the file: %w", err)
		}
	}
}

func TestAMailThatIsDraggedInIsTaken(t *testing.T) {
	t.Parallel()
	g, k := fakeGraph(t), &killer{left: -1}
	m, clock := newMemory(k), epoch
	s, src := connect(t, g, m, &clock), Source{Mailbox: "u1", Folder: "inbox", StartFrom: epoch}
	finish(t, s, src, &clock)
	id, immutable := g.Deliver("u1", "archive", graphfake.Mail{
		Received: epoch.Add(-time.Hour), Attachments: []graphfake.Attachment{{Content: pdf}},
	})
	g.Move("u1", id, "inbox")
	finish(t, s, src, &clock)
	if len(m.taken) != 1 || m.mails[immutable] == nil {
		t.Errorf("taken: %v", m.taken)
	}
}

func TestMailIsReadOverTLSFromMicrosoftsOwnAddress(t *testing.T) {
	t.Parallel()
	g, k := graphfake.New(graphfake.Options{RealHosts: true}), &killer{left: -1}
	t.Cleanup(g.Close)
	g.AddMailbox("u1", "u1@acme.test")
	_, want := g.DeliverInvoices("u1", "inbox", 0, 25, epoch)
	m, clock := newMemory(k), epoch
	s := connect(t, g, m, &clock)
	if s.Graph.String() != "https://graph.microsoft.com" {
		t.Fatalf("the address is %s", s.Graph)
	}
	finish(t, s, Source{Mailbox: "u1", Folder: "inbox", Archives: true}, &clock)
	checkTaken(t, nil, m, want)
}

func TestAnActionIsDoneAndDoesNotBringTheMailAgain(t *testing.T) {
	t.Parallel()
	g, k := fakeGraph(t), &killer{left: -1}
	m, clock := newMemory(k), epoch
	s := connect(t, g, m, &clock)
	src := Source{Mailbox: "u1", Folder: "archive"}
	_, immutable := g.Deliver("u1", "archive", graphfake.Mail{Attachments: []graphfake.Attachment{{Content: pdf}}})
	finish(t, s, src, &clock)
	client, ok := s.Reader.(rest)
	if !ok {
		t.Fatal("no client")
	}
	inbox := g.Folder("u1", "inbox")
	for range 2 {
		if err := (Action{MarkRead: true, Category: "Extracted", Folder: inbox}).Do(t.Context(), client, "u1", immutable); err != nil {
			t.Fatal(err)
		}
	}
	read, categories, folder, _ := g.Message("u1", immutable)
	if !read || !slices.Equal(categories, []string{"Extracted"}) || folder != inbox {
		t.Errorf("read %v, categories %v, in %s", read, categories, folder)
	}
	src.Folder = "inbox"
	*m.cursor = Cursor{}
	finish(t, s, src, &clock)
	if len(m.taken) != 1 {
		t.Errorf("taken: %v", m.taken)
	}
	g.Delete("u1", immutable)
	if err := (Action{MarkRead: true}).Do(t.Context(), client, "u1", immutable); err != nil {
		t.Errorf("of a mail that is gone: %v", err)
	}
}

func TestWhatGraphAnswersBecomesAStateThatAUserUnderstands(t *testing.T) {
	t.Parallel()
	for want, breakIt := range map[State]func(g *graphfake.Server){
		StateNoMailbox:     func(g *graphfake.Server) { g.Disable("u1") },
		StateFolderMissing: func(g *graphfake.Server) { g.DeleteFolder("u1", "inbox") },
		StateReconnect:     func(g *graphfake.Server) { g.ExpireTokens(true) },
		StateNoAccess: func(g *graphfake.Server) {
			g.Inject(graphfake.Fault{Break: graphfake.Answer(403, "ErrorAccessDenied")})
		},
		StateThrottled: func(g *graphfake.Server) { g.Inject(graphfake.Fault{Break: graphfake.Throttle("120")}) },
	} {
		g, k := fakeGraph(t), &killer{left: -1}
		clock := epoch
		s := connect(t, g, newMemory(k), &clock)
		breakIt(g)
		_, err := s.Step(t.Context(), Source{Mailbox: "u1", Folder: "inbox"})
		if got := (Health{LastOK: clock, LastErrorAt: clock, LastError: err}).Derive(clock); got.State != want {
			t.Errorf("%v: %s, want %s", err, got.State, want)
		}
	}
}
