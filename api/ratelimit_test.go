package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"decoded.digital/extractor/api"
)

func TestATenantThatAsksTooOftenIsTold(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *api.Config) { c.RateLimit = api.RateLimit{Requests: 3, Window: time.Minute} })
	a, b := s.onboard(t, "jo@acme.test"), s.onboard(t, "al@other.test")
	list := func(as *tenant) answer { return s.do(t, call{method: "GET", path: "/documents", as: as}) }
	for _, left := range []string{`"tenant";r=2;t=20`, `"tenant";r=1;t=40`, `"tenant";r=0;t=60`} {
		got := list(a)
		if got.status != http.StatusOK || got.header.Get("RateLimit") != left || got.header.Get("RateLimit-Policy") != `"tenant";q=3;w=60` {
			t.Errorf("got %d, %s, %s; want %s", got.status, got.header.Get("RateLimit"), got.header.Get("RateLimit-Policy"), left)
		}
	}
	over := list(a)
	if over.status != http.StatusTooManyRequests || over.header.Get("Retry-After") != "20" || !strings.Contains(over.body, "Retry in 20 s") {
		t.Errorf("got %d %v %s", over.status, over.header, over.body)
	}
	if other := list(b); other.status != http.StatusOK {
		t.Errorf("another tenant: %d %s", other.status, other.body)
	}
	s.clock.pass(20 * time.Second)
	if got := list(a); got.status != http.StatusOK || got.header.Get("RateLimit") != `"tenant";r=0;t=60` {
		t.Errorf("after its time: %d %s", got.status, got.header.Get("RateLimit"))
	}
}

func TestARefusedRequestDoesNotUseUpItsIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *api.Config) { c.RateLimit = api.RateLimit{Requests: 1, Window: time.Minute} })
	a := s.onboard(t, "jo@acme.test")
	s.do(t, call{method: "GET", path: "/documents", as: a})
	if got := s.repeat(t, a, "k", invoiceBody); got.status != http.StatusTooManyRequests {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	s.clock.pass(time.Minute)
	if got := s.repeat(t, a, "k", invoiceBody); got.status != http.StatusCreated {
		t.Errorf("got %d %s", got.status, got.body)
	}
}
