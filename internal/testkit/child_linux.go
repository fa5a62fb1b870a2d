package testkit

import (
	"os/exec"
	"syscall"
)

// endWithParent lets the kernel end the child even where the test is killed.
func endWithParent(command *exec.Cmd) {
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Pdeathsig = syscall.SIGKILL
}
