package testkit

import (
	"net"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"decoded.digital/extractor/internal/process"
)

// pingWithin is how long one question whether it does may take.
const pingWithin = 5 * time.Second

// Service is a part that a test can kill, and start again at the same address
// with the same data.
type Service struct {
	t       testing.TB
	name    string
	command func() *exec.Cmd // a new one for each start
	ready   func() error     // whether it serves
	running *exec.Cmd        // nil after Kill
	exited  chan struct{}
}

// startService starts a part, until the test ends.
func startService(t testing.TB, name string, command func() *exec.Cmd, ready func() error) *Service {
	t.Helper()
	s := &Service{t: t, name: name, command: command, ready: ready}
	t.Cleanup(s.Kill)
	s.Start()
	return s
}

// Start starts a part that was killed, and returns once it serves. One that ends
// at once is started again: what is left of the killed one may still hold its
// files (Postgres's own processes outlive their parent for a moment).
func (s *Service) Start() {
	s.t.Helper()
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if s.running == nil {
			s.launch()
		}
		err := s.ready()
		if err == nil {
			return
		}
		if time.Since(begun) > Patience {
			s.t.Fatalf("%s did not get ready: %v", s.name, err)
		}
		select {
		case <-s.exited:
			s.running = nil
		default:
		}
	}
}

func (s *Service) launch() {
	s.t.Helper()
	command, exited := s.command(), make(chan struct{})
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Setpgid = true
	process.EndWithParent(command, syscall.SIGKILL)
	if err := command.Start(); err != nil {
		s.t.Fatalf("start %s: %v", s.name, err)
	}
	go func() {
		_ = command.Wait()
		close(exited)
	}()
	s.running, s.exited = command, exited
}

// Kill is kill -9 of the part's process group; it returns once the part is gone.
func (s *Service) Kill() {
	if s.running == nil {
		return
	}
	_ = syscall.Kill(-s.running.Process.Pid, syscall.SIGKILL)
	<-s.exited
	s.running = nil
}

// freePort is a port that was free a moment ago: for what must come back at the
// same address.
func freePort(t testing.TB) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}
