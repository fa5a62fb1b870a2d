package graphfake

import (
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// call is one request of Graph: who asks, for which mailbox.
type call struct {
	*http.Request
	box       *mailbox // nil: none
	immutable bool     // the client prefers immutable ids
	query     url.Values
}

type handler func(w http.ResponseWriter, c *call)

// graph routes what stands under /v1.0.
func (s *Server) graph() http.Handler {
	mux := http.NewServeMux()
	routes := map[string]struct {
		serve   handler
		options string // query options that it knows
	}{
		"GET /v1.0/users/{user}":                                                    {s.getUser, "$select"},
		"GET /v1.0/users/{user}/mailFolders":                                        {s.listFolders, "$select $top $skip includeHiddenFolders"},
		"GET /v1.0/users/{user}/mailFolders/{folder}":                               {s.getFolder, "$select"},
		"GET /v1.0/users/{user}/mailFolders/{folder}/childFolders":                  {s.listFolders, "$select $top $skip includeHiddenFolders"},
		"GET /v1.0/users/{user}/mailFolders/{folder}/messages":                      {s.listMessages, "$select $top $skip $orderby"},
		"GET /v1.0/users/{user}/messages/{message}":                                 {s.getMessage, "$select"},
		"PATCH /v1.0/users/{user}/messages/{message}":                               {s.patchMessage, ""},
		"POST /v1.0/users/{user}/messages/{message}/move":                           {s.moveMessage, ""},
		"GET /v1.0/users/{user}/messages/{message}/attachments":                     {s.listAttachments, "$select"},
		"GET /v1.0/users/{user}/messages/{message}/attachments/{attachment}":        {s.getAttachment, "$select $expand"},
		"GET /v1.0/users/{user}/messages/{message}/attachments/{attachment}/$value": {s.streamAttachment, ""},
		"GET /v1.0/subscriptions":                                                   {s.listSubscriptions, "$skiptoken"},
		"POST /v1.0/subscriptions":                                                  {s.createSubscription, ""},
		"GET /v1.0/subscriptions/{id}":                                              {s.getSubscription, ""},
		"PATCH /v1.0/subscriptions/{id}":                                            {s.renewSubscription, ""},
		"DELETE /v1.0/subscriptions/{id}":                                           {s.deleteSubscription, ""},
		"POST /v1.0/subscriptions/{id}/reauthorize":                                 {s.reauthorizeSubscription, ""},
	}
	for pattern, route := range routes {
		mux.Handle(pattern, s.called(route.options, route.serve))
	}
	for _, delta := range []string{"delta", "delta()", "microsoft.graph.delta()"} {
		options := "$select $top $expand $filter $orderby changeType $deltatoken $skiptoken"
		mux.Handle("GET /v1.0/users/{user}/mailFolders/{folder}/messages/"+delta, s.called(options, s.delta))
		mux.HandleFunc("GET /v1.0/users/{user}/messages/"+delta, func(w http.ResponseWriter, _ *http.Request) {
			writeError(w, http.StatusBadRequest, "ErrorInvalidRequest", "Change tracking is not supported against all messages.")
		})
	}
	mux.HandleFunc("/v1.0/", func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, http.StatusBadRequest, "BadRequest", "Resource not found for the segment.")
	})
	return s.me(mux)
}

// me turns /me into the token's user. Without a token it is nobody.
func (s *Server) me(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		user, ok := s.authorized(r)
		s.mu.Unlock()
		if !ok {
			w.Header().Set("WWW-Authenticate", `Bearer realm=""`)
			writeError(w, http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token is empty, unknown or expired.")
			return
		}
		if rest, mine := strings.CutPrefix(r.URL.Path, "/v1.0/me"); mine && (rest == "" || rest[0] == '/') {
			if user == "" {
				writeError(w, http.StatusBadRequest, "BadRequest", "/me request is only valid with delegated authentication flow.")
				return
			}
			r = r.Clone(r.Context())
			r.URL.Path, r.URL.RawPath = "/v1.0/users/"+user+rest, ""
		}
		next.ServeHTTP(w, r)
	})
}

// called checks what holds for every request, and counts a mailbox's in flight.
func (s *Server) called(options string, serve handler) http.Handler {
	known := strings.Fields(options)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{Request: r, query: r.URL.Query()}
		for name := range c.query {
			if !slices.Contains(known, name) {
				writeError(w, http.StatusBadRequest, "BadRequest", "Query option '"+name+"' is not allowed.")
				return
			}
		}
		for _, line := range r.Header.Values("Prefer") {
			c.immutable = c.immutable || strings.Contains(line, `IdType="ImmutableId"`)
		}
		if r.Header.Get("Content-Encoding") == "gzip" {
			plain, err := gzip.NewReader(r.Body)
			if err != nil {
				writeError(w, http.StatusBadRequest, "BadRequest", "The body is not gzip.")
				return
			}
			r.Body = plain
		}
		if user := r.PathValue("user"); user != "" {
			free, ok := s.enter(w, c, user)
			defer free()
			if !ok {
				return
			}
			time.Sleep(s.options.Latency)
		}
		serve(w, c)
	})
}

// enter finds the mailbox and takes one of its places.
func (s *Server) enter(w http.ResponseWriter, c *call, user string) (free func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.box = s.box(user); c.box == nil {
		writeError(w, http.StatusNotFound, "ErrorInvalidUser", "The requested user is invalid.")
		return func() {}, false
	}
	id := c.box.id
	s.flight[id]++
	s.most[id] = max(s.most[id], s.flight[id])
	free = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.flight[id]--
	}
	switch {
	case s.flight[id] > MaxInFlight:
		w.Header().Set("Retry-After", "1")
		writeError(w, http.StatusTooManyRequests, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.")
		return free, false
	case c.box.disabled:
		writeError(w, http.StatusNotFound, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or is hosted on-premise.")
		return free, false
	}
	return free, true
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;odata.metadata=minimal")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func writeError(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]any{"error": map[string]any{
		"code": code, "message": message,
		"innerError": map[string]any{"request-id": w.Header().Get("request-id"), "date": w.Header().Get("Date")},
	}})
}

// selected keeps of an object what $select asks for, and refuses what the type
// does not have.
func selected(w http.ResponseWriter, c *call, kind string, all map[string]any) (map[string]any, bool) {
	return pick(w, c.query.Get("$select"), kind, all)
}

func pick(w http.ResponseWriter, names, kind string, all map[string]any) (map[string]any, bool) {
	if names == "" {
		return all, true
	}
	kept := map[string]any{}
	for name, value := range all {
		if strings.HasPrefix(name, "@") || name == "id" {
			kept[name] = value
		}
	}
	for name := range strings.SplitSeq(names, ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains(strings.Fields(properties()[kind]), name) {
			writeError(w, http.StatusBadRequest, "BadRequest", "Could not find a property named '"+name+"' on type 'microsoft.graph."+kind+"'.")
			return nil, false
		}
		name = name[strings.LastIndex(name, "/")+1:]
		if value, ok := all[name]; ok {
			kept[name] = value
		}
	}
	return kept, true
}

// properties are those of Graph's types that can be selected.
func properties() map[string]string {
	return map[string]string{
		"user":       "id displayName mail userPrincipalName",
		"mailFolder": "id displayName parentFolderId childFolderCount totalItemCount unreadItemCount isHidden",
		"message": "id receivedDateTime sentDateTime hasAttachments internetMessageId subject bodyPreview importance parentFolderId conversationId " +
			"isRead isDraft webLink body sender from toRecipients ccRecipients bccRecipients replyTo categories createdDateTime lastModifiedDateTime changeKey",
		"attachment": "id name contentType size isInline lastModifiedDateTime microsoft.graph.fileAttachment/contentId",
	}
}

// forbiddenFilter says whether delta would refuse a filter: it knows one
// property and two comparisons.
func forbiddenFilter(filter string) bool {
	return filter != "" && !regexp.MustCompile(`^receivedDateTime (ge|gt) \S+$`).MatchString(filter)
}
