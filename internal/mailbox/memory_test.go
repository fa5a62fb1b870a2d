package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var errKilled = errors.New("killed")

// killer ends a worker at its n-th step: from then on nothing it does has an
// effect.
type killer struct {
	mu   sync.Mutex
	left int // steps; negative: never
	dead bool
}

// step runs an effect between two points where the worker may die.
func (k *killer) step(effect func() error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.tick() {
		return errKilled
	}
	err := effect()
	if k.tick() {
		return errKilled
	}
	return err
}

func (k *killer) tick() bool {
	if !k.dead && k.left == 0 {
		k.dead = true
	}
	k.left--
	return k.dead
}

// box is a mailbox of one folder in memory. Its page links hold a place in log.
type box struct {
	*killer
	log      []Entry // what happened in the folder
	messages map[string]Message
	files    map[string][]byte // by attachment's id
	lists    map[string][]Attachment
	epoch    int // links of another epoch are gone
	page     int
}

func newBox(k *killer) *box {
	return &box{killer: k, messages: map[string]Message{}, files: map[string][]byte{}, lists: map[string][]Attachment{}, page: 3}
}

func (b *box) deliver(id, immutable string, received time.Time, files ...[]byte) {
	b.messages[id] = Message{ID: immutable, From: Address{Address: "a@b.test"}, Received: received, HasAttachments: len(files) > 0}
	b.log = append(b.log, Entry{ID: id, Received: received})
	if b.lists[immutable] != nil {
		return
	}
	for i, f := range files {
		a := Attachment{ID: fmt.Sprintf("%s-a%d", immutable, i), Kind: KindFile, Name: "invoice.pdf", Size: int64(len(f)) + 100}
		b.files[a.ID] = f
		b.lists[immutable] = append(b.lists[immutable], a)
	}
}

// move takes a message out and back in, so that its default id changes.
func (b *box) move(from, to string) {
	m := b.messages[from]
	delete(b.messages, from)
	b.log = append(b.log, Entry{ID: from, Removed: true})
	b.deliver(to, m.ID, m.Received)
	m.HasAttachments = true
	b.messages[to] = m
}

const graph = "https://graph.test/v1.0/"

func (b *box) Delta(_ context.Context, _, _, link string) (page Page, err error) {
	err = b.step(func() error {
		at, epoch := 0, b.epoch
		if link != "" {
			place, _, _ := strings.Cut(strings.TrimPrefix(link, graph+"delta/"), "?")
			fmt.Sscanf(place, "%d-%d", &epoch, &at)
		}
		if epoch != b.epoch {
			return &Error{Failure: GoneCursor, Status: 410}
		}
		end := min(at+b.page, len(b.log))
		page.Entries = slices.Clone(b.log[at:end])
		next := graph + "delta/" + strconv.Itoa(epoch) + "-" + strconv.Itoa(end)
		if end < len(b.log) {
			page.Next = next
		} else {
			page.Delta = next + "?d"
		}
		return nil
	})
	return page, err
}

func (b *box) Newest(_ context.Context, _, _, _ string) (page Page, err error) {
	err = b.step(func() error {
		for _, id := range slices.Sorted(maps.Keys(b.messages)) {
			page.Entries = append(page.Entries, Entry{ID: id, Received: b.messages[id].Received})
		}
		return nil
	})
	return page, err
}

func (b *box) Message(_ context.Context, _, id string) (m Message, err error) {
	err = b.step(func() error {
		found, ok := b.messages[id]
		m = found
		if !ok {
			return &Error{Failure: NotFound, Status: 404}
		}
		return nil
	})
	return m, err
}

func (b *box) Attachments(_ context.Context, _, message string) (list []Attachment, err error) {
	err = b.step(func() error { list = b.lists[message]; return nil })
	return list, err
}

func (b *box) Content(_ context.Context, _, _, attachment string) (content io.ReadCloser, err error) {
	err = b.step(func() error { content = io.NopCloser(bytes.NewReader(b.files[attachment])); return nil })
	return content, err
}

// memory is a Ledger and an Intake. Taking a file and keeping its row is one
// transaction, as it is in the store.
type memory struct {
	mu      *sync.Mutex
	cursor  *Cursor
	items   map[string]*memoryItem
	order   *[]string
	mails   map[string]*memoryMail
	taken   map[string]int // how often an extraction was made, by key
	putOff  map[string]error
	killer  *killer
	refusal error
}

type memoryItem struct {
	Item
	settled *Outcome
	until   time.Time
}

type memoryMail struct {
	settled   bool
	taken     map[string]bool
	decisions []Decision
	sender    string
}

func newMemory(k *killer) *memory {
	return &memory{
		mu: &sync.Mutex{}, cursor: &Cursor{}, items: map[string]*memoryItem{}, order: &[]string{},
		mails: map[string]*memoryMail{}, taken: map[string]int{}, putOff: map[string]error{}, killer: k,
	}
}

func (m *memory) Cursor(context.Context, Source) (c Cursor, err error) {
	err = m.killer.step(func() error { c = *m.cursor; return nil })
	return c, err
}

func (m *memory) SavePage(_ context.Context, _ Source, from, next Cursor, items []Item) (added int, err error) {
	err = m.killer.step(func() error {
		if *m.cursor != from {
			return nil
		}
		*m.cursor = next
		for _, item := range items {
			if m.items[item.ID] == nil {
				m.items[item.ID] = &memoryItem{Item: item}
				*m.order = append(*m.order, item.ID)
				added++
			}
		}
		return nil
	})
	return added, err
}

func (m *memory) Pending(_ context.Context, _ Source, now time.Time, limit int) (list []Item, err error) {
	err = m.killer.step(func() error {
		for _, id := range *m.order {
			if i := m.items[id]; i.settled == nil && !i.Baseline && !i.until.After(now) && len(list) < limit {
				list = append(list, i.Item)
			}
		}
		return nil
	})
	return list, err
}

func (m *memory) Mail(_ context.Context, _ Source, mail Message) (known Known, err error) {
	err = m.killer.step(func() error {
		if m.mails[mail.ID] == nil {
			m.mails[mail.ID] = &memoryMail{taken: map[string]bool{}, sender: mail.From.Address}
		}
		known = Known{Settled: m.mails[mail.ID].settled, Taken: maps.Clone(m.mails[mail.ID].taken)}
		return nil
	})
	return known, err
}

func (m *memory) Seen(_ context.Context, _ Source, mail Message, sum string) (n int, err error) {
	err = m.killer.step(func() error {
		for id, other := range m.mails {
			same := func(d Decision) bool { return d.SHA256 == sum }
			if id != mail.ID && other.sender == mail.From.Address && slices.ContainsFunc(other.decisions, same) {
				n++
			}
		}
		return nil
	})
	return n, err
}

func (m *memory) Settle(_ context.Context, _ Source, item Item, o Outcome) error {
	return m.killer.step(func() error {
		m.items[item.ID].settled = &o
		if mail := m.mails[o.Message]; mail != nil && o.State != OutcomeKnown {
			mail.settled, mail.decisions = o.Final(), o.Decisions
		}
		return nil
	})
}

func (m *memory) Postpone(_ context.Context, _ Source, item Item, o Outcome, until time.Time) error {
	return m.killer.step(func() error {
		m.items[item.ID].until = until
		m.items[item.ID].Attempts++
		m.putOff[item.ID] = o.Cause
		return nil
	})
}

func (m *memory) Take(_ context.Context, _ Source, mail Message, f File, content io.Reader) error {
	if _, err := io.Copy(io.Discard, content); err != nil {
		return fmt.Errorf("store the file: %w", err)
	}
	if m.refusal != nil {
		return m.refusal
	}
	return m.killer.step(func() error {
		if !m.mails[mail.ID].taken[f.Path] {
			m.mails[mail.ID].taken[f.Path] = true
			m.taken[mail.ID+"/"+f.Path]++
		}
		return nil
	})
}

var (
	pdf   = []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
	epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func newTestSyncer(t *testing.T, b *box, m *memory, clock *time.Time) *Syncer {
	t.Helper()
	base, err := url.Parse(graph)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSyncer(b, m, m, base, func() time.Time { return *clock })
	s.Parallel = 1
	return s
}

// finish steps until there is nothing to do.
func finish(t *testing.T, s *Syncer, src Source, clock *time.Time) {
	t.Helper()
	for range 200 {
		p, err := s.Step(t.Context(), src)
		if err != nil {
			t.Fatal(err)
		}
		if !p.More {
			*clock = clock.Add(2 * time.Hour)
			if p, err = s.Step(t.Context(), src); err == nil && !p.More && p.Settled == 0 {
				return
			}
		}
	}
	t.Fatal("the folder was never read to its end")
}
