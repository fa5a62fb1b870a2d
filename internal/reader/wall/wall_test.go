//go:build linux

package wall

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// shut names the variable in which a test gives the folder of its process
// behind the wall.
const shut = "EXTRACTOR_TEST_WALL"

func TestMain(m *testing.M) {
	if dir := os.Getenv(shut); dir != "" {
		behind(dir)
		return
	}
	os.Exit(m.Run())
}

// behind tries from behind the wall what a captured reader would.
func behind(dir string) {
	failures := map[string]string{}
	try := func(name string, do func() error) {
		if err := do(); err != nil {
			failures[name] = err.Error()
		}
	}
	err := Enter(Limits{Memory: 2 << 30, FileSize: 1 << 20, Read: []string{"/usr", "/lib", "/lib64", "/etc", "/proc/self"}, Write: []string{filepath.Join(dir, "own")}})
	try("enter", func() error { return err })
	try("dial", func() error { _, err := net.Dial("tcp", "127.0.0.1:1"); return err })
	try("unix socket", func() error { _, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0); return err })
	try("read a secret", func() error { _, err := os.ReadFile(filepath.Join(dir, "secret")); return err })
	try("read /proc/1", func() error { _, err := os.ReadFile("/proc/1/environ"); return err })
	try("write elsewhere", func() error { return os.WriteFile(filepath.Join(dir, "new"), nil, 0o600) })
	try("write its own", func() error { return os.WriteFile(filepath.Join(dir, "own", "new"), []byte("x"), 0o600) })
	try("write much", func() error { return os.WriteFile(filepath.Join(dir, "own", "much"), make([]byte, 2<<20), 0o600) })
	try("start a program", func() error { return exec.Command("/usr/bin/true").Run() })
	try("take much memory", func() error {
		_, err := syscall.Mmap(-1, 0, 3<<30, syscall.PROT_READ, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		return err
	})
	_ = json.NewEncoder(os.Stdout).Encode(failures)
}

// TestWall: a process behind it can do its work, and nothing else.
func TestWall(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "own"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("key"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = []string{shut + "=" + dir}
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var failures map[string]string
	if err := json.Unmarshal(out, &failures); err != nil {
		t.Fatal(err)
	}
	for name, allowed := range map[string]bool{
		"enter": true, "start a program": true, "write its own": true,
		"dial": false, "unix socket": false, "read a secret": false, "read /proc/1": false,
		"write elsewhere": false, "write much": false, "take much memory": false,
	} {
		if message, failed := failures[name]; failed == allowed {
			t.Errorf("%s: allowed is %v, want %v (%s)", name, !failed, allowed, message)
		}
	}
}
