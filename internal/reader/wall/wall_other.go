//go:build unix && !linux

package wall

import (
	"fmt"
	"syscall"
)

// Enter limits what this system can limit of a process: core dumps and the size
// of files. Production is Linux.
func Enter(l Limits) error {
	for resource, value := range map[int]uint64{syscall.RLIMIT_CORE: 0, syscall.RLIMIT_FSIZE: l.FileSize} {
		if err := syscall.Setrlimit(resource, &syscall.Rlimit{Cur: value, Max: value}); err != nil {
			return fmt.Errorf("limit resource %d: %w", resource, err)
		}
	}
	return nil
}
