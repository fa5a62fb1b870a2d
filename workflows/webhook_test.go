package workflows

import (
	"bytes"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"decoded.digital/extractor/activities"
	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/outbound"
	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/internal/webhook"
	"decoded.digital/extractor/models"
)

// zoo is the delivery workflow over its real steps, a real store and a receiver;
// the time that it waits is skipped.
type zoo struct {
	*testsuite.TestWorkflowEnvironment
	store  *store.Store
	caller models.Caller
	hook   models.Webhook

	mutex  sync.Mutex
	ids    []string // of each call that arrived
	bodies []string
}

// receiver answers call number n, from 0.
type receiver func(w http.ResponseWriter, r *http.Request, n int)

func newZoo(t *testing.T, answer receiver) *zoo {
	t.Helper()
	z := &zoo{TestWorkflowEnvironment: testkit.NewWorkflowEnvironment(t), caller: models.Caller{TenantID: "tenant"}}
	clock := func() time.Time { return z.Now().UTC().Truncate(time.Millisecond) }
	var err error
	if z.store, err = store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), clock); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = z.store.Close() })
	if err := z.store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	keys, err := secret.NewKeys(bytes.Repeat([]byte{7}, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	settings, err := config.Load(func(string) string { return "" }, true)
	if err != nil {
		t.Fatal(err)
	}
	client := outbound.NewClient(outbound.Policy{AllowPrivate: true})
	client.Timeout = 3 * time.Second // real time, unlike the schedule's
	z.RegisterActivity(&activities.Activities{
		Store: z.store.System(), Webhooks: &webhook.Sender{Client: client, Keys: keys, Now: clock}, Schedule: settings.WebhookSchedule, Now: clock,
	})
	server := httptest.NewServer(z.count(answer))
	t.Cleanup(server.Close)
	z.subscribe(t, server.URL, keys)
	return z
}

// count remembers what arrives.
func (z *zoo) count(answer receiver) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		z.mutex.Lock()
		n := len(z.ids)
		z.ids, z.bodies = append(z.ids, r.Header.Get("webhook-id")), append(z.bodies, string(body))
		z.mutex.Unlock()
		answer(w, r, n)
	}
}

func (z *zoo) subscribe(t *testing.T, url string, keys *secret.Keys) {
	t.Helper()
	now := z.Now().UTC()
	tenant := models.Tenant{ID: z.caller.TenantID, Name: "Acme", Status: models.TenantActive}
	o := models.Onboarding{
		Tenant: tenant, User: models.User{ID: models.NewID(now), Email: "jo@acme.test"},
		APIKey: models.APIKey{ID: models.NewID(now), TenantID: tenant.ID, AllowedDomains: []string{}},
	}
	if _, err := z.store.Onboard(t.Context(), &o); err != nil {
		t.Fatal(err)
	}
	id := models.NewID(now)
	z.hook = models.Webhook{ID: id, Name: "n", URL: url, Scope: models.ScopeAll, DocumentIDs: []string{}, IsActive: true, Secret: keys.Seal([]byte(secret.NewWebhookSecret()), id)}
	if err := z.store.CreateWebhook(t.Context(), z.caller, &z.hook); err != nil {
		t.Fatal(err)
	}
}

// deliver runs a delivery to its end, and answers what is left of it.
func (z *zoo) deliver(t *testing.T) (models.Delivery, []models.DeliveryAttempt) {
	t.Helper()
	d, err := z.store.CreateTest(t.Context(), z.caller, z.hook.ID)
	if err != nil {
		t.Fatal(err)
	}
	z.ExecuteWorkflow(Delivery, DeliveryInput{DeliveryID: d.ID, TenantID: d.TenantID, Round: 1})
	d, attempts, err := z.store.GetDelivery(t.Context(), z.caller, z.hook.ID, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	failed := z.GetWorkflowError()
	if _, ours := errors.AsType[*temporal.ApplicationError](failed); (d.State == models.DeliveryFailed) != (failed != nil) || (failed != nil && !ours) {
		t.Errorf("the delivery has %s, its run ended with %v", d.State, failed)
	}
	if len(slices.Compact(slices.Clone(z.ids))) > 1 || len(slices.Compact(slices.Clone(z.bodies))) > 1 || (len(z.ids) > 0 && z.ids[0] != d.ID) {
		t.Errorf("calls came as %v with %v", z.ids, z.bodies)
	}
	return d, attempts
}

// answers gives the statuses in turn, the last one for ever.
func answers(header string, statuses ...int) receiver {
	return func(w http.ResponseWriter, _ *http.Request, n int) {
		w.Header().Set("Retry-After", header)
		w.Header().Set("Location", "http://169.254.169.254/latest/meta-data")
		w.WriteHeader(statuses[min(n, len(statuses)-1)])
	}
}

// once misbehaves at the first call, then takes the second.
func once(bad http.HandlerFunc) receiver {
	return func(w http.ResponseWriter, r *http.Request, n int) {
		if n == 0 {
			bad(w, r)
		}
	}
}

// The receivers that behave worse than by a status.
func badReceivers() (hang, drip, reset http.HandlerFunc) {
	hang = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	drip = func(w http.ResponseWriter, r *http.Request) {
		for ticker := time.NewTicker(20 * time.Millisecond); r.Context().Err() == nil; <-ticker.C {
			_, _ = w.Write([]byte("x"))
			_ = http.NewResponseController(w).Flush()
		}
	}
	reset = func(w http.ResponseWriter, _ *http.Request) {
		if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = connection.(*net.TCPConn).SetLinger(0)
			_ = connection.Close()
		}
	}
	return hang, drip, reset
}

func TestTheReceiverZoo(t *testing.T) {
	t.Parallel()
	hang, drip, reset := badReceivers()
	large := func(w http.ResponseWriter, _ *http.Request, _ int) { _, _ = w.Write(make([]byte, 10<<20)) }
	const all, delivered, failed = 8, models.DeliverySucceeded, models.DeliveryFailed
	for name, tc := range map[string]struct {
		receive  receiver
		attempts int
		state    models.DeliveryState
		// The second attempt's distance from the first; 0: there is none.
		atLeast, atMost time.Duration
	}{
		"200":                         {answers("", 200), 1, delivered, 0, 0},
		"204":                         {answers("", 204), 1, delivered, 0, 0},
		"301 to the metadata address": {answers("", 301), all, failed, 4 * time.Second, 6 * time.Second},
		"400":                         {answers("", 400), all, failed, 4 * time.Second, 6 * time.Second},
		"410":                         {answers("", 410), 1, failed, 0, 0},
		"429":                         {answers("", 429, 200), 2, delivered, 4 * time.Second, 6 * time.Second},
		"429 for 7 seconds":           {answers("7", 429, 200), 2, delivered, 7 * time.Second, 7 * time.Second},
		"429 for a second":            {answers("1", 429, 200), 2, delivered, 5 * time.Second, 5 * time.Second},
		"429 for an hour":             {answers("3600", 429, 200), 2, delivered, 10 * time.Second, 10 * time.Second},
		"429 until a date":            {answers("Fri, 01 Jan 2100 00:00:00 GMT", 429, 200), 2, delivered, 10 * time.Second, 10 * time.Second},
		"429 until nonsense":          {answers("soon", 429, 200), 2, delivered, 4 * time.Second, 6 * time.Second},
		"500":                         {answers("", 500), all, failed, 4 * time.Second, 6 * time.Second},
		"hangs":                       {once(hang), 2, delivered, 4 * time.Second, 8 * time.Second},
		"a byte now and then":         {once(drip), 2, delivered, 4 * time.Second, 8 * time.Second},
		"10 MB":                       {large, 1, delivered, 0, 0},
		"resets":                      {once(reset), 2, delivered, 4 * time.Second, 8 * time.Second},
		"flaps":                       {answers("", 500, 502, 503, 200), 4, delivered, 4 * time.Second, 6 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := newZoo(t, tc.receive)
			d, attempts := z.deliver(t)
			if d.State != tc.state || len(attempts) != tc.attempts || len(z.ids) != tc.attempts || d.NextAttemptAt != nil {
				t.Fatalf("got %s after %d attempts, %d of which arrived: %+v", d.State, len(attempts), len(z.ids), attempts)
			}
			if tc.atMost > 0 {
				if wait := attempts[1].CreatedAt.Sub(attempts[0].CreatedAt); wait < tc.atLeast-time.Millisecond || wait > tc.atMost+300*time.Millisecond {
					t.Errorf("the second attempt came after %s", wait)
				}
			}
			for _, a := range attempts {
				if a.StatusCode == http.StatusMovedPermanently && a.Answer != "" {
					t.Errorf("a redirect's answer is kept: %q", a.Answer)
				}
			}
		})
	}
}

func TestTheScheduleLastsOverADay(t *testing.T) {
	t.Parallel()
	_, attempts := newZoo(t, answers("", 503)).deliver(t)
	if len(attempts) != 8 {
		t.Fatalf("got %d attempts", len(attempts))
	}
	for i, step := range []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour} {
		wait := attempts[i+1].CreatedAt.Sub(attempts[i].CreatedAt)
		if share := float64(wait) / float64(step); share < 0.79 || share > 1.25 {
			t.Errorf("attempt %d came after %s, %.2f of its step", i+2, wait, share)
		}
	}
}

func TestGoneSwitchesTheWebhookOff(t *testing.T) {
	t.Parallel()
	z := newZoo(t, answers("", 410))
	z.deliver(t)
	hook, err := z.store.GetWebhook(t.Context(), z.caller, z.hook.ID)
	if err != nil || hook.Status() != models.WebhookDisabled || !strings.Contains(hook.StopReason.Sentence(), "410") {
		t.Errorf("got %s, %q, %v", hook.Status(), hook.StopReason, err)
	}
}

func TestAWrongCertificateIsTriedAgain(t *testing.T) {
	t.Parallel()
	z := newZoo(t, answers("", 200))
	server := httptest.NewTLSServer(z.count(answers("", 200)))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(server.Close)
	z.hook.URL = server.URL
	if err := z.store.UpdateWebhook(t.Context(), z.caller, &z.hook, false); err != nil {
		t.Fatal(err)
	}
	d, attempts := z.deliver(t)
	if d.State != models.DeliveryFailed || len(attempts) != 8 || len(z.ids) != 0 || !strings.Contains(attempts[0].Error, "certificate") {
		t.Errorf("got %s, %+v, %d arrived", d.State, attempts, len(z.ids))
	}
}
