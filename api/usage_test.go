package api_test

import (
	"context"
	"testing"
	"time"

	"decoded.digital/extractor/models"
)

func TestTheUseOfAKeyIsCounted(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	for range 3 {
		s.do(t, call{method: "GET", path: "/verify", as: a})
	}
	s.clock.pass(time.Minute)
	last := s.clock.Now()
	s.do(t, call{method: "GET", path: "/verify", as: a})
	s.do(t, call{method: "GET", path: "/verify", as: &tenant{key: a.key, email: "nobody@acme.test"}}) // refused: not counted
	stop()
	if err := <-ended; err != nil { // it writes what is left before it ends
		t.Fatal(err)
	}
	key, err := s.store.GetAPIKey(t.Context(), models.Caller{TenantID: a.id}, a.keyID)
	if err != nil || key.UsageCount != 4 || key.LastUsedAt == nil || !key.LastUsedAt.Equal(last) {
		t.Errorf("got %d, %v, %v", key.UsageCount, key.LastUsedAt, err)
	}
}
