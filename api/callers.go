package api

import (
	"sync"
	"time"
)

const (
	// callerLife is how long who was found is believed without asking the
	// database: so long may a key that another process disabled still work.
	callerLife = 5 * time.Second
	maxCallers = 10_000
)

// callers remembers who was found, by hashes: no key is kept.
type callers struct {
	mutex sync.RWMutex
	known map[string]knownCaller
	// epoch grows with each forget, so that what was read before one is not
	// remembered after it.
	epoch int
}

type knownCaller struct {
	who   identity
	until time.Time
}

func newCallers() *callers { return &callers{known: map[string]knownCaller{}} }

// find answers who is known under name, or loads it. What fails is not
// remembered.
func (k *callers) find(name string, now time.Time, load func() (identity, error)) (identity, error) {
	k.mutex.RLock()
	found, ok := k.known[name]
	epoch := k.epoch
	k.mutex.RUnlock()
	if ok && now.Before(found.until) {
		return found.who, nil
	}
	who, err := load()
	if err != nil {
		return who, err
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if len(k.known) >= maxCallers {
		clear(k.known)
	}
	if k.epoch == epoch {
		k.known[name] = knownCaller{who: who, until: now.Add(callerLife)}
	}
	return who, nil
}

// forget makes a change of a key hold at once in this process.
func (k *callers) forget() {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	clear(k.known)
	k.epoch++
}
