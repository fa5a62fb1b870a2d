package api

import (
	"context"
	"errors"
	"sync"
	"time"
)

// usageInterval is how late the count of an API key's use may be in the
// database: a write for each request would make every key's row a hot one.
const usageInterval = 30 * time.Second

// usage counts requests by API key until they are written.
type usage struct {
	mutex  sync.Mutex
	counts map[string]use
}

type use struct {
	requests int64
	last     time.Time
}

func newUsage() *usage { return &usage{counts: map[string]use{}} }

func (u *usage) count(keyID string, at time.Time) { u.add(keyID, use{requests: 1, last: at}) }

func (u *usage) add(keyID string, more use) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	sum := u.counts[keyID]
	sum.requests += more.requests
	if more.last.After(sum.last) {
		sum.last = more.last
	}
	u.counts[keyID] = sum
}

func (u *usage) take() map[string]use {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	taken := u.counts
	u.counts = map[string]use{}
	return taken
}

// flush writes what was counted; what can't be written is kept for the next time.
func (s *Server) flush(ctx context.Context) error {
	var failed error
	for keyID, n := range s.usage.take() {
		if err := s.Store.System().AddUsage(ctx, keyID, n.requests, n.last); err != nil {
			s.usage.add(keyID, n)
			failed = errors.Join(failed, err)
		}
	}
	return failed
}
