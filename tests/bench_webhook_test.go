package tests

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/internal/outbound"
	"decoded.digital/extractor/internal/testkit"
)

// What the benchmarks of this file hold; docs/performance.md has the figures.
const (
	deliveryShare     = 0.5         // of the deliveries a second that a bare loop makes
	firstAttemptLimit = time.Second // from the final status, p99, at rest
	hangGrowth        = 1.1         // of a tenant's p99 beside another's receiver that hangs

	callsOfAWebhook = 5
	filesOfATurn    = 300
)

// benchReceiver is a host application's webhook that is always well.
type benchReceiver struct {
	server *httptest.Server
	mutex  sync.Mutex
	bodies [][]byte
	late   []time.Duration // from the extraction's end to the call
	first  time.Time       // call, and the last one, since took was asked
	last   time.Time
	came   chan struct{}
	held   sync.WaitGroup // calls wait for it
}

func newBenchReceiver(b *testing.B) *benchReceiver {
	b.Helper()
	r := &benchReceiver{came: make(chan struct{}, 100_000)}
	r.server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		r.held.Wait()
		now := time.Now()
		body, err := io.ReadAll(request.Body)
		var event struct{ Data struct{ UpdatedAt time.Time } }
		if err != nil || json.Unmarshal(body, &event) != nil {
			return
		}
		r.mutex.Lock()
		r.bodies, r.late = append(r.bodies, body), append(r.late, now.Sub(event.Data.UpdatedAt))
		if r.last = now; r.first.IsZero() {
			r.first = now
		}
		r.mutex.Unlock()
		r.came <- struct{}{}
	}))
	b.Cleanup(r.server.Close)
	return r
}

// await waits for n calls.
func (r *benchReceiver) await(b *testing.B, n int) {
	b.Helper()
	for i := range n {
		select {
		case <-r.came:
		case <-time.After(testkit.Patience):
			b.Fatalf("%d of %d calls came", i, n)
		}
	}
}

// latest forgets and answers the delays so far, shortest first.
func (r *benchReceiver) latest() []time.Duration {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	late := slices.Sorted(slices.Values(r.late))
	r.late = nil
	return late
}

// took is from the first call to the last one since it was asked before, and
// forgets them.
func (r *benchReceiver) took() (bodies [][]byte, took time.Duration) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	bodies, took = r.bodies, r.last.Sub(r.first)
	r.bodies, r.first = nil, time.Time{}
	return bodies, took
}

func (h *host) subscribe(b *testing.B, url string) string {
	b.Helper()
	var hook struct{ ID string }
	h.call(b, http.MethodPost, "/api/embed/webhooks", `{"name":"bench","url":"`+url+`"}`, http.StatusCreated, &hook)
	return hook.ID
}

// replay has a webhook sent all that has ended.
func (h *host) replay(b *testing.B, hook string, want int) {
	b.Helper()
	var sent struct{ Count int }
	body := `{"what":"missing","since":"` + time.Now().Add(-time.Hour).UTC().Format(time.RFC3339) + `"}`
	h.call(b, http.MethodPost, "/api/embed/webhooks/"+hook+"/replay", body, http.StatusOK, &sent)
	if sent.Count != want {
		b.Fatalf("%d of %d are sent", sent.Count, want)
	}
}

// BenchmarkDeliveries measures deliveries to a healthy receiver, 40 at once to as
// many webhooks as that takes, by turns with a loop that posts the same bodies
// through the same client; of each from the first call to the last one. limit/share must stay below 1.
func BenchmarkDeliveries(b *testing.B) {
	onEach(b, func(b *testing.B, x *bench) {
		r := newBenchReceiver(b)
		for range filesOfATurn {
			if err := x.extract(b, x.host); err != nil {
				b.Fatal(err)
			}
		}
		const hooks = parallel / callsOfAWebhook
		client := outbound.NewClient(outbound.Policy{AllowPrivate: true})
		var took, bare time.Duration
		for b.Loop() {
			ids := make([]string, hooks)
			r.held.Add(1) // until all deliveries are in line
			for i := range ids {
				ids[i] = x.subscribe(b, r.server.URL)
				x.replay(b, ids[i], filesOfATurn)
			}
			r.held.Done()
			r.await(b, hooks*filesOfATurn)
			bodies, between := r.took()
			took += between
			if err := postAll(b, client, r.server.URL, bodies); err != nil {
				b.Fatal(err)
			}
			r.await(b, len(bodies))
			_, between = r.took()
			bare += between
			for _, id := range ids {
				x.call(b, http.MethodDelete, "/api/embed/webhooks/"+id, "", http.StatusOK, nil)
			}
		}
		calls, share := float64(b.N*hooks*filesOfATurn), float64(bare)/float64(took)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(calls/took.Seconds(), "deliveries/s")
		b.ReportMetric(calls/bare.Seconds(), "bare/s")
		b.ReportMetric(share, "share")
		b.ReportMetric(deliveryShare/share, "limit/share")
	})
}

// postAll posts the bodies, as many at once.
func postAll(b *testing.B, client *http.Client, url string, bodies [][]byte) error {
	b.Helper()
	var posts errgroup.Group
	posts.SetLimit(parallel)
	for _, body := range bodies {
		posts.Go(func() error {
			request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, bytes.NewReader(body))
			if err != nil {
				return err
			}
			response, err := client.Do(request)
			if err != nil {
				return err
			}
			return response.Body.Close()
		})
	}
	return posts.Wait()
}

// BenchmarkFirstAttempt measures, at rest, from an extraction's final status to
// its webhook's call. p99/limit must stay below 1.
func BenchmarkFirstAttempt(b *testing.B) {
	onEach(b, func(b *testing.B, x *bench) {
		r := newBenchReceiver(b)
		x.subscribe(b, r.server.URL)
		for b.Loop() {
			x.tell(b, x.host, r, samplesOfATurn)
		}
		late := r.latest()
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(milliseconds(median(late)), "ms-median")
		b.ReportMetric(milliseconds(p99(late)), "ms-p99")
		b.ReportMetric(float64(p99(late))/float64(firstAttemptLimit), "p99/limit")
	})
}

const (
	// samplesOfATurn makes p99 of 20 turns one of 100 calls.
	samplesOfATurn = 5
	// hangingOfATurn makes it one of 400: two are compared, and either's slowest few
	// are the machine's.
	hangingOfATurn = 20
)

// tell extracts files one after another, each once the one before was told of.
func (x *bench) tell(b *testing.B, h *host, r *benchReceiver, n int) {
	b.Helper()
	for range n {
		if err := x.extract(b, h); err != nil {
			b.Fatal(err)
		}
		r.await(b, 1)
	}
}

func (x *bench) completed(b *testing.B) int {
	b.Helper()
	var list struct {
		Pagination struct{ TotalCount int }
	}
	x.call(b, http.MethodGet, "/api/embed/extractions?limit=1&status=completed", "", http.StatusOK, &list)
	return list.Pagination.TotalCount
}

func p99(sorted []time.Duration) time.Duration { return sorted[len(sorted)*99/100] }

// BenchmarkHangingReceiver measures the same for one tenant, alone and while
// another has a thousand deliveries to a receiver that hangs. growth/limit must
// stay below 1.
func BenchmarkHangingReceiver(b *testing.B) {
	onEach(b, func(b *testing.B, x *bench) {
		x.queue(b)
		for x.completed(b) < queuedFiles { // as long as it takes
			time.Sleep(time.Second)
		}
		end, hanging := make(chan struct{}), make(chan struct{}, queuedFiles)
		hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
			_, _ = io.Copy(io.Discard, request.Body)
			hanging <- struct{}{}
			select {
			case <-end:
			case <-request.Context().Done():
			}
		}))
		b.Cleanup(hang.Close)
		b.Cleanup(func() { close(end) })
		other, r := x.tenant(b, x.base), newBenchReceiver(b)
		other.subscribe(b, r.server.URL)
		x.tell(b, other, r, 5) // what is started once is not measured
		r.latest()
		x.tell(b, other, r, 20*hangingOfATurn)
		alone := r.latest()
		x.replay(b, x.subscribe(b, hang.URL), queuedFiles)
		<-hanging
		for b.Loop() {
			x.tell(b, other, r, hangingOfATurn)
		}
		beside := r.latest()
		growth := float64(p99(beside)) / float64(p99(alone))
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(milliseconds(median(alone)), "ms-median-alone")
		b.ReportMetric(milliseconds(median(beside)), "ms-median")
		b.ReportMetric(milliseconds(p99(alone)), "ms-p99-alone")
		b.ReportMetric(milliseconds(p99(beside)), "ms-p99")
		b.ReportMetric(growth/hangGrowth, "growth/limit")
	})
}
