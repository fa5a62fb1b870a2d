// Package webhook renders and signs the calls to host applications and makes
// one attempt at a time; when to try again is the delivery workflow's to say.
package webhook

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"decoded.digital/extractor/internal/outbound"
	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

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
	// Answer is the first models.MaxAnswer bytes of the answer's body, as text.
	// Of a redirect, and of an address that may not be called, none is kept: it
	// would be a way to read what this network can reach.
	Answer   string
	Duration time.Duration
	// Final says that trying again can't help: the address may not be called.
	Final bool
	// Gone says that the receiver wants no more calls at all (410).
	Gone bool
	// RetryAfter is the receiver's wish, 0 without one.
	RetryAfter time.Duration
}

// Delivered says whether the receiver took the call.
func (r Result) Delivered() bool { return r.Error == "" }

// Send makes one attempt at posting payload. A receiver that fails is a
// Result; the error is for what is wrong on our side.
func (s *Sender) Send(ctx context.Context, hook *models.Webhook, deliveryID string, payload []byte) (Result, error) {
	begun := s.Now()
	signatures, err := s.sign(hook, deliveryID, begun, payload)
	if err != nil {
		return Result{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(payload))
	if err != nil {
		return Result{Error: "the address is not valid", Final: true}, nil
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Extractor-Webhooks/1")
	request.Header.Set("webhook-id", deliveryID)
	request.Header.Set("webhook-timestamp", strconv.FormatInt(begun.Unix(), 10))
	request.Header.Set("webhook-signature", signatures)
	response, err := s.Client.Do(request)
	if err != nil {
		return Result{Error: noAnswer(err), Final: outbound.Blocked(err), Duration: s.Now().Sub(begun)}, nil
	}
	defer response.Body.Close()
	return s.judge(response, begun), nil
}

// sign is the webhook-signature header: one by each secret that is in use, the
// newest first.
func (s *Sender) sign(hook *models.Webhook, deliveryID string, at time.Time, payload []byte) (string, error) {
	secrets := [][]byte{hook.Secret}
	for _, old := range hook.OldSecrets {
		if old.Until.After(at) {
			secrets = append(secrets, old.Secret)
		}
	}
	signatures := make([]string, len(secrets))
	for i, sealed := range secrets {
		key, err := s.Keys.Open(sealed, hook.ID)
		if err != nil {
			return "", fmt.Errorf("open the webhook's secret: %w", err)
		}
		if signatures[i], err = secret.SignWebhook(string(key), deliveryID, at, payload); err != nil {
			return "", fmt.Errorf("sign: %w", err)
		}
	}
	return strings.Join(signatures, " "), nil
}

// judge reads the beginning of the answer and says what it means. An answer that
// does not end in time is none: who drips one is as bad as who hangs.
func (s *Sender) judge(response *http.Response, begun time.Time) Result {
	body, err := io.ReadAll(io.LimitReader(response.Body, models.MaxAnswer))
	now := s.Now()
	result := Result{StatusCode: response.StatusCode, Duration: now.Sub(begun)}
	if response.StatusCode < 300 || response.StatusCode > 399 {
		result.Answer = readable(body)
	}
	switch {
	case err != nil:
		result.Error = "the receiver's answer broke off"
		if isTimeout(err) {
			result.Error = "the receiver did not end its answer in time"
		}
	case response.StatusCode < 200 || response.StatusCode > 299:
		result.Error = fmt.Sprintf("the receiver answered %d", response.StatusCode)
		result.Gone = response.StatusCode == http.StatusGone
		result.RetryAfter = retryAfter(response.Header.Get("Retry-After"), now)
	}
	return result
}

// retryAfter reads the header's seconds or date (RFC 9110, section 10.2.3); what
// is neither, or over, is no wish.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// readable is text as the database takes it: valid UTF-8 without NUL.
func readable(body []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(body), "\uFFFD"), "\x00", "\uFFFD")
}

// noAnswer is why there is none, without the address: it may hold a secret.
func noAnswer(err error) string {
	var unknown x509.UnknownAuthorityError
	var wrongName x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case outbound.Blocked(err):
		return "the address is not one that webhooks may call: it must be public, https, and on port 443 or 8443"
	case isTimeout(err):
		return "the receiver did not answer in time"
	case errors.As(err, &unknown), errors.As(err, &wrongName), errors.As(err, &invalid):
		return "the receiver's certificate is not valid"
	}
	return "the receiver could not be reached"
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || (ok && timeout.Timeout())
}
