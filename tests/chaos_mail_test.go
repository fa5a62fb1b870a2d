package tests

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/internal/testkit/graphfake"
)

const (
	mailInFlight = 4        // requests of a mailbox
	mailSockets  = 16       // of the product at Microsoft, at once
	mailHeap     = 64 << 20 // of a worker
	largeMails   = 20       // with 10 MB each
)

// mailChaos is a mailbox that misbehaves, and a worker that is killed.
type mailChaos struct {
	*cluster
	*host
	graph   *graphfake.Server
	sockets *sockets
	rows    *pgx.Conn
	seed    uint64
	random  *rand.Rand
	worker  atomic.Pointer[process]
	left    atomic.Int64 // requests until the worker is killed
	begun   time.Time
	sent    int // mails
	deaths  int
}

// TestChaosMail sends mails whose every request may fail, and kills the worker
// at random requests: each document becomes one extraction. `make test` runs a
// short form, `make chaos` the long one.
func TestChaosMail(t *testing.T) {
	t.Parallel()
	mails, kills, patience := 100, 3, 8*time.Minute
	if chaosIsLong() {
		mails, kills, patience = 1000, 20, 20*time.Minute
	}
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("CHAOS_SEED"), strconv.FormatInt(time.Now().UnixNano(), 10)), 10, 64)
	if err != nil {
		t.Fatalf("CHAOS_SEED: %v", err)
	}
	x := startMailChaos(t, seed)
	x.graph.Misbehave("11")
	for i := range kills {
		share := mails*(i+1)/kills - x.sent
		x.left.Store(1 + x.random.Int64N(int64(2*share)))
		x.deliver(share)
		x.awaitDeath(t)
	}
	x.wantOnce(t, patience)
	took := time.Since(x.begun)
	most, made := x.sockets.counted()
	if inFlight := x.graph.Most(mailUser); inFlight > mailInFlight || inFlight < 2 {
		t.Errorf("%d requests were in flight", inFlight)
	}
	if most > mailSockets {
		t.Errorf("%d sockets were open at once", most)
	}
	asked := len(x.graph.Requests())
	heap := x.streams(t)
	if heap > mailHeap {
		t.Errorf("the worker's heap grew to %d MiB", heap>>20)
	}
	x.report(t, fmt.Sprintf("Mail, seed %d: %d mails with %d documents, %d kills of the worker: none lost, none doubled, after %.1f s\n"+
		"%d requests, up to %d of the mailbox at once, on up to %d connections at once, %d in all\n"+
		"heap of the worker while %d attachments of 10 MB streamed: up to %d MiB",
		seed, x.sent, x.documents(), x.deaths, took.Seconds(), asked, x.graph.Most(mailUser), most, made, largeMails, heap>>20))
}

func startMailChaos(t *testing.T, seed uint64) *mailChaos {
	t.Helper()
	_, temporal := testkit.StartTemporal(t)
	database := testkit.StartPostgres(t).NewDatabase(t)
	x := &mailChaos{seed: seed, random: rand.New(rand.NewPCG(seed, 0)), begun: time.Now()}
	x.graph, x.sockets = startGraph(t, seed)
	x.left.Store(-1)
	x.graph.Hook(func(string) {
		if run := x.worker.Load(); x.left.Add(-1) == 0 && run != nil {
			_ = run.command.Process.Kill()
		}
	})
	// Not with -race, which takes memory of its own.
	x.cluster = &cluster{product: build(t), env: chaosEnvironment(environment{
		"EXTRACTOR_HTTP_ADDR": "127.0.0.1:0", "EXTRACTOR_DATA_DIR": dataDir(t), "EXTRACTOR_DATABASE_URL": database,
		"EXTRACTOR_TEMPORAL_ADDRESS": temporal, "EXTRACTOR_METRICS_ADDR": "127.0.0.1:0",
		"EXTRACTOR_SETUP_KEY": "a setup key of tests", "EXTRACTOR_ENCRYPTION_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
	})}
	x.env.offerMail(x.graph)
	if code := x.start(t, "migrate", x.env).wait(t); code != 0 {
		t.Fatalf("migrate: exit code %d", code)
	}
	_, base := x.startPart(t, "api")
	x.env = maps.Clone(x.env)
	x.env["EXTRACTOR_PUBLIC_URL"] = base // where the worker lets Microsoft call
	x.host = onboard(t, base, x.env["EXTRACTOR_SETUP_KEY"])
	x.watch(t, x.connectMail(t, "delegated"), "u1@acme.test", x.graph.Folder(mailUser, "inbox"))
	x.work(t)
	tell(t, x.graph)
	var err error
	if x.rows, err = pgx.Connect(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.rows.Close(t.Context()) })
	return x
}

// work starts a worker, which is there to be killed.
func (x *mailChaos) work(t *testing.T) {
	t.Helper()
	run, _ := x.startPart(t, "worker")
	x.worker.Store(run)
}

func (x *mailChaos) deliver(mails int) {
	x.graph.DeliverInvoices(mailUser, "inbox", x.sent, mails, time.Now())
	x.sent += mails
}

// awaitDeath starts another worker once the one that runs was killed.
func (x *mailChaos) awaitDeath(t *testing.T) {
	t.Helper()
	x.worker.Load().wait(t)
	x.deaths++
	x.work(t)
}

// documents is how many there are in what was sent.
func (x *mailChaos) documents() (documents int) {
	for i := range x.sent {
		documents += graphfake.InvoiceDocuments(i)
	}
	return documents
}

// wantOnce waits until every document is a completed extraction, and sees that
// none is there twice.
func (x *mailChaos) wantOnce(t *testing.T, patience time.Duration) {
	t.Helper()
	want := x.documents()
	for begun := time.Now(); ; time.Sleep(200 * time.Millisecond) {
		completed := x.count(t, "SELECT COUNT(*) FROM extractions WHERE status = 'completed'")
		waiting := x.count(t, "SELECT COUNT(*) FROM mail_items WHERE state = ''")
		if completed >= want && waiting == 0 {
			break
		}
		if time.Since(begun) > patience {
			t.Fatalf("seed %d: %d of %d documents are completed, %d mails wait: %s", x.seed, completed, want, waiting, x.putOff(t))
		}
	}
	for query, want := range map[string]int{
		"SELECT COUNT(*) FROM extractions WHERE source = 'email' AND attempt = 1":                   want,
		"SELECT COUNT(*) FROM extraction_emails":                                                    want,
		"SELECT COUNT(*) FROM mail_attachments WHERE taken":                                         want,
		"SELECT COUNT(DISTINCT extraction_id) FROM mail_attachments WHERE taken":                    want,
		"SELECT COUNT(*) FROM mail_messages":                                                        x.sent,
		"SELECT COUNT(*) FROM mail_messages WHERE state <> 'done'":                                  0,
		"SELECT COUNT(*) FROM files WHERE id NOT IN (SELECT file_id FROM extractions)":              0,
		"SELECT COUNT(*) FROM mail_attachments WHERE NOT taken AND (reason = '' OR reason IS NULL)": 0,
	} {
		if got := x.count(t, query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	x.wantContent(t)
}

// putOff is what the mails that wait have behind them.
func (x *mailChaos) putOff(t *testing.T) string {
	t.Helper()
	rows, err := x.rows.Query(t.Context(), "SELECT attempts, due_at FROM mail_items WHERE state = '' AND NOT baseline")
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	var attempts int
	var due time.Time
	if _, err := pgx.ForEachRow(rows, []any{&attempts, &due}, func() error {
		said = append(said, fmt.Sprintf("tried %d times, due %s", attempts, due.Format(time.RFC3339)))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(said, "; ")
}

// wantContent compares what was taken, by its bytes, with what was sent.
func (x *mailChaos) wantContent(t *testing.T) {
	t.Helper()
	found := map[string]int{}
	rows, err := x.rows.Query(t.Context(), "SELECT sha256, COUNT(*) FROM files GROUP BY sha256")
	if err != nil {
		t.Fatal(err)
	}
	var hash string
	var number int
	if _, err := pgx.ForEachRow(rows, []any{&hash, &number}, func() error {
		found[hash] = number
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for i := range x.sent {
		sum := sha256.Sum256(graphfake.PDF(i))
		if got, want := found[hex.EncodeToString(sum[:])], graphfake.InvoiceDocuments(i); got != want {
			t.Errorf("of the %d documents of mail %d, %d were taken", want, i, got)
		}
	}
}

func (x *mailChaos) count(t *testing.T, query string) (number int) {
	t.Helper()
	if err := x.rows.QueryRow(t.Context(), query).Scan(&number); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return number
}

// streams sends large attachments and answers the most that the worker's heap
// was until they are all extractions.
func (x *mailChaos) streams(t *testing.T) (most int) {
	t.Helper()
	x.graph.Heal()
	metrics := "http://" + x.worker.Load().await(t, `"metrics are served","address":"([^"]+)"`) + "/metrics"
	over := make(chan struct{})
	var looking sync.WaitGroup
	looking.Go(func() {
		for {
			most = max(most, heapOf(t, metrics))
			select {
			case <-over:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	before := x.count(t, "SELECT COUNT(*) FROM extractions")
	for i := range largeMails {
		x.graph.Deliver(mailUser, "inbox", graphfake.Mail{From: "a@b.test", Attachments: []graphfake.Attachment{
			{Name: "large.pdf", Content: padded(graphfake.PDF(i), 10<<20-100)},
		}})
	}
	eventually(t, "the large attachments are completed", func() error {
		if got := x.count(t, "SELECT COUNT(*) FROM extractions WHERE status = 'completed'"); got < before+largeMails {
			return fmt.Errorf("%d of %d", got-before, largeMails)
		}
		return nil
	})
	close(over)
	looking.Wait()
	return most
}

// heapOf is what a process says that it has on its heap, in bytes.
func heapOf(t *testing.T, metrics string) int {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, metrics, http.NoBody)
	if err != nil {
		t.Error(err)
		return 0
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	found := regexp.MustCompile(`(?m)^go_memstats_heap_alloc_bytes (\S+)`).FindSubmatch(said)
	if err != nil || found == nil {
		t.Errorf("no heap in %s, %v", said, err)
		return 0
	}
	bytes, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Error(err)
	}
	return int(bytes)
}

// report prints the figures, and keeps them for make.
func (x *mailChaos) report(t *testing.T, text string) { (&chaos{}).report(t, text) }
