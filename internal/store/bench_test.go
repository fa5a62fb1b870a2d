package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/internal/store"
)

const (
	listClients = 20 // at once
	listCalls   = 10 // of each client in a round
	listRows    = 20 // of a page
	// listLimit is the most that 99 of 100 calls may take; docs/performance.md has
	// the figures.
	listLimit = 30 * time.Millisecond
)

// BenchmarkLists measures each list of the store over a million rows, and the
// same question and answer as plain SQL through pgx: the two take turns.
// p99/limit must stay below 1 and x-bare, product to plain SQL, below 2.
func BenchmarkLists(b *testing.B) {
	address, tenants := seed(b)
	s, err := store.Open(b.Context(), address, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	pool, err := pgxpool.New(b.Context(), address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	for _, l := range lists() {
		for _, page := range []int{1, 50} {
			b.Run(fmt.Sprintf("%s/page=%d", l.name, page), func(b *testing.B) {
				product := func(of tenant) (listed, error) { return l.product(b.Context(), s, of, page) }
				bare := func(of tenant) (listed, error) { return l.bare(b.Context(), pool, of, page) }
				sameAnswers(b, tenants[:5], product, bare)
				measure(b, tenants, product, bare)
			})
		}
	}
}

// ask asks for a page of a tenant's list.
type ask func(of tenant) (listed, error)

func sameAnswers(b *testing.B, tenants []tenant, product, bare ask) {
	b.Helper()
	for _, of := range tenants {
		got, err := product(of)
		if err != nil {
			b.Fatal(err)
		}
		want, err := bare(of)
		if err != nil {
			b.Fatal(err)
		}
		if got.total != want.total || !slices.Equal(got.rows, want.rows) {
			b.Fatalf("the product lists %v, plain SQL %v", got, want)
		}
	}
}

func measure(b *testing.B, tenants []tenant, product, bare ask) {
	b.Helper()
	askAll(b, tenants, product) // statements are prepared, pages of the database are read
	askAll(b, tenants, bare)
	var ours, plain []time.Duration
	for b.Loop() {
		ours = append(ours, askAll(b, tenants, product)...)
		plain = append(plain, askAll(b, tenants, bare)...)
	}
	slices.Sort(ours)
	slices.Sort(plain)
	milliseconds := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	p50, p99 := ours[len(ours)/2], ours[len(ours)*99/100]
	barePart := float64(plain[len(plain)*99/100]) / float64(listLimit)
	b.ReportMetric(0, "ns/op") // it holds both, of all clients
	b.ReportMetric(milliseconds(p50), "ms-p50")
	b.ReportMetric(milliseconds(p99), "ms-p99")
	b.ReportMetric(float64(p99)/float64(listLimit), "p99/limit")
	b.ReportMetric(barePart, "bare-p99/limit") // above 1, the machine is too slow or too busy for the limit
	b.ReportMetric(float64(p50)/float64(plain[len(plain)/2]), "x-bare")
}

// askAll lets every client ask about tenant after tenant, and answers how long
// each call took.
func askAll(b *testing.B, tenants []tenant, call ask) []time.Duration {
	b.Helper()
	took := make([]time.Duration, listClients*listCalls)
	var clients errgroup.Group
	for client := range listClients {
		clients.Go(func() error {
			for n := range listCalls {
				i := client*listCalls + n
				begun := time.Now()
				if _, err := call(tenants[i%len(tenants)]); err != nil {
					return err
				}
				took[i] = time.Since(begun)
			}
			return nil
		})
	}
	if err := clients.Wait(); err != nil {
		b.Fatal(err)
	}
	return took
}
