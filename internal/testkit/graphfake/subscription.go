package graphfake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// TenantID is the one that notifications name.
const TenantID = "84bd8158-6d4d-4958-8b9f-9d6445542f95"

const (
	stamp       = "2006-01-02T15:04:05.0000000Z"
	maxLife     = 10_080 * time.Minute
	minLife     = 45 * time.Minute
	maxPerPost  = 1000
	stateLength = 128
)

type subscription struct {
	ID           string `json:"id"`
	Resource     string `json:"resource"`
	ChangeType   string `json:"changeType"`
	URL          string `json:"notificationUrl"`
	LifecycleURL string `json:"lifecycleNotificationUrl,omitempty"`
	Expires      string `json:"expirationDateTime"`
	ClientState  string `json:"clientState,omitempty"`
	TLSVersion   string `json:"latestSupportedTlsVersion,omitempty"`
	Type         string `json:"@odata.type,omitempty"`

	box     string
	folder  string
	expires time.Time
}

// shown is as answers have it: the secret is not among it.
func (s subscription) shown() subscription {
	s.ClientState, s.Expires = "", s.expires.Format(stamp)
	return s
}

func (s *Server) createSubscription(w http.ResponseWriter, c *call) {
	var want subscription
	if !decode(w, c, &want) {
		return
	}
	if reason := s.refuses(&want); reason != "" {
		status, name := http.StatusBadRequest, "InvalidRequest"
		if reason == errShared {
			status, name = http.StatusForbidden, "ExtensionError"
		}
		writeError(w, status, name, reason)
		return
	}
	for _, to := range []string{want.URL, want.LifecycleURL} {
		if to == "" {
			continue
		}
		if err := s.validate(c.Context(), to); err != nil {
			writeError(w, http.StatusBadRequest, "ValidationError", "Subscription validation request failed: "+err.Error())
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.subscriptions {
		if other.box == want.box && other.folder == want.folder && other.URL == want.URL && other.expires.After(s.now()) {
			writeError(w, http.StatusConflict, "ExtensionError", "A subscription for this resource exists already.")
			return
		}
	}
	want.ID = strings.TrimSuffix(s.name("sub-"), "==")
	s.subscriptions[want.ID] = &want
	writeJSON(w, http.StatusCreated, want.shown())
}

const errShared = "Subscriptions are not supported with Mail.Read.Shared."

func (s *Server) refuses(want *subscription) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	match := regexp.MustCompile(`^/?users/([^/]+)/mailFolders(?:/|\(')([^/']+)(?:'\))?/messages$`).FindStringSubmatch(want.Resource)
	if match == nil || s.box(match[1]) == nil {
		return "The resource is not supported."
	}
	b := s.box(match[1])
	f := b.folder(match[2])
	switch {
	case f == nil:
		return "The folder does not exist."
	case b.shared:
		return errShared
	case want.URL == "" || want.ChangeType == "" || want.ID != "":
		return "notificationUrl and changeType are required, and id is not for the client to choose."
	case len(want.ClientState) > stateLength:
		return "clientState is longer than 128 characters."
	}
	for kind := range strings.SplitSeq(want.ChangeType, ",") {
		if !slices.Contains([]string{"created", "updated", "deleted"}, kind) {
			return "changeType is not valid."
		}
	}
	want.box, want.folder = b.id, f.id
	return s.until(want, want.Expires)
}

// until sets a subscription's end, within what Graph allows.
func (s *Server) until(sub *subscription, text string) string {
	expires, err := time.Parse(time.RFC3339, text)
	now := s.now()
	switch {
	case err != nil || expires.Before(now):
		return "expirationDateTime is not valid."
	case expires.Sub(now) > maxLife:
		return "Subscription expiration can only be 10080 minutes in the future."
	}
	sub.expires = expires.UTC()
	if earliest := now.Add(minLife); sub.expires.Before(earliest) {
		sub.expires = earliest
	}
	return ""
}

// validate is the handshake: the receiver echoes a token as plain text.
func (s *Server) validate(ctx context.Context, to string) error {
	const token = "Validation: Testing client application reachability for subscription Request-Id: <b>&+ %"
	u, err := url.Parse(to)
	if err != nil {
		return err
	}
	q := u.Query()
	q.Set("validationToken", token)
	u.RawQuery = q.Encode()
	status, kind, body, err := s.post(ctx, u.String(), "text/plain; charset=utf-8", nil)
	switch {
	case err != nil:
		return err
	case status != http.StatusOK || !strings.HasPrefix(kind, "text/plain") || body != token:
		return fmt.Errorf("answered %d, %q", status, kind)
	}
	return nil
}

// post calls a receiver, who has 10 seconds.
func (s *Server) post(ctx context.Context, to, kind string, body []byte) (status int, answered, text string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, "", "", err
	}
	r.Header.Set("Content-Type", kind)
	response, err := s.HTTP.Client().Do(r)
	if err != nil {
		return 0, "", "", err
	}
	defer response.Body.Close()
	whole, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	return response.StatusCode, response.Header.Get("Content-Type"), string(whole), err
}

// live is the subscription that c names, if it has not expired; the caller
// holds mu.
func (s *Server) live(w http.ResponseWriter, c *call) *subscription {
	sub := s.subscriptions[c.PathValue("id")]
	if sub == nil || !sub.expires.After(s.now()) {
		writeError(w, http.StatusNotFound, "ResourceNotFound", "The object was not found.")
		return nil
	}
	return sub
}

func (s *Server) getSubscription(w http.ResponseWriter, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sub := s.live(w, c); sub != nil {
		writeJSON(w, http.StatusOK, sub.shown())
	}
}

func (s *Server) listSubscriptions(w http.ResponseWriter, _ *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value := []subscription{}
	for _, id := range slices.Sorted(maps.Keys(s.subscriptions)) {
		if sub := s.subscriptions[id]; sub.expires.After(s.now()) {
			value = append(value, sub.shown())
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"value": value})
}

func (s *Server) renewSubscription(w http.ResponseWriter, c *call) {
	var body struct {
		Type    string `json:"@odata.type"`
		Expires string `json:"expirationDateTime"`
	}
	if !decode(w, c, &body) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.live(w, c)
	if sub == nil {
		return
	}
	if reason := s.until(sub, body.Expires); reason != "" {
		writeError(w, http.StatusBadRequest, "InvalidRequest", reason)
		return
	}
	writeJSON(w, http.StatusOK, sub.shown())
}

func (s *Server) deleteSubscription(w http.ResponseWriter, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sub := s.live(w, c); sub != nil {
		delete(s.subscriptions, sub.ID)
		w.WriteHeader(http.StatusNoContent)
	}
}

func (s *Server) reauthorizeSubscription(w http.ResponseWriter, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live(w, c) != nil {
		w.WriteHeader(http.StatusAccepted)
	}
}

// EndSubscription ends a subscription before its time (group 12).
func (s *Server) EndSubscription(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.subscriptions, id)
}

func marshal(value any) []byte {
	body, _ := json.Marshal(map[string]any{"value": value}) // maps of texts can't fail
	return body
}
