package graphfake

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Fault breaks requests. It is chosen by method, path and mailbox, as often as
// Count and as likely as Probability say; whether a request is hit depends on
// the seed and on how often it was made, not on the order of others.
type Fault struct {
	Method      string         // empty: any
	Path        *regexp.Regexp // nil: any
	Mailbox     string         // id or address as it stands in the path; empty: any
	Count       int            // 0: without end
	Probability float64        // 0: always
	Break       Break

	hits int
}

// Break answers a request in the server's stead; next is what would have
// answered.
type Break func(w http.ResponseWriter, r *http.Request, next http.Handler)

// Inject adds a fault; of several that fit the first one breaks.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal removes all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault is the one that breaks r; the caller holds mu.
func (s *Server) fault(r *http.Request) *Fault {
	key := r.Method + " " + r.URL.RequestURI()
	s.asked[key]++
	for i, f := range s.faults {
		chance := binary.LittleEndian.Uint64(s.hash(fmt.Sprint(i, key, s.asked[key])))
		switch {
		case f.Method != "" && f.Method != r.Method,
			f.Path != nil && !f.Path.MatchString(r.URL.Path),
			f.Mailbox != "" && !strings.Contains(strings.ToLower(r.URL.Path), "/users/"+strings.ToLower(f.Mailbox)+"/"),
			f.Count > 0 && f.hits >= f.Count,
			f.Probability > 0 && float64(chance>>11)/(1<<53) >= f.Probability:
			continue
		}
		f.hits++
		return f
	}
	return nil
}

func (f *Fault) serve(w http.ResponseWriter, r *http.Request, next http.Handler) { f.Break(w, r, next) }

// Throttle is group 1: 429, with Retry-After as given (seconds or a date); empty:
// without.
func Throttle(retryAfter string) Break {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		writeError(w, http.StatusTooManyRequests, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.")
	}
}

// Busy is group 2: 500, 503 or 504 with a body of HTML.
func Busy(status int) Break {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		fmt.Fprint(w, "<html><body>Service unavailable</body></html>")
	}
}

// Gone is group 3: 410. LostSync is the other way to say it.
func Gone() Break { return Answer(http.StatusGone, "syncStateNotFound") }

// LostSync is group 3: 400 with syncStateNotFound.
func LostSync() Break { return Answer(http.StatusBadRequest, "syncStateNotFound") }

// Answer is an error of Graph; among others 401 of group 4, 404 of groups 8 and
// 12, 403 and 409 of group 12.
func Answer(status int, code string) Break {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		writeError(w, status, code, "Broken on purpose.")
	}
}

// Challenge is group 4: a 401 of continuous access evaluation.
func Challenge() Break {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		claims := base64.StdEncoding.EncodeToString([]byte(`{"access_token":{"nbf":{"essential":true}}}`))
		w.Header().Set("WWW-Authenticate", `Bearer realm="", error="insufficient_claims", claims="`+claims+`"`)
		writeError(w, http.StatusUnauthorized, "InvalidAuthenticationToken", "Continuous access evaluation resulted in challenge.")
	}
}

// RefuseToken is group 5: an error of the token endpoint, such as invalid_grant
// with 700082 or invalid_client with 7000222.
func RefuseToken(code string, number int) Break {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { tokenError(w, code, number) }
}

// Hang is groups 5 and 6: no answer until the client gives up.
func Hang() Break {
	return func(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() }
}

// Cut is group 6: the connection ends after so many bytes of the body.
func Cut(after int) Break {
	return rewrite(func(w http.ResponseWriter, _ *http.Request, body []byte) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body[:min(after, len(body))])
		if after < len(body) {
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler) // net/http's way to end a connection
		}
	})
}

// WrongLength is group 6: Content-Length promises more than comes.
func WrongLength(more int) Break {
	return rewrite(func(w http.ResponseWriter, _ *http.Request, body []byte) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)+more))
		_, _ = w.Write(body)
	})
}

// Drip is group 6: the body comes in pieces with waits between them.
func Drip(piece int, wait time.Duration) Break {
	return rewrite(func(w http.ResponseWriter, r *http.Request, body []byte) {
		ticker := time.NewTicker(wait)
		defer ticker.Stop()
		for ; len(body) > 0; body = body[min(piece, len(body)):] {
			_, _ = w.Write(body[:min(piece, len(body))])
			_ = http.NewResponseController(w).Flush()
			select {
			case <-ticker.C:
			case <-r.Context().Done():
				return
			}
		}
	})
}

// rewrite lets the server answer and gives the body to change, in front of the
// answer's status and headers.
func rewrite(change func(w http.ResponseWriter, r *http.Request, body []byte)) Break {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		if answer.Code != http.StatusOK {
			w.WriteHeader(answer.Code)
		}
		change(w, r, answer.Body.Bytes())
	}
}
