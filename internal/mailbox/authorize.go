package mailbox

import (
	"bytes"
	"io"
	"net/http"
)

// Authorize adds an account's token to requests, and where Graph refuses it, a
// new one, once. It stands above Transport, which keeps the token from other
// hosts.
type Authorize struct {
	Base   http.RoundTripper
	Tokens TokenSource
}

// RoundTrip sends r with the account's token.
func (a *Authorize) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := wholeBody(r)
	if err != nil {
		return nil, err
	}
	token, err := a.Tokens.Token(r.Context(), "")
	if err != nil {
		return nil, err
	}
	response, err := a.send(r, body, token)
	if err != nil || response.StatusCode != http.StatusUnauthorized {
		return response, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	_ = response.Body.Close()
	if token, err = a.Tokens.Token(r.Context(), token); err != nil {
		return nil, err
	}
	return a.send(r, body, token)
}

func (a *Authorize) send(r *http.Request, body []byte, token string) (*http.Response, error) {
	attempt := r.Clone(r.Context())
	if body != nil {
		attempt.Body, attempt.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	attempt.Header.Set("Authorization", "Bearer "+token)
	return a.Base.RoundTrip(attempt)
}
