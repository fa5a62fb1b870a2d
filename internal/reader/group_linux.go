package reader

import "syscall"

// groupOfItsOwn is for a child and its own children to be ended at once; if this
// process is killed, the kernel ends the child amid whatever it reads.
func groupOfItsOwn() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
