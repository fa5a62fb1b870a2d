package reader

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"decoded.digital/extractor/internal/process"
	"decoded.digital/extractor/models"
)

// startLimit is how long a child may take until it reads: where nothing of
// pdfium is compiled yet, it compiles.
const startLimit = 2 * time.Minute

var (
	errDied    = errors.New("the reader died")         // by itself, or by somebody else's signal
	errStalled = errors.New("the reader gave no sign") // for too long
	errStart   = errors.New("start a reader")
)

// child is one process of the pool. It belongs to whoever took it.
type child struct {
	options   Options
	command   *exec.Cmd
	stdin     io.WriteCloser
	messages  chan message  // closed when the process has ended
	left      chan struct{} // closed by kill: nobody hears messages any more
	complaint *tail
	ready     bool
	broken    bool // it must not be used again
	documents int  // that it has read
}

type message struct {
	kind    frame
	payload []byte
}

func (p *Pool) start(ctx context.Context) (*child, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := &child{options: p.options, messages: make(chan message), left: make(chan struct{}), complaint: &tail{}}
	c.command = exec.Command(p.options.Command[0], p.options.Command[1:]...) //nolint:noctx,gosec // our own binary; kill ends it, which outlives the first document's context
	c.command.Env, c.command.Stderr = p.options.Env, c.complaint
	c.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it and its own children are ended at once
	process.EndWithParent(c.command, syscall.SIGKILL)
	stdin, err := c.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := c.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.command.Start(); err != nil {
		return nil, fmt.Errorf("start a reader: %w", err)
	}
	c.stdin = stdin
	go c.listen(bufio.NewReader(stdout)) // ends when the process does; kill waits for it
	return c, nil
}

// listen passes on what the child says until it ends.
func (c *child) listen(from *bufio.Reader) {
	defer close(c.messages)
	for {
		kind, payload, err := readFrame(from)
		if err != nil {
			break
		}
		select {
		case c.messages <- message{kind: kind, payload: payload}:
		case <-c.left:
		}
	}
	killGroup(c.command.Process) // its own children too
	_ = c.command.Wait()         // how it ended is in ProcessState
}

// alive says whether an idle child can be used: one that ended has closed its
// messages.
func (c *child) alive() bool {
	if !c.ready {
		return true // await tells
	}
	select {
	case <-c.messages:
		return false
	default:
		return !c.broken
	}
}

// kill ends the process and its own children, and waits for them.
func (c *child) kill() {
	c.broken = true
	close(c.left)
	killGroup(c.command.Process)
	for range c.messages {
	}
}

// read sends a document and waits for what comes of it.
func (c *child) read(ctx context.Context, r request, content io.Reader, progress func(page, of int)) (Result, error) {
	c.broken = true // until all of the answer was heard
	if err := c.await(ctx); err != nil {
		return Result{}, err
	}
	sent := make(chan error, 1)
	go func() { sent <- c.send(r, content) }()
	stall := time.NewTimer(c.options.Stall)
	defer stall.Stop()
	var result Result
	work := c.startWork()
	for sending := (<-chan error)(sent); ; {
		select {
		case <-ctx.Done():
			return Result{}, c.giveUp(sending, ctx.Err())
		case err := <-sending:
			if sending = nil; err != nil {
				return Result{}, c.giveUp(nil, err)
			}
			stall.Reset(c.options.Stall) // the file may have come slowly
		case <-stall.C:
			if sending == nil && work.over() {
				return Result{}, c.giveUp(nil, tooLarge(fmt.Errorf("%w for %s", errStalled, c.options.Stall)))
			}
			stall.Reset(c.options.Stall)
		case m, ok := <-c.messages:
			if !ok {
				return Result{}, c.giveUp(sending, c.death())
			}
			stall.Reset(c.options.Stall)
			work = c.startWork()
			done, err := c.hear(m, &result, progress)
			if done || err != nil {
				c.documents++
				return result, err
			}
		}
	}
}

// patience is how many times Stall a child may be silent that got little of a
// processor: on a busy machine it is not the document that takes long.
const patience = 3

// work is what a child has done since it gave a sign.
type work struct {
	child  *child
	used   time.Duration // processor time when it did
	silent int           // times Stall since
}

func (c *child) startWork() work { return work{child: c, used: processorTime(c.command.Process.Pid)} }

// over says, after another Stall without a sign, whether the child was given its
// chance.
func (w *work) over() bool {
	w.silent++
	return w.silent >= patience || processorTime(w.child.command.Process.Pid)-w.used >= w.child.options.Stall*9/10
}

// giveUp ends the child, and with it a sending that is under way, before err is
// told.
func (c *child) giveUp(sending <-chan error, err error) error {
	killGroup(c.command.Process)
	if sending != nil {
		<-sending //nolint:errcheck // it failed because the child is gone
	}
	return err
}

// await waits until a fresh child reads.
func (c *child) await(ctx context.Context) error {
	if c.ready {
		return nil
	}
	limit := time.NewTimer(startLimit)
	defer limit.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-limit.C:
		return fmt.Errorf("%w: %w for %s", errStart, errStalled, startLimit)
	case m, ok := <-c.messages:
		if !ok || m.kind != frameReady {
			return fmt.Errorf("%w: %w", errStart, c.death())
		}
		c.ready = true
		return nil
	}
}

func (c *child) send(r request, content io.Reader) error {
	if err := writeJSON(c.stdin, frameRequest, r); err != nil {
		return c.deaf(err)
	}
	source := &source{from: io.LimitReader(content, r.Size)}
	n, err := io.Copy(c.stdin, source)
	switch {
	case source.err != nil:
		return fmt.Errorf("load the file: %w", source.err)
	case err != nil:
		return c.deaf(err)
	case n < r.Size:
		return models.Failed(models.FailureFileMissing, "The stored file is shorter than it was; upload it again.", io.ErrUnexpectedEOF)
	}
	return nil
}

// deaf is why a child could not be sent to.
func (c *child) deaf(err error) error { return fmt.Errorf("%w: %w", errDied, err) }

// source tells a failure to load apart from one to send.
type source struct {
	from io.Reader
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// hear takes one message; done says that it was the last of this document.
func (c *child) hear(m message, result *Result, tell func(page, of int)) (done bool, err error) {
	switch m.kind {
	case frameProgress:
		var p progress
		if err := json.Unmarshal(m.payload, &p); err != nil {
			return false, fmt.Errorf("a malformed progress: %w", err)
		}
		tell(p.Page, p.Of)
		return false, nil
	case frameDone:
		var r pagesRead
		if err := json.Unmarshal(m.payload, &r); err != nil {
			return false, fmt.Errorf("a malformed result: %w", err)
		}
		result.Pages = r.Pages
		return false, nil
	case frameDocument:
		c.broken = false
		result.Encoded = m.payload
		return true, nil
	case frameFailed:
		var f failure
		if err := json.Unmarshal(m.payload, &f); err != nil {
			return false, fmt.Errorf("a malformed failure: %w", err)
		}
		c.broken = false
		return true, f.error()
	case frameReady, frameRequest:
	}
	return false, fmt.Errorf("the reader answered a frame of kind %q", m.kind)
}

// death is how the process ended, with what the Go runtime said of it. Anything
// else that it printed stays out of the log: it may be the document's text.
func (c *child) death() error {
	return fmt.Errorf("%w (%s)%s", errDied, c.command.ProcessState, c.complaint.fatal())
}

// tail keeps the first part of what a child complains about.
type tail struct{ buffer bytes.Buffer }

const maxComplaint = 4 << 10 // bytes

func (t *tail) Write(p []byte) (int, error) {
	t.buffer.Write(p[:min(len(p), max(maxComplaint-t.buffer.Len(), 0))])
	return len(p), nil
}

// fatal is the Go runtime's first line about its end.
func (t *tail) fatal() string {
	for line := range strings.Lines(t.buffer.String()) {
		if strings.HasPrefix(line, "fatal error:") || strings.HasPrefix(line, "runtime:") || strings.HasPrefix(line, "panic: runtime error:") {
			return ": " + strings.TrimSpace(line)
		}
	}
	return ""
}
