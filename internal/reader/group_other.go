//go:build unix && !linux

package reader

import "syscall"

// groupOfItsOwn is for a child and its own children to be ended at once. If this
// process is killed, a child ends with its input, after what it reads.
func groupOfItsOwn() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
