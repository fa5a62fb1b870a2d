// Package tests holds black-box scenarios: they build the product, run it as
// its users do and look at it from outside.
package tests

import (
	"bytes"
	"errors"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"decoded.digital/extractor/internal/testkit"
)

// product is the binary under test.
type product struct{ path string }

func build(t testing.TB, flags ...string) *product {
	t.Helper()
	p := &product{path: filepath.Join(t.TempDir(), "extractor")}
	command := exec.CommandContext(t.Context(), "go", slices.Concat([]string{"build", "-o", p.path}, flags, []string{"./cmd/extractor"})...)
	command.Dir = testkit.Root(t)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return p
}

// environment is what a process is configured with.
type environment map[string]string

// process is one running part of the product.
type process struct {
	command *exec.Cmd
	out     *output
	exited  chan struct{}
}

// start runs a command of the product until the test ends.
func (p *product) start(t testing.TB, command string, env environment, arguments ...string) *process {
	t.Helper()
	run := &process{command: exec.Command(p.path, append([]string{command}, arguments...)...), out: &output{}, exited: make(chan struct{})}
	run.command.Dir = testkit.Root(t)
	run.command.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir()}
	for name, value := range env {
		run.command.Env = append(run.command.Env, name+"="+value)
	}
	run.command.Stdout, run.command.Stderr = run.out, run.out
	if err := run.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = run.command.Wait()
		close(run.exited)
	}()
	t.Cleanup(func() {
		run.kill()
		for line := range strings.Lines(run.out.String()) {
			if loggedSecret.MatchString(line) && logLine.MatchString(line) {
				t.Errorf("extractor %s logged a secret or a query: %s", command, line)
			}
		}
		if t.Failed() {
			t.Logf("extractor %s said, without its requests:\n%s", command, requestLine.ReplaceAllString(run.out.String(), ""))
		}
	})
	return run
}

// loggedSecret is what no line of a log may hold: keys, tokens, secrets, queries,
// people and the words of documents.
var loggedSecret = regexp.MustCompile(`ext_[0-9A-Za-z]{6}|ems_[0-9A-Za-z]{6}|whsec_|[?&]\w+=|apiKey|a setup key of tests|@acme|@example\.com|NP-2026|invoice\.pdf|document\.pdf`)

// logLine is a line of the log, in either format, unlike what is printed for the
// operator.
var logLine = regexp.MustCompile(`^(time=|\{"time":)`)

var requestLine = regexp.MustCompile(`(?m)^.*(msg=request |"msg":"request",).*\n`)

// await waits until the process has printed something that matches, and
// answers the last group.
func (r *process) await(t testing.TB, pattern string) string {
	t.Helper()
	find := regexp.MustCompile(pattern)
	var found []string
	eventually(t, "extractor prints "+pattern, func() error {
		if found = find.FindStringSubmatch(r.out.String()); found != nil {
			return nil
		}
		select {
		case <-r.exited:
			t.Fatalf("it ended before it printed %s:\n%s", pattern, r.out.String())
		default:
		}
		return errors.New("not yet")
	})
	return found[len(found)-1]
}

// interrupt is Ctrl-C; it answers the exit code and how long the end took.
func (r *process) interrupt(t testing.TB) (int, time.Duration) {
	t.Helper()
	begun := time.Now()
	if err := r.command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	return r.wait(t), time.Since(begun)
}

func (r *process) kill() {
	_ = r.command.Process.Kill()
	<-r.exited
}

// wait waits for the end and answers the exit code.
func (r *process) wait(t testing.TB) int {
	t.Helper()
	select {
	case <-r.exited:
		return r.command.ProcessState.ExitCode()
	case <-time.After(testkit.Patience):
		t.Fatalf("it did not end:\n%s", r.out.String())
		return -1
	}
}

// awaitReady waits until GET /readyz of a part says so.
func awaitReady(t testing.TB, base string) {
	t.Helper()
	eventually(t, base+" is ready", func() error {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/readyz", http.NoBody)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		return nil
	})
}

// eventually polls until try succeeds.
func eventually(t testing.TB, what string, try func() error) {
	t.Helper()
	pause := 20 * time.Millisecond
	for begun := time.Now(); ; time.Sleep(pause) {
		err := try()
		if err == nil {
			return
		}
		pause = min(pause*5/4, 200*time.Millisecond) // half of what the API lets a host ask for
		if time.Since(begun) > testkit.Patience {
			t.Fatalf("waited in vain until %s: %v", what, err)
		}
	}
}

// output is what a process printed so far.
type output struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return strings.TrimSpace(o.text.String())
}
