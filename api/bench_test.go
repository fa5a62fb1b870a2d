package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/api"
	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/internal/store"
)

const (
	verifyClients = 16
	verifyCalls   = 250 // of each client in a round
	// verifyLimit is the least that GET /verify may answer of what an empty handler
	// answers in the same time; docs/performance.md has the figures.
	verifyLimit = 0.5
)

// BenchmarkVerify measures what every request passes through: GET /verify, as
// production has it, beside an empty gin handler. Both answer on loopback to the
// same client, and take turns. limit/share must stay below 1.
func BenchmarkVerify(b *testing.B) {
	extractor := httptest.NewServer(benchServer(b))
	b.Cleanup(extractor.Close)
	router := gin.New()
	router.GET("/", func(*gin.Context) {})
	empty := httptest.NewServer(router)
	b.Cleanup(empty.Close)
	key := benchKey(b, extractor.URL)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: verifyClients}}
	b.Cleanup(client.CloseIdleConnections)

	verify := func() float64 { return perSecond(b, client, extractor.URL+"/api/embed/verify", key) }
	nothing := func() float64 { return perSecond(b, client, empty.URL+"/", key) }
	verify() // connections are made, the caller is known
	nothing()
	var ours, theirs []float64
	for b.Loop() {
		ours, theirs = append(ours, verify()), append(theirs, nothing())
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	share := ours[len(ours)/2] / theirs[len(theirs)/2]
	b.ReportMetric(0, "ns/op") // it holds both, of all clients
	b.ReportMetric(ours[len(ours)/2], "verify/s")
	b.ReportMetric(theirs[len(theirs)/2], "empty/s")
	b.ReportMetric(share, "share")
	b.ReportMetric(verifyLimit/share, "limit/share")
}

// benchServer is the API as production has it, but for a rate limit that lets
// all of the benchmark through.
func benchServer(b *testing.B) *api.Server {
	b.Helper()
	now := func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
	s, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "bench.db"), now)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	blobs, err := blob.NewDisk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	keys, err := secret.NewKeys(bytes.Repeat([]byte{7}, secret.KeySize))
	if err != nil {
		b.Fatal(err)
	}
	return api.New(api.Config{
		Store: s, Blobs: blobs, Intake: &intake.Intake{Store: s, Blobs: blobs, Now: now}, Runner: &runner{},
		Keys: keys, SetupKey: setupKey, PublicURL: publicURL, FileURL: api.FileURL(publicURL, keys, now),
		RateLimit: api.RateLimit{Requests: 1_000_000_000, Window: time.Minute},
		Logger:    slog.New(slog.NewTextHandler(io.Discard, nil)), Now: now, //nolint:sloglint // the lines are written, as in production
	})
}

// benchKey makes a tenant and answers its API key.
func benchKey(b *testing.B, base string) string {
	b.Helper()
	body := `{"organizationName":"Acme","firstName":"Jo","lastName":"Doe","email":"jo@acme.test"}`
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, base+"/api/embed/onboard", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Setup-Key", setupKey)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Data struct {
			APIKey struct{ Key string }
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Data.APIKey.Key == "" {
		b.Fatalf("onboard: %s, %v", response.Status, err)
	}
	return answer.Data.APIKey.Key
}

// perSecond lets every client ask again and again, over a connection that it
// keeps, and answers how many requests were answered in a second.
func perSecond(b *testing.B, client *http.Client, url, key string) float64 {
	b.Helper()
	begun := time.Now()
	var clients errgroup.Group
	for range verifyClients {
		clients.Go(func() error {
			for range verifyCalls {
				if err := askOnce(b, client, url, key); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := clients.Wait(); err != nil {
		b.Fatal(err)
	}
	return verifyClients * verifyCalls / time.Since(begun).Seconds()
}

func askOnce(b *testing.B, client *http.Client, url, key string) error {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	request.Header.Set("X-API-Key", key)
	request.Header.Set("X-User-Email", "jo@acme.test")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("got %s", response.Status)
	}
	return nil
}
