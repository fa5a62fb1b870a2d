package wall

import (
	"errors"
	"fmt"
	"os"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

// openFiles is how many files and pipes the process may have.
const openFiles = 256

// Enter shuts this process in, for good. What the kernel can't do (Landlock
// before Linux 5.13) is left out; what it refuses is an error.
func Enter(l Limits) error {
	for _, limit := range []struct {
		resource int
		value    uint64
	}{{unix.RLIMIT_CORE, 0}, {unix.RLIMIT_NOFILE, openFiles}, {unix.RLIMIT_FSIZE, l.FileSize}, {unix.RLIMIT_AS, l.Memory}} {
		if err := unix.Setrlimit(limit.resource, &unix.Rlimit{Cur: limit.value, Max: limit.value}); err != nil {
			return fmt.Errorf("limit resource %d: %w", limit.resource, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid dumps: %w", err)
	}
	if err := restrictFiles(l); err != nil {
		return fmt.Errorf("restrict the file system: %w", err)
	}
	if err := restrictCalls(); err != nil {
		return fmt.Errorf("restrict system calls: %w", err)
	}
	return nil
}

func restrictFiles(l Limits) error {
	var folders, files []string
	for _, path := range l.Read {
		switch info, err := os.Stat(path); {
		case err != nil: // this machine does not have it
		case info.IsDir():
			folders = append(folders, path)
		default:
			files = append(files, path)
		}
	}
	return landlock.V3.BestEffort().RestrictPaths(
		landlock.RODirs(folders...), landlock.ROFiles(files...), landlock.RWDirs(l.Write...), landlock.RWFiles("/dev/null"),
	)
}

// restrictCalls refuses the calls that lead out of the process: sockets of any
// kind, other processes' memory, and the kernel's own machinery.
func restrictCalls() error {
	if !seccomp.Supported() {
		return errors.New("this kernel has no seccomp")
	}
	return seccomp.LoadFilter(seccomp.Filter{
		NoNewPrivs: true,
		Flag:       seccomp.FilterFlagTSync,
		Policy: seccomp.Policy{
			DefaultAction: seccomp.ActionAllow,
			Syscalls: []seccomp.SyscallGroup{{
				Action: seccomp.ActionErrno | seccomp.Action(unix.EPERM),
				Names: []string{
					"socket", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg",
					"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp",
					"mount", "umount2", "pivot_root", "chroot", "unshare", "setns",
					"init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff",
					"bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "keyctl", "add_key", "request_key", "personality",
				},
			}},
		},
	})
}
