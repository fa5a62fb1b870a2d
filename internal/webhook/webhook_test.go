package webhook

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

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
	receiver := httptest.NewServer(handler)
	t.Cleanup(receiver.Close)
	key := secret.NewWebhookSecret()
	hook := &models.Webhook{ID: "hook", URL: receiver.URL, Secret: keys.Seal([]byte(key), "hook")}
	return &Sender{Client: outbound.NewClient(allowPrivate), Keys: keys, Now: time.Now}, hook, key
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

func TestAnswersAreJudged(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status     int
		retryAfter string
		want       Result
	}{
		"accepted":       {http.StatusAccepted, "", Result{StatusCode: 202}},
		"redirect":       {http.StatusFound, "", Result{StatusCode: 302, Error: "the receiver answered 302"}},
		"gone":           {http.StatusGone, "", Result{StatusCode: 410, Error: "the receiver answered 410", Final: true}},
		"bad request":    {http.StatusBadRequest, "", Result{StatusCode: 400, Error: "the receiver answered 400", Final: true}},
		"unavailable":    {http.StatusServiceUnavailable, "7", Result{StatusCode: 503, Error: "the receiver answered 503", RetryAfter: 7 * time.Second}},
		"retry nonsense": {http.StatusTooManyRequests, "soon", Result{StatusCode: 429, Error: "the receiver answered 429"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sender, hook, _ := setup(t, true, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "http://169.254.169.254/")
				w.Header().Set("Retry-After", tc.retryAfter)
				w.WriteHeader(tc.status)
			})
			got, err := sender.Send(t.Context(), hook, deliveryID, []byte("{}"))
			got.Duration = 0
			if err != nil || got != tc.want {
				t.Errorf("got %+v, %v; want %+v", got, err, tc.want)
			}
		})
	}
}

func TestPrivateAddressIsNotCalled(t *testing.T) {
	t.Parallel()
	sender, hook, _ := setup(t, false, func(http.ResponseWriter, *http.Request) {
		t.Error("the guarded client called a private address")
	})
	result, err := sender.Send(t.Context(), hook, deliveryID, []byte("{}"))
	if err != nil || result.Delivered() || result.StatusCode != 0 {
		t.Errorf("got %+v, %v", result, err)
	}
}
