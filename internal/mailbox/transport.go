package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// inFlight is how many requests Microsoft serves of one app and mailbox at once.
const inFlight = 4

// Transport is what stands between a Graph client and the network. It keeps at
// most four requests of a mailbox in flight, each until its body is closed;
// waits short times that Microsoft asks for and hands long ones up, so that a
// job is put off and not held; ends answers that no longer go on; closes the
// bodies of those that it drops; and sends nothing, the token least of all, to
// another host than Graph's.
type Transport struct {
	Base    http.RoundTripper
	Graph   *url.URL
	MaxWait time.Duration // longest wait before a retry
	Tries   int           // retries
	Stall   time.Duration // longest wait for more of an answer's body
	Now     func() time.Time

	mu    sync.Mutex
	slots map[string]chan struct{}
}

// NewTransport makes a Transport with the waits that suit a job.
func NewTransport(base http.RoundTripper, graph *url.URL, now func() time.Time) *Transport {
	return &Transport{Base: base, Graph: graph, MaxWait: shortWait, Tries: 3, Stall: 30 * time.Second, Now: now, slots: map[string]chan struct{}{}}
}

// slot is the mailbox's, nil for a request of none.
func (t *Transport) slot(u *url.URL) chan struct{} {
	match := regexp.MustCompile(`/(?i:users/([^/]+)|me)(?:/|$)`).FindStringSubmatch(u.Path)
	if match == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	mailbox := strings.ToLower(match[1])
	if t.slots[mailbox] == nil {
		t.slots[mailbox] = make(chan struct{}, inFlight)
	}
	return t.slots[mailbox]
}

// RoundTrip sends r, and sends it again while Graph is busy and asks for a
// short wait.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != t.Graph.Scheme || !strings.EqualFold(r.URL.Host, t.Graph.Host) {
		return nil, &Error{Failure: ForeignLink, Cause: errors.New("a request to another host than Graph's")}
	}
	free := func() {}
	if slot := t.slot(r.URL); slot != nil {
		select {
		case slot <- struct{}{}:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		free = func() { <-slot }
	}
	ctx, end := context.WithCancelCause(r.Context())
	response, err := t.send(r.WithContext(ctx))
	if err != nil {
		end(nil)
		free()
		return nil, err
	}
	body := &slotBody{ReadCloser: response.Body, stall: t.Stall, free: func() { end(nil); free() }}
	body.watch = time.AfterFunc(t.Stall, func() {
		body.stalled.Store(true)
		end(errStalled)
	})
	body.watch.Stop()
	response.Body = body
	return response, nil
}

var errStalled = errors.New("the answer stopped in the middle")

func (t *Transport) send(r *http.Request) (*http.Response, error) {
	body, err := wholeBody(r)
	if err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		attempt := r.Clone(r.Context())
		if body != nil {
			attempt.Body, attempt.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}
		response, err := t.Base.RoundTrip(attempt)
		if err != nil {
			return nil, err
		}
		wait, said := RetryAfter(response.Header, t.Now())
		if !said {
			wait = time.Second << try
		}
		if !busy(r.Method, response.StatusCode) || try >= t.Tries || wait > t.MaxWait {
			return response, nil
		}
		// A body that is not read to its end costs its connection.
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
		_ = response.Body.Close()
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-r.Context().Done():
			timer.Stop()
			return nil, r.Context().Err()
		}
	}
}

// busy says that the same request may be answered soon. What was asked to change
// something may have been done already where Graph broke (500, 502).
func busy(method string, status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusInternalServerError, http.StatusBadGateway:
		return method == http.MethodGet
	}
	return false
}

// wholeBody is the request's, kept for a retry; nil where there is none.
func wholeBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read the request's body: %w", err)
	}
	return body, nil
}

// slotBody ends the request when no more of the answer comes, and frees the
// mailbox's slot when it was read.
type slotBody struct {
	io.ReadCloser
	stall   time.Duration
	watch   *time.Timer // runs while a reader waits: one that takes its time is no fault of Graph's
	stalled atomic.Bool
	once    sync.Once
	free    func()
}

func (b *slotBody) Read(p []byte) (int, error) {
	b.watch.Reset(b.stall)
	n, err := b.ReadCloser.Read(p)
	b.watch.Stop()
	if err != nil && b.stalled.Load() {
		err = &Error{Failure: Transient, Cause: errStalled}
	}
	return n, err
}

func (b *slotBody) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(b.free)
	return err
}
