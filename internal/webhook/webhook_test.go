package webhook

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"decoded.digital/extractor/internal/outbound"
	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

const deliveryID = "507f1f77bcf86cd799439011"

// setup is a sender and a webhook that calls handler.
func setup(t *testing.T, allowPrivate bool, handler http.HandlerFunc) (*Sender, *models.Webhook, string) {
	t.Helper()
	keys, err := secret.NewKeys(bytes.Repeat([]byte{7}, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a server sees that its client left once it has read what that sent
		r.Body = io.NopCloser(bytes.NewReader(body))
		handler(w, r)
	}))
	t.Cleanup(receiver.Close)
	key := secret.NewWebhookSecret()
	hook := &models.Webhook{ID: "hook", URL: receiver.URL, Secret: keys.Seal([]byte(key), "hook")}
	return &Sender{Client: outbound.NewClient(outbound.Policy{AllowPrivate: allowPrivate}), Keys: keys, Now: time.Now}, hook, key
}

func TestReceiverCanVerifyTheCall(t *testing.T) {
	t.Parallel()
	bodies, headers := make(chan []byte, 1), make(chan http.Header, 1)
	sender, hook, key := setup(t, true, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- body
		headers <- r.Header
	})
	result, err := sender.Send(t.Context(), hook, deliveryID, []byte(`{"type":"extraction.completed"}`))
	if err != nil || !result.Delivered() || result.StatusCode != http.StatusOK {
		t.Fatalf("got %+v, %v", result, err)
	}
	verifier, err := standardwebhooks.NewWebhook(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.Verify(<-bodies, <-headers); err != nil {
		t.Errorf("the standard's library refuses the call: %v", err)
	}
}

func TestBothSecretsSignWhileOneIsRotated(t *testing.T) {
	t.Parallel()
	bodies, headers := make(chan []byte, 2), make(chan http.Header, 2)
	sender, hook, key := setup(t, true, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- body
		headers <- r.Header
	})
	fresh := secret.NewWebhookSecret()
	if err := hook.Rotate(sender.Keys.Seal([]byte(fresh), hook.ID), sender.Now()); err != nil {
		t.Fatal(err)
	}
	verified := func(key string, body []byte, header http.Header) bool {
		verifier, err := standardwebhooks.NewWebhook(key)
		return err == nil && verifier.VerifyIgnoringTimestamp(body, header) == nil
	}
	for _, oldSigns := range []bool{true, false} {
		if _, err := sender.Send(t.Context(), hook, deliveryID, []byte("{}")); err != nil {
			t.Fatal(err)
		}
		body, header := <-bodies, <-headers
		if !verified(fresh, body, header) || verified(key, body, header) != oldSigns {
			t.Errorf("signed by %s; the old secret is to sign: %v", header.Get("webhook-signature"), oldSigns)
		}
		sender.Now = func() time.Time { return time.Now().Add(models.SecretOverlap) }
	}
}

func TestAnswersAreJudged(t *testing.T) {
	t.Parallel()
	inAnHour := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for name, tc := range map[string]struct {
		status     int
		retryAfter string
		want       Result
	}{
		"ok":             {http.StatusOK, "", Result{StatusCode: 200, Answer: "hello"}},
		"no content":     {http.StatusNoContent, "", Result{StatusCode: 204}},
		"accepted":       {http.StatusAccepted, "7", Result{StatusCode: 202, Answer: "hello"}},
		"redirect":       {http.StatusMovedPermanently, "", Result{StatusCode: 301, Error: "the receiver answered 301"}},
		"kept method":    {http.StatusTemporaryRedirect, "", Result{StatusCode: 307, Error: "the receiver answered 307"}},
		"gone":           {http.StatusGone, "", Result{StatusCode: 410, Error: "the receiver answered 410", Answer: "hello", Gone: true}},
		"bad request":    {http.StatusBadRequest, "", Result{StatusCode: 400, Error: "the receiver answered 400", Answer: "hello"}},
		"unavailable":    {http.StatusServiceUnavailable, "7", Result{StatusCode: 503, Error: "the receiver answered 503", Answer: "hello", RetryAfter: 7 * time.Second}},
		"in an hour":     {http.StatusTooManyRequests, inAnHour, Result{StatusCode: 429, Error: "the receiver answered 429", Answer: "hello", RetryAfter: time.Hour}},
		"in the past":    {http.StatusTooManyRequests, "Sun, 06 Nov 1994 08:49:37 GMT", Result{StatusCode: 429, Error: "the receiver answered 429", Answer: "hello"}},
		"retry nonsense": {http.StatusTooManyRequests, "soon", Result{StatusCode: 429, Error: "the receiver answered 429", Answer: "hello"}},
		"retry negative": {http.StatusTooManyRequests, "-5", Result{StatusCode: 429, Error: "the receiver answered 429", Answer: "hello"}},
		"retry huge":     {http.StatusTooManyRequests, "99999999999999999999", Result{StatusCode: 429, Error: "the receiver answered 429", Answer: "hello"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sender, hook, _ := setup(t, true, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "http://169.254.169.254/")
				w.Header().Set("Retry-After", tc.retryAfter)
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte("hello"))
			})
			got, err := sender.Send(t.Context(), hook, deliveryID, []byte("{}"))
			got.Duration = 0
			got.RetryAfter = got.RetryAfter.Round(time.Minute / 2)
			tc.want.RetryAfter = tc.want.RetryAfter.Round(time.Minute / 2)
			if err != nil || got != tc.want {
				t.Errorf("got %+v, %v; want %+v", got, err, tc.want)
			}
		})
	}
}

func TestABadReceiverIsAFailureInWords(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		receive http.HandlerFunc
		want    string
	}{
		"hangs": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "did not answer in time"},
		"drips": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte("x"))
				_ = http.NewResponseController(w).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		}, "did not end its answer in time"},
		"resets": {func(w http.ResponseWriter, _ *http.Request) {
			connection, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = connection.(*net.TCPConn).SetLinger(0)
				_ = connection.Close()
			}
		}, "could not be reached"},
		"huge headers": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Large", strings.Repeat("x", 20<<10))
		}, "could not be reached"},
		"no HTTP": {func(w http.ResponseWriter, _ *http.Request) {
			connection, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = connection.Write([]byte("220 mail.test ESMTP\r\n"))
				_ = connection.Close()
			}
		}, "could not be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sender, hook, _ := setup(t, true, tc.receive)
			sender.Client.Timeout = 2 * time.Second
			got, err := sender.Send(t.Context(), hook, deliveryID, []byte("{}"))
			if err != nil || !strings.Contains(got.Error, tc.want) || got.Final || strings.Contains(got.Error, "127.0.0.1") {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestOfALargeAnswerTheBeginningIsKeptAsText(t *testing.T) {
	t.Parallel()
	sender, hook, _ := setup(t, true, func(w http.ResponseWriter, _ *http.Request) {
		for range 10 {
			if _, err := w.Write(bytes.Repeat([]byte("a\x00\xff"), 350_000)); err != nil {
				return // 10 MB are not read
			}
		}
	})
	got, err := sender.Send(t.Context(), hook, deliveryID, []byte("{}"))
	if err != nil || !got.Delivered() || !strings.HasPrefix(got.Answer, "a\uFFFD") || strings.ContainsRune(got.Answer, 0) || !utf8.ValidString(got.Answer) {
		t.Errorf("got %+v, %v", got, err)
	}
	if runes := utf8.RuneCountInString(got.Answer); runes > models.MaxAnswer {
		t.Errorf("%d characters are kept", runes)
	}
}

func TestACertificateMustBeValid(t *testing.T) {
	t.Parallel()
	sender, hook, _ := setup(t, true, nil)
	receiver := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was called") }))
	receiver.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(receiver.Close)
	hook.URL = receiver.URL
	got, err := sender.Send(t.Context(), hook, deliveryID, []byte("{}"))
	if err != nil || got.Error != "the receiver's certificate is not valid" || got.Final {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNoCookieIsKept(t *testing.T) {
	t.Parallel()
	sender, hook, _ := setup(t, true, func(w http.ResponseWriter, r *http.Request) {
		if len(r.Cookies()) > 0 || r.Header.Get("Authorization") != "" {
			t.Errorf("the call has %v", r.Header)
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "x"})
	})
	for range 2 {
		if got, err := sender.Send(t.Context(), hook, deliveryID, []byte("{}")); err != nil || !got.Delivered() {
			t.Errorf("got %+v, %v", got, err)
		}
	}
}

func TestPrivateAddressIsNotCalled(t *testing.T) {
	t.Parallel()
	sender, hook, _ := setup(t, false, func(http.ResponseWriter, *http.Request) {
		t.Error("the guarded client called a private address")
	})
	result, err := sender.Send(t.Context(), hook, deliveryID, []byte("{}"))
	if err != nil || result.Delivered() || result.StatusCode != 0 || !result.Final || result.Answer != "" {
		t.Errorf("got %+v, %v", result, err)
	}
}
