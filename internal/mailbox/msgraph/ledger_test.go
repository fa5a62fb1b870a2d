package msgraph

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"decoded.digital/extractor/internal/mailbox"
)

// memory is a Ledger and an Intake, of one folder. Like a database, it takes
// nothing from a worker that is dead.
type memory struct {
	mu      sync.Mutex
	cursor  mailbox.Cursor
	items   map[string]*item
	mails   map[string]mailbox.Message // by immutable id
	settled map[string]bool
	paths   map[string]map[string]bool
	taken   map[string]int // by immutable id and path
	peak    atomic.Uint64  // of the heap, while files came in
}

type item struct {
	mailbox.Item
	done  bool
	until time.Time
}

func newMemory() *memory {
	return &memory{
		items: map[string]*item{}, mails: map[string]mailbox.Message{}, settled: map[string]bool{},
		paths: map[string]map[string]bool{}, taken: map[string]int{},
	}
}

// locked runs an effect, if ctx's worker lives.
func (m *memory) locked(ctx context.Context, effect func()) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	effect()
	return nil
}

func (m *memory) Cursor(ctx context.Context, _ mailbox.Source) (at mailbox.Cursor, err error) {
	err = m.locked(ctx, func() { at = m.cursor })
	return at, err
}

func (m *memory) SavePage(ctx context.Context, _ mailbox.Source, from, next mailbox.Cursor, items []mailbox.Item) (added int, err error) {
	err = m.locked(ctx, func() {
		if m.cursor != from {
			return
		}
		m.cursor = next
		for _, i := range items {
			if m.items[i.ID] == nil {
				m.items[i.ID] = &item{Item: i}
				added++
			}
		}
	})
	return added, err
}

func (m *memory) Pending(ctx context.Context, _ mailbox.Source, now time.Time, limit int) (list []mailbox.Item, err error) {
	err = m.locked(ctx, func() {
		for _, id := range slices.Sorted(maps.Keys(m.items)) {
			if i := m.items[id]; !i.done && !i.Baseline && !i.until.After(now) && len(list) < limit {
				list = append(list, i.Item)
			}
		}
	})
	return list, err
}

func (m *memory) Mail(ctx context.Context, _ mailbox.Source, mail mailbox.Message) (known mailbox.Known, err error) {
	err = m.locked(ctx, func() {
		m.mails[mail.ID] = mail
		known = mailbox.Known{Settled: m.settled[mail.ID], Taken: maps.Clone(m.paths[mail.ID])}
	})
	return known, err
}

func (m *memory) Seen(context.Context, mailbox.Source, mailbox.Message, string) (int, error) {
	return 0, nil
}

func (m *memory) Settle(ctx context.Context, _ mailbox.Source, i mailbox.Item, o mailbox.Outcome) error {
	return m.locked(ctx, func() {
		m.items[i.ID].done = true
		if o.Message != "" && o.Final() {
			m.settled[o.Message] = true
		}
	})
}

func (m *memory) Postpone(ctx context.Context, _ mailbox.Source, i mailbox.Item, _ mailbox.Outcome, until time.Time) error {
	return m.locked(ctx, func() { m.items[i.ID].Attempts, m.items[i.ID].until = i.Attempts+1, until })
}

// Take reads a file to its end, looking at the heap after every megabyte.
func (m *memory) Take(ctx context.Context, _ mailbox.Source, mail mailbox.Message, f mailbox.File, content io.Reader) error {
	for {
		n, err := io.CopyN(io.Discard, content, 1<<20)
		if n > 1<<19 {
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			m.peak.Store(max(m.peak.Load(), stats.HeapAlloc))
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read the file: %w", err)
		}
	}
	return m.locked(ctx, func() {
		if m.paths[mail.ID] == nil {
			m.paths[mail.ID] = map[string]bool{}
		}
		if !m.paths[mail.ID][f.Path] { // the unique key of the real ledger
			m.paths[mail.ID][f.Path] = true
			m.taken[mail.ID+" "+f.Path]++
		}
	})
}
