package process

import (
	"os/exec"
	"syscall"
)

// EndWithParent lets the kernel send the signal to the command's process when
// this one ends, however it ends: prctl(2), PR_SET_PDEATHSIG. It is called
// before the start, from a thread that lives as long as the command may.
func EndWithParent(command *exec.Cmd, signal syscall.Signal) {
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Pdeathsig = signal
}
