//go:build !linux

package process

import (
	"os/exec"
	"syscall"
)

// EndWithParent does nothing here: production is Linux.
func EndWithParent(*exec.Cmd, syscall.Signal) {}
