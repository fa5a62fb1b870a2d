// Package webhook renders and signs the calls to host applications and makes
// one attempt at a time; when to try again is the delivery workflow's to say.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

// Payload is the body of a call (Standard Webhooks 1.0.0, "Payload structure").
func Payload(event models.EventType, at time.Time, data any) ([]byte, error) {
	return json.Marshal(struct {
		Type      models.EventType `json:"type"`
		Timestamp string           `json:"timestamp"`
		Data      any              `json:"data"`
	}{event, models.FormatTime(at), data})
}

// Sender makes delivery attempts.
type Sender struct {
	Client *http.Client // outbound.NewClient's
	Keys   *secret.Keys // opens the webhooks' secrets
	Now    func() time.Time
}

// Result is what came of one attempt.
type Result struct {
	StatusCode int    // 0: no answer
	Error      string // empty: delivered
	Duration   time.Duration
	// Final says that trying again can't help: the receiver is gone (410) or
	// refuses this very body (400).
	Final bool
	// RetryAfter is the receiver's wish, 0 without one.
	RetryAfter time.Duration
}

// Delivered says whether the receiver took the call.
func (r Result) Delivered() bool { return r.Error == "" }

// Send makes one attempt at posting payload. A receiver that fails is a
// Result; the error is for what is wrong on our side.
func (s *Sender) Send(ctx context.Context, hook *models.Webhook, deliveryID string, payload []byte) (Result, error) {
	key, err := s.Keys.Open(hook.Secret, hook.ID)
	if err != nil {
		return Result{}, fmt.Errorf("open the webhook's secret: %w", err)
	}
	begun := s.Now()
	signature, err := secret.SignWebhook(string(key), deliveryID, begun, payload)
	if err != nil {
		return Result{}, fmt.Errorf("sign: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(payload))
	if err != nil {
		return Result{Error: "the address is not valid", Final: true}, nil
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Extractor-Webhooks/1")
	request.Header.Set("webhook-id", deliveryID)
	request.Header.Set("webhook-timestamp", strconv.FormatInt(begun.Unix(), 10))
	request.Header.Set("webhook-signature", signature)
	response, err := s.Client.Do(request)
	if err != nil {
		return Result{Error: noAnswer(err), Duration: s.Now().Sub(begun)}, nil
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 4<<10)) // lets the receiver finish its answer
	return s.judge(response, s.Now().Sub(begun)), nil
}

func (s *Sender) judge(response *http.Response, took time.Duration) Result {
	result := Result{StatusCode: response.StatusCode, Duration: took}
	if response.StatusCode >= 200 && response.StatusCode < 300 {
		return result
	}
	result.Error = fmt.Sprintf("the receiver answered %d", response.StatusCode)
	result.Final = response.StatusCode == http.StatusGone || response.StatusCode == http.StatusBadRequest
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		result.RetryAfter = time.Duration(seconds) * time.Second
	}
	return result
}

// noAnswer is why there is none, without the address: it may hold a secret.
func noAnswer(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "the receiver did not answer in time"
	}
	return "the receiver could not be reached"
}
