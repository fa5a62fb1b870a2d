package activities

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/internal/testkit/graphfake"
)

// echo is where Microsoft's handshake is answered with status.
func echo(t *testing.T, status int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/plain")
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, r.URL.Query().Get("validationToken"))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestWhatGoesWrongWithASubscriptionLeavesTheFolderPolled(t *testing.T) {
	t.Parallel()
	post := regexp.MustCompile(`/subscriptions$`)
	for name, x := range map[string]struct {
		fault   graphfake.Fault
		answers int // of the handshake
		failure mailbox.Failure
		life    time.Duration
	}{
		"none":                        {graphfake.Fault{Path: regexp.MustCompile(`^$`)}, 200, "", subscriptionLife},
		"the longest life is refused": {graphfake.Fault{Method: "POST", Path: post, Count: 1, Break: graphfake.Answer(400, "InvalidRequest")}, 200, "", shortLife},
		"one of ours was lost":        {graphfake.Fault{Method: "POST", Path: post, Count: 1, Break: graphfake.Answer(409, "Conflict")}, 200, "", subscriptionLife},
		"it is forbidden":             {graphfake.Fault{Method: "POST", Path: post, Break: graphfake.Answer(403, "ErrorAccessDenied")}, 200, mailbox.NoAccess, 0},
		"our address does not answer": {graphfake.Fault{Path: regexp.MustCompile(`^$`)}, 500, mailbox.Refused, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newMailWorld(t)
			w.Mail.NotificationURL = echo(t, x.answers)
			w.graph.AddMailbox("u1", "u1@acme.test")
			w.graph.Inject(x.fault)
			m := w.watch(t, "u1@acme.test", nil)
			w.sweep(t.Context(), t)
			got := w.read(t, m.ID)
			if got.SubscribeFailure != string(x.failure) || got.Push(w.Now()) != (x.failure == "") || got.Failure != "" {
				t.Fatalf("push %v, %q; the folder's reading failed of %q", got.Push(w.Now()), got.SubscribeFailure, got.Failure)
			}
			every := pollEvery
			if x.failure == "" {
				every = pushPollEvery
				if life := got.SubscribedUntil.Sub(w.Now()); life > x.life || life < x.life-time.Minute {
					t.Errorf("it lives for %v", life)
				}
			}
			w.ahead.Add(int64(got.NextPollAt.Sub(w.Now())) + 1e6)
			w.sweep(t.Context(), t)
			if next := w.read(t, m.ID).NextPollAt.Sub(w.Now()); next > every || next < every*8/10 {
				t.Errorf("the folder is read again after %v", next)
			}
		})
	}
}

func TestASubscriptionIsRenewedInTimeAndMadeAgainWhereItIsGone(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t)
	w.Mail.NotificationURL = echo(t, 200)
	w.graph.AddMailbox("u1", "u1@acme.test")
	m := w.watch(t, "u1@acme.test", nil)
	w.sweep(t.Context(), t)
	first := w.read(t, m.ID)
	if left := first.SubscribedUntil.Sub(first.SubscribeAt); left < renewBefore {
		t.Fatalf("it is renewed %v before its end", left)
	}
	again := func() (id string, until time.Time) {
		if err := w.Store.WakeMailboxes(t.Context(), []string{m.ID}, true); err != nil {
			t.Fatal(err)
		}
		w.ahead.Add(int64(time.Minute))
		w.sweep(t.Context(), t)
		at := w.read(t, m.ID)
		if !at.Push(w.Now()) {
			t.Fatalf("no push: %s", at.SubscribeFailure)
		}
		return at.SubscriptionID, *at.SubscribedUntil
	}
	if id, until := again(); id != first.SubscriptionID || !until.After(*first.SubscribedUntil) {
		t.Errorf("%s, until %v", id, until)
	}
	w.graph.Inject(graphfake.Fault{Method: "PATCH", Path: regexp.MustCompile(`/subscriptions/`), Count: 1, Break: graphfake.Answer(404, "ResourceNotFound")})
	if id, _ := again(); id == first.SubscriptionID {
		t.Error("one that Microsoft no longer knows is kept")
	}
}

func TestASharedMailboxIsPolledAndAsksForNoSubscription(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t)
	w.Mail.NotificationURL = echo(t, 200)
	w.graph.AddMailbox("shared", "shared@acme.test")
	w.graph.Share("shared")
	m := w.watch(t, "shared@acme.test", nil)
	w.graph.Deliver("shared", "inbox", graphfake.Mail{From: "a@b.test", Attachments: []graphfake.Attachment{{Name: "a.pdf", Content: graphfake.PDF(1)}}})
	w.sweep(t.Context(), t)
	if got := w.read(t, m.ID); got.Push(w.Now()) || got.SubscribeFailure != "" || got.Failure != "" {
		t.Errorf("push %v, %q, %q", got.Push(w.Now()), got.SubscribeFailure, got.Failure)
	}
	for _, r := range w.graph.Requests() {
		if r.Method == http.MethodPost {
			t.Errorf("asked for %s", r.Path)
		}
	}
	if _, total := w.extractions(t); total != 1 {
		t.Errorf("%d extractions", total)
	}
}

func TestAClockThatDiffersFromMicrosoftsHoldsNothingUp(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
		w := newMailWorld(t)
		w.Mail.NotificationURL = echo(t, 200)
		w.graph.SetSkew(skew)
		w.graph.AddMailbox("u1", "u1@acme.test")
		m := w.watch(t, "u1@acme.test", nil)
		w.graph.Deliver("u1", "inbox", graphfake.Mail{From: "a@b.test", Attachments: []graphfake.Attachment{{Name: "a.pdf", Content: graphfake.PDF(1)}}})
		w.sweep(t.Context(), t)
		got := w.read(t, m.ID)
		if _, total := w.extractions(t); total != 1 || !got.Push(w.Now()) || got.SubscribedUntil.Sub(w.Now()) < subscriptionLife-time.Minute {
			t.Errorf("%v: %d extractions, push %v (%s) until %v", skew, total, got.Push(w.Now()), got.SubscribeFailure, got.SubscribedUntil)
		}
	}
}
