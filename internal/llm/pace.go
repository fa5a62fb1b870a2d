package llm

import (
	"context"
	"errors"
	"sync"
	"time"

	"decoded.digital/extractor/models"
)

// Pace is client which, once its provider is out of quota, asks no more until the
// provider takes requests again: calls wait meanwhile, so that many documents at
// once don't use up their tries against a closed door.
func Pace(client Client) Client { return &paced{Client: client} }

type paced struct {
	Client
	mu     sync.Mutex
	closed chan struct{} // nil: it is open; it is closed when it opens
}

// Complete makes one completion.
func (p *paced) Complete(ctx context.Context, r *Request) (*Answer, error) {
	if err := p.wait(ctx); err != nil {
		return nil, err
	}
	answer, err := p.Client.Complete(ctx, r)
	if e, ok := errors.AsType[*models.Error](err); ok && e.Type == models.FailureProviderLimited && e.RetryAfter > 0 {
		p.close(e.RetryAfter)
	}
	return answer, err
}

func (p *paced) wait(ctx context.Context) error {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if closed == nil {
		return nil
	}
	select {
	case <-closed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close lets nobody through for a while.
func (p *paced) close(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed != nil {
		return
	}
	p.closed = make(chan struct{})
	time.AfterFunc(d, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		close(p.closed)
		p.closed = nil
	})
}
