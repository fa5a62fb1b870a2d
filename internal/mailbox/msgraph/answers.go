package msgraph

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"decoded.digital/extractor/internal/mailbox"
)

type resourceKey struct{}

// of says what a request is for, which decides what its 404 means.
func of(ctx context.Context, r mailbox.Resource) context.Context {
	return context.WithValue(ctx, resourceKey{}, r)
}

// answers turns every answer that is none of success into a *mailbox.Error. The
// SDK would do so for JSON alone, and lose the status of an answer in HTML.
type answers struct {
	base http.RoundTripper
	now  func() time.Time
}

// RoundTrip sends r.
func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := a.base.RoundTrip(r)
	if err != nil || response.StatusCode < http.StatusMultipleChoices {
		return response, err
	}
	defer response.Body.Close()
	var body struct{ Error struct{ Code string } }
	_ = json.NewDecoder(io.LimitReader(response.Body, 64<<10)).Decode(&body) // a gateway's answer is HTML
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))        // else the connection is lost
	resource, _ := r.Context().Value(resourceKey{}).(mailbox.Resource)
	return nil, mailbox.Answered(resource, response.StatusCode, body.Error.Code, response.Header, a.now())
}
