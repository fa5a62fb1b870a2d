package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/models"
)

const (
	// eventsInterval is how late a change of status may be told.
	eventsInterval = 500 * time.Millisecond
	// eventsSilence is after how long a comment is sent, so that proxies don't
	// take the stream for dead.
	eventsSilence = 15 * time.Second
)

// StreamExtraction answers GET /extractions/:id/events.
func (s *Server) StreamExtraction(ctx context.Context, r StreamExtractionRequestObject) (StreamExtractionResponseObject, error) {
	c, isGin := ctx.(*gin.Context)
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "extraction"); err != nil {
		return nil, err
	}
	if _, err := s.Store.GetExtraction(ctx, caller, r.ID); err != nil {
		return nil, err
	}
	if isGin { // the server's limit is for requests; a stream is as long as its extraction
		_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Time{})
		c.Header("Cache-Control", "no-store")
		c.Header("X-Accel-Buffering", "no")
	}
	return StreamExtraction200TextEventStreamResponse{Body: &events{
		ctx: ctx, server: s, caller: caller, id: r.ID, seen: or(r.Params.LastEventID),
	}}, nil
}

// events is the stream as bytes: each Read waits for the next event. A state is
// named by attempt and status, so a client that comes back is told what it has
// not seen, and nothing twice.
type events struct {
	ctx     context.Context
	server  *Server
	caller  models.Caller
	id      string
	seen    string
	ended   bool
	pending []byte
}

func (e *events) Read(p []byte) (int, error) {
	if len(e.pending) == 0 {
		if e.ended {
			return 0, io.EOF
		}
		if err := e.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, e.pending)
	e.pending = e.pending[n:]
	return n, nil
}

// next waits for a state that was not seen, or for silence to be broken.
func (e *events) next() error {
	poll := time.NewTicker(eventsInterval)
	defer poll.Stop()
	silence := time.NewTimer(eventsSilence)
	defer silence.Stop()
	for {
		x, err := e.server.Store.GetExtraction(e.ctx, e.caller, e.id)
		if err != nil {
			return e.stop(err)
		}
		state := fmt.Sprintf("%d-%s", x.Attempt, x.Status)
		e.ended = !x.Status.InProgress()
		if state != e.seen {
			e.seen = state
			return e.write(state, &x)
		}
		if e.ended {
			return io.EOF
		}
		select {
		case <-poll.C:
		case <-silence.C:
			e.pending = []byte(": still here\n\n")
			return nil
		case <-e.ctx.Done():
			return io.EOF
		case <-e.server.closing:
			return io.EOF
		}
	}
}

// stop ends a stream whose extraction was deleted, or whose client went away.
func (e *events) stop(err error) error {
	if models.CodeOf(err) == models.CodeNotFound || e.ctx.Err() != nil {
		return io.EOF
	}
	return errors.Join(io.ErrUnexpectedEOF, err)
}

func (e *events) write(state string, x *models.ExtractionDetail) error {
	data, err := json.Marshal(struct {
		ID        string        `json:"id"`
		Status    models.Status `json:"status"`
		Attempt   int           `json:"attempt"`
		Error     *string       `json:"error"`
		UpdatedAt string        `json:"updatedAt"`
	}{x.ID, x.Status, x.Attempt, x.Error, models.FormatTime(x.UpdatedAt)})
	if err != nil {
		return err
	}
	e.pending = fmt.Appendf(nil, "id: %s\nevent: status\ndata: %s\n\n", state, data)
	return nil
}
