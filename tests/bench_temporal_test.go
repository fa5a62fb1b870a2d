package tests

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/internal/reader/parse"
	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/models"
)

// What the benchmarks of this file hold; docs/performance.md has the figures.
const (
	throughputShare = 0.8  // of the bare workflow's
	latencyFactor   = 1.25 // of the bare workflow's latency, plus the engine's time
	delayFactor     = 3    // of a file's time alone, behind another tenant's queue

	parallel    = 40
	queuedFiles = 1000
)

// onEach runs a benchmark over `extractor dev` with each database. The files are
// on disk: Azurite is an emulator, and takes more of a core than the product.
func onEach(b *testing.B, measure func(*testing.B, *bench)) {
	b.Helper()
	for name, database := range map[string]func(testing.TB) string{
		"SQLite":   func(testing.TB) string { return "" },
		"Postgres": func(t testing.TB) string { return testkit.StartPostgres(t).NewDatabase(t) },
	} {
		b.Run(name, func(b *testing.B) {
			env := chaosEnvironment(devEnvironment(b))
			if address := database(b); address != "" {
				env["EXTRACTOR_DATABASE_URL"] = address
			}
			measure(b, startBench(b, env))
		})
	}
}

// bench is the product, and the bare workflow on the same Temporal server.
type bench struct {
	*host
	bare    *bare
	setup   string
	content []byte
}

func startBench(b *testing.B, env environment) *bench {
	b.Helper()
	run, base := build(b).startDev(b, env)
	ui, err := strconv.Atoi(run.await(b, `Temporal UI +http://127.0.0.1:(\d+)`))
	if err != nil {
		b.Fatal(err)
	}
	x := &bench{setup: env["EXTRACTOR_SETUP_KEY"], content: sample(b, "invoice.pdf")}
	x.bare = startBare(b, net.JoinHostPort("127.0.0.1", strconv.Itoa(ui-1000))) // the UI's port follows the server's
	x.host = x.tenant(b, base)
	return x
}

// tenant onboards a tenant, with a template.
func (x *bench) tenant(b *testing.B, base string) *host {
	b.Helper()
	h := onboard(b, base, x.setup)
	h.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: parallel}}
	h.createDocument(b)
	return h
}

// extract uploads a file and waits until its run is closed: like the bare
// workflow's, by one call that the server answers then, so that the waiting
// costs both the same, and no more. A run that the API could not start in time
// is there as soon as the relay has started it.
func (x *bench) extract(b *testing.B, h *host) error {
	id := "extraction-" + h.upload(b, "invoice.pdf", x.content)
	for {
		err := x.bare.client.GetWorkflow(b.Context(), id, "").Get(b.Context(), nil)
		if _, waits := errors.AsType[*serviceerror.NotFound](err); !waits {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// BenchmarkThroughput measures complete extractions of a page of text by 40
// clients, each of which waits for its own, by turns with as many bare
// workflows. limit/share must stay below 1.
func BenchmarkThroughput(b *testing.B) {
	onEach(b, func(b *testing.B, x *bench) {
		product := func(context.Context) error { return x.extract(b, x.host) }
		atOnce(b, x.bare.run)
		atOnce(b, product) // what is started once is not measured
		var took, bare time.Duration
		for b.Loop() {
			bare += atOnce(b, x.bare.run)
			took += atOnce(b, product)
		}
		runs, share := float64(b.N*parallel*eachInTurn), float64(bare)/float64(took)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(runs/took.Seconds(), "extractions/s")
		b.ReportMetric(runs/bare.Seconds(), "bare/s")
		b.ReportMetric(share, "share")
		b.ReportMetric(throughputShare/share, "limit/share")
	})
}

// eachInTurn is how many a client does in one turn.
const eachInTurn = 3

// atOnce lets the clients work and answers how long they took.
func atOnce(b *testing.B, one func(context.Context) error) time.Duration {
	b.Helper()
	begun := time.Now()
	group, ctx := errgroup.WithContext(b.Context())
	for range parallel {
		group.Go(func() error {
			for range eachInTurn {
				if err := one(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
	return time.Since(begun)
}

// BenchmarkLatency measures one extraction at rest, by turns with the bare
// workflow, from the request's first byte until the run is closed. x/limit must
// stay below 1.
func BenchmarkLatency(b *testing.B) {
	onEach(b, func(b *testing.B, x *bench) {
		own := engineTime(b, x.content)
		var took, bare []time.Duration
		for b.Loop() {
			bare = append(bare, timed(b, func() error { return x.bare.run(b.Context()) }))
			took = append(took, timed(b, func() error { return x.extract(b, x.host) }))
		}
		limit := time.Duration(latencyFactor*float64(median(bare))) + own
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(milliseconds(median(took)), "ms-median")
		b.ReportMetric(milliseconds(median(bare)), "ms-bare")
		b.ReportMetric(milliseconds(own), "ms-engine")
		b.ReportMetric(float64(median(took))/float64(limit), "median/limit")
	})
}

// BenchmarkNeighbour measures a tenant's single file, alone and while another
// tenant has a thousand queued. x/limit must stay below 1.
func BenchmarkNeighbour(b *testing.B) {
	onEach(b, func(b *testing.B, x *bench) {
		other := x.tenant(b, x.base)
		one := func() error { return x.extract(b, other) }
		var alone, behind []time.Duration
		for range 10 {
			alone = append(alone, timed(b, one))
		}
		x.queue(b)
		for b.Loop() {
			behind = append(behind, timed(b, one))
			if x.waiting(b) == 0 {
				b.Fatal("nothing was queued any more: the measure shows nothing")
			}
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(milliseconds(median(alone)), "ms-alone")
		b.ReportMetric(milliseconds(median(behind)), "ms-median")
		b.ReportMetric(milliseconds(slices.Max(behind)), "ms-max")
		b.ReportMetric(float64(x.waiting(b)), "left")
		b.ReportMetric(float64(median(behind))/float64(median(alone))/delayFactor, "median/limit")
	})
}

// queue uploads the one tenant's files.
func (x *bench) queue(b *testing.B) {
	b.Helper()
	var uploads errgroup.Group
	uploads.SetLimit(20)
	for range queuedFiles {
		uploads.Go(func() error {
			x.upload(b, "invoice.pdf", x.content)
			return nil
		})
	}
	if err := uploads.Wait(); err != nil {
		b.Fatal(err)
	}
}

// waiting is how many of them have not even been read.
func (x *bench) waiting(b *testing.B) int {
	b.Helper()
	waiting := 0
	for _, status := range []string{"uploaded", "analyzing"} {
		var list struct {
			Pagination struct{ TotalCount int }
		}
		x.call(b, http.MethodGet, "/api/embed/extractions?limit=1&status="+status, "", http.StatusOK, &list)
		waiting += list.Pagination.TotalCount
	}
	return waiting
}

// engineTime is what reading and understanding the file takes by itself.
func engineTime(b *testing.B, content []byte) time.Duration {
	b.Helper()
	r, err := parse.New(testkit.Cache(b), testkit.OCR(b))
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	document := models.Document{ID: models.NewID(time.Now())}
	if err := json.Unmarshal(sample(b, "invoice.json"), &document); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	for range 20 {
		took = append(took, timed(b, func() error {
			pages, err := r.Read(b.Context(), "application/pdf", content, func(int, int) {})
			if err != nil {
				return err
			}
			if _, err = engine.New().Analyze(b.Context(), pages, []models.Document{document}); err != nil {
				return err
			}
			_, err = engine.New().Extract(b.Context(), pages, &document, engine.Options{})
			return err
		}))
	}
	return median(took)
}

func timed(b *testing.B, do func() error) time.Duration {
	b.Helper()
	begun := time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return time.Since(begun)
}

func median(all []time.Duration) time.Duration { return slices.Sorted(slices.Values(all))[len(all)/2] }

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
