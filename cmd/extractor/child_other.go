//go:build !linux

package main

import "syscall"

// childAttributes makes a child that gets no Ctrl-C of ours.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
