//go:build unix

package reader

import (
	"os"
	"syscall"
)

// killGroup ends a process and its own children. One that has ended is no error.
func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
