package activities

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"
)

// beatEvery is how often a step says that it lives: often in each
// HeartbeatTimeout of its workflow, because a step learns by the answer that it
// was cancelled.
const beatEvery = time.Second

// pulse tells Temporal that a step lives and how far it is, so that the step of
// a worker that died is soon given to another.
type pulse struct {
	progress  atomic.Value // a string
	end, done chan struct{}
}

// startPulse beats until stop is called; a step that is shorter than a beat
// costs none.
func startPulse(ctx context.Context) *pulse {
	p := &pulse{end: make(chan struct{}), done: make(chan struct{})}
	p.progress.Store("begun")
	go func() {
		defer close(p.done)
		ticker := time.NewTicker(beatEvery)
		defer ticker.Stop()
		for {
			select {
			case <-p.end:
				return
			case <-ctx.Done():
				return
			case <-ticker.C:
				activity.RecordHeartbeat(ctx, p.progress.Load())
			}
		}
	}()
	return p
}

// page is where a step that goes through pages stands; operators see it.
func (p *pulse) page(number, of int) { p.progress.Store(fmt.Sprintf("page %d of %d", number, of)) }

func (p *pulse) stop() {
	close(p.end)
	<-p.done
}
