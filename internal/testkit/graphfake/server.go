// Package graphfake is Microsoft Graph for mail, and Entra's token endpoint, as
// strict as the real ones: what Graph refuses, it refuses. It breaks on
// purpose: see Fault, and the methods that expire, move, delete and notify.
// Everything it makes up follows from its seed.
package graphfake

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// MaxInFlight is how many requests of a mailbox are served at once.
const MaxInFlight = 4

// Options set a server up.
type Options struct {
	Seed uint64
	TLS  bool
	// RealHosts serves Graph and Entra over TLS under Microsoft's own names, which
	// the links then have; Transport leads there.
	RealHosts bool
	// Now is the server's clock; nil: the machine's.
	Now func() time.Time
	// Latency is how long a request of a mailbox takes at least.
	Latency time.Duration
	// TokenLife is how long an access token lasts; 0: an hour.
	TokenLife time.Duration
	// ClientID and Secret are the registered application's; empty ones are
	// "client" and "secret".
	ClientID, Secret string
	// Listener is where the server listens; nil: at a free port.
	Listener net.Listener
}

// Request is one that the server was asked.
type Request struct {
	Method, Path, Query string
	Prefer              []string
	Status              int // answered
}

// Server plays Graph and Entra.
type Server struct {
	URL  string // of both; Graph is at URL + "/v1.0"
	HTTP *httptest.Server

	options Options
	mu      sync.Mutex
	made    int // names made so far
	skew    time.Duration
	boxes   map[string]*mailbox // by id and by address, in lower case
	rounds  map[string]*round   // by delta token
	faults  []*Fault
	asked   map[string]int // how often, by method and path
	log     []Request
	flight  map[string]int
	most    map[string]int
	hook    func(point string)

	tokens        tokens
	subscriptions map[string]*subscription
	queue         []notification
}

// New starts a server; Close ends it.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TokenLife == 0 {
		o.TokenLife = time.Hour
	}
	if o.ClientID == "" {
		o.ClientID, o.Secret = "client", "secret"
	}
	s := &Server{
		options: o, boxes: map[string]*mailbox{}, rounds: map[string]*round{}, asked: map[string]int{},
		flight: map[string]int{}, most: map[string]int{}, subscriptions: map[string]*subscription{},
		tokens: newTokens(),
	}
	s.HTTP = httptest.NewUnstartedServer(s.breaking(s.routes()))
	if o.Listener != nil {
		_ = s.HTTP.Listener.Close()
		s.HTTP.Listener = o.Listener
	}
	s.start()
	return s
}

func (s *Server) start() {
	var err error
	if s.options.RealHosts {
		// Certificates are checked against the machine's clock. Without one the server
		// is plain, and no client that wants TLS gets through.
		s.HTTP.TLS, err = certify(time.Now())
	}
	if s.options.TLS || (s.options.RealHosts && err == nil) {
		s.HTTP.StartTLS()
	} else {
		s.HTTP.Start()
	}
	if s.URL = s.HTTP.URL; s.options.RealHosts {
		s.URL = "https://" + GraphHost
	}
}

// routes keeps Graph and Entra apart, whose patterns would overlap: a tenant's
// name is the first part of Entra's paths.
func (s *Server) routes() http.Handler {
	graph, fake, entra := s.graph(), s.admin(), s.entra()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/v1.0/"):
			graph.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/fake/"):
			fake.ServeHTTP(w, r)
		default:
			entra.ServeHTTP(w, r)
		}
	})
}

// Close ends the server, requests that hang on purpose included.
func (s *Server) Close() {
	s.HTTP.CloseClientConnections()
	s.HTTP.Close()
}

// Requests are those that were answered so far, in order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Most is how many requests of a mailbox were in flight at once, refused ones
// included.
func (s *Server) Most(mailbox string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.boxes[strings.ToLower(mailbox)]; b != nil {
		return s.most[b.id]
	}
	return 0
}

// SetSkew makes the server's clock run ahead of the machine's, or behind (group
// 16).
func (s *Server) SetSkew(skew time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skew = skew
}

// Reseed lets what is made from now on follow from another seed. A server that is
// started again for the same client must not give the names of its last mail to
// other mail: the client would know it.
func (s *Server) Reseed(seed uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.options.Seed = seed
}

// Hook is called before and after each request ("before GET /…", "after GET
// /…"), from the request's goroutine: a test kills its worker there (group 17).
func (s *Server) Hook(hook func(point string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
}

// now is the server's time; the caller holds mu.
func (s *Server) now() time.Time { return s.options.Now().UTC().Add(s.skew) }

// name makes a name that no other has, the same for the same seed and order;
// the caller holds mu. Case counts, as it does in Exchange's ids.
func (s *Server) name(kind string) string {
	s.made++
	return kind + hex.EncodeToString(s.hash(fmt.Sprint(kind, s.made))[:8]) + "=="
}

func (s *Server) hash(text string) []byte {
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64([]byte(text), s.options.Seed))
	return sum[:]
}

// breaking is what stands before every route: the log, the hook, the faults.
func (s *Server) breaking(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		hook := s.hook
		fault := s.fault(r)
		w.Header().Set("Date", s.now().Format(http.TimeFormat))
		w.Header().Set("request-id", strings.TrimSuffix(s.name("r"), "=="))
		s.mu.Unlock()
		if hook != nil {
			hook("before " + r.Method + " " + r.URL.Path)
			defer hook("after " + r.Method + " " + r.URL.Path)
		}
		answer := &recorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.log = append(s.log, Request{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Values("Prefer"), answer.status})
		}()
		if fault == nil {
			next.ServeHTTP(answer, r)
			return
		}
		fault.serve(answer, r, next)
	})
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
