package mailbox

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func clientOf(t *testing.T, handler http.HandlerFunc) (*http.Client, *Transport, string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := NewTransport(server.Client().Transport, base, time.Now)
	return &http.Client{Transport: transport}, transport, server.URL
}

func TestFourRequestsOfAMailboxAreInFlightUntilTheirBodiesAreClosed(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int32
	client, _, base := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		w.Write(make([]byte, 1<<20))
	})
	var group sync.WaitGroup
	for range 40 {
		group.Go(func() {
			response, err := client.Get(base + "/v1.0/users/U1/messages")
			if err != nil {
				t.Error(err)
				return
			}
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
		})
	}
	group.Wait()
	if most.Load() > inFlight {
		t.Errorf("%d were in flight", most.Load())
	}
}

func TestAnOpenBodyKeepsItsSlotAndAnotherMailboxHasItsOwn(t *testing.T) {
	t.Parallel()
	client, _, base := clientOf(t, func(http.ResponseWriter, *http.Request) {})
	var held []io.Closer
	for range inFlight {
		response, err := client.Get(base + "/v1.0/users/u1")
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, response.Body)
	}
	short := *client
	short.Timeout = 30 * time.Millisecond
	if response, err := short.Get(base + "/v1.0/users/U1/messages"); err == nil {
		response.Body.Close()
		t.Error("a fifth request went out")
	}
	response, err := client.Get(base + "/v1.0/users/u2/messages")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	held[0].Close()
	held[0].Close() // twice must not free two
	if response, err = client.Get(base + "/v1.0/users/u1"); err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response, err := short.Get(base + "/v1.0/users/u1"); err == nil {
		response.Body.Close()
		t.Error("a body that was closed twice freed two slots")
	}
}

func TestAShortWaitIsWaitedWithTheBodySentAgain(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	client, _, base := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if string(body) != "hello" {
			t.Errorf("body %q", body)
		}
		if tries.Add(1) < 3 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	response, err := client.Post(base+"/v1.0/users/u1/x", "text/plain", strings.NewReader("hello"))
	if err != nil || response.StatusCode != http.StatusOK || tries.Load() != 3 {
		t.Fatalf("%v after %d tries", err, tries.Load())
	}
	response.Body.Close()
}

func TestWhatGraphBrokeIsAskedForAgainWhereNothingMayHaveChanged(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]int32{http.MethodGet: 2, http.MethodPost: 1, http.MethodPatch: 1} {
		for _, status := range []int{http.StatusInternalServerError, http.StatusBadGateway} {
			var tries atomic.Int32
			client, _, base := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
				if tries.Add(1) == 1 {
					w.Header().Set("Retry-After", "0")
					w.WriteHeader(status)
				}
			})
			r, err := http.NewRequestWithContext(t.Context(), method, base+"/v1.0/users/u1/x", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if tries.Load() != want {
				t.Errorf("%s, answered %d: %d tries", method, status, tries.Load())
			}
		}
	}
}

func TestALongWaitIsHandedUpAtOnce(t *testing.T) {
	t.Parallel()
	client, _, base := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	response, err := client.Get(base + "/v1.0/users/u1/x")
	if err != nil || response.StatusCode != http.StatusTooManyRequests {
		t.Fatal(err)
	}
	response.Body.Close()
}

func TestAnAnswerThatStopsInTheMiddleEndsAndFreesItsSlot(t *testing.T) {
	t.Parallel()
	client, transport, base := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("half"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	transport.Stall = 20 * time.Millisecond
	for range 2 * inFlight { // more than there are slots
		response, err := client.Get(base + "/v1.0/users/u1/messages/m/attachments/a/$value")
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(response.Body)
		if string(content) != "half" || FailureOf(err) != Transient || !errors.Is(err, errStalled) {
			t.Errorf("%q, %v", content, err)
		}
		_ = response.Body.Close()
	}
}

func TestNothingIsSentToAForeignHost(t *testing.T) {
	t.Parallel()
	client, _, _ := clientOf(t, func(http.ResponseWriter, *http.Request) {})
	foreign := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the request arrived") }))
	t.Cleanup(foreign.Close)
	response, err := client.Get(foreign.URL + "/v1.0/users/u1")
	if err == nil {
		response.Body.Close()
	}
	if FailureOf(err) != ForeignLink {
		t.Errorf("answered %v", err)
	}
}

func TestRetriesNeedOneConnection(t *testing.T) {
	t.Parallel()
	var tries, connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if tries.Add(1)%4 != 0 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
		}
		io.WriteString(w, strings.Repeat("x", 4096))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: NewTransport(server.Client().Transport, base, time.Now)}
	for range 20 {
		response, err := client.Get(server.URL + "/v1.0/users/u1/messages")
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	if tries.Load() != 80 || connections.Load() != 1 {
		t.Errorf("%d tries over %d connections", tries.Load(), connections.Load())
	}
}
