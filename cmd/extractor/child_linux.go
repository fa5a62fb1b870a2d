package main

import "syscall"

// childAttributes makes a child that gets no Ctrl-C of ours and that the kernel
// ends if we are killed.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
