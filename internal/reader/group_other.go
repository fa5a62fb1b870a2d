//go:build unix && !linux

package reader

import (
	"syscall"
	"time"
)

// groupOfItsOwn is for a child and its own children to be ended at once. If this
// process is killed, a child ends with its input, after what it reads.
func groupOfItsOwn() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// processorTime is not known here: a silent child is given all of its chance.
func processorTime(int) time.Duration { return 0 }
