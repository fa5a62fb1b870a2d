package tests

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// chaosReceiver is a host application's webhook. It refuses each fourth id's
// first call, so that bodies are sent again.
type chaosReceiver struct {
	secret string

	mutex  sync.Mutex
	bodies map[string][sha256.Size]byte // by webhook-id
	told   map[string]string            // the event's type by the extraction's id
	calls  int
}

func newChaosReceiver(t *testing.T, h *host) *chaosReceiver {
	t.Helper()
	r := &chaosReceiver{bodies: map[string][sha256.Size]byte{}, told: map[string]string{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil { // the caller was killed
			return
		}
		w.WriteHeader(r.take(t, request.Header, body))
	}))
	t.Cleanup(server.Close)
	var hook struct{ Secret string }
	h.call(t, http.MethodPost, "/api/embed/webhooks", `{"name":"test","url":"`+server.URL+`","scope":"all"}`, http.StatusCreated, &hook)
	r.secret = hook.Secret
	return r
}

// take verifies and remembers a call, and answers its status.
func (r *chaosReceiver) take(t *testing.T, header http.Header, body []byte) int {
	var event struct {
		Type string
		Data struct{ ID string }
	}
	verifier, err := standardwebhooks.NewWebhook(r.secret)
	if err = errors.Join(err, json.Unmarshal(body, &event)); err == nil {
		err = verifier.Verify(body, header)
	}
	if err != nil {
		t.Errorf("a webhook call is not as the standard says: %v", err)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.calls++
	id, hash := header.Get("webhook-id"), sha256.Sum256(body)
	first, again := r.bodies[id]
	if again && first != hash {
		t.Errorf("webhook %s came with two bodies, the second: %s", id, body)
	}
	r.bodies[id] = hash
	if !again && len(r.bodies)%4 == 0 {
		return http.StatusInternalServerError
	}
	r.told[event.Data.ID] = event.Type
	return http.StatusOK
}

func (r *chaosReceiver) count() int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.calls
}

func (r *chaosReceiver) toldOf(id string) string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.told[id]
}

// wantCalls waits until the receiver was told of every acknowledged extraction.
func (x *chaos) wantCalls(t *testing.T) {
	t.Helper()
	for id, broken := range x.client.acknowledged() {
		want := "extraction.completed"
		if broken {
			want = "extraction.failed"
		}
		eventually(t, "the webhook is told of "+id, func() error {
			if got := x.receiver.toldOf(id); got != want {
				return fmt.Errorf("it was told %q, want %q", got, want)
			}
			return nil
		})
	}
}
