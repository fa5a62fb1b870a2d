package parse

import (
	"github.com/tetratelabs/wazero/experimental"
	"golang.org/x/sys/unix"
)

// mapped gives each sandbox its memory as a mapping of its full size, of which
// the kernel provides what is touched. Memory from Go's heap would be cleared
// for each document, and copied whenever it grows: for a moment, several times
// the limit.
type mapped struct{}

// Allocate reserves room for a memory that may grow to most bytes.
func (mapped) Allocate(_, most uint64) experimental.LinearMemory {
	room, err := unix.Mmap(-1, 0, int(most), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE) //nolint:gosec // at most memoryPages
	if err != nil {
		return &mapping{} // which can't grow: the sandbox does not start
	}
	return &mapping{room}
}

type mapping struct{ room []byte }

// Reallocate is the memory at its new size, in the same place.
func (m *mapping) Reallocate(size uint64) []byte {
	if size > uint64(len(m.room)) {
		return nil
	}
	return m.room[:size]
}

// Free gives the memory back.
func (m *mapping) Free() {
	if m.room != nil {
		_ = unix.Munmap(m.room) // it is whole, and freed once
		m.room = nil
	}
}
