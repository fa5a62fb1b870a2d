package graphfake

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// tokens are what the server gave out.
type tokens struct {
	access  map[string]grant
	refresh map[string]string // user by token
	codes   map[string]code
}

type grant struct {
	user    string // empty: the application itself
	expires time.Time
}

type code struct{ user, challenge, redirect string }

func newTokens() tokens {
	return tokens{access: map[string]grant{}, refresh: map[string]string{}, codes: map[string]code{}}
}

// Token is an access token for a user; empty: for the application.
func (s *Server) Token(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.issue(user)
}

func (s *Server) issue(user string) string {
	token := s.name("at")
	s.tokens.access[token] = grant{user: user, expires: s.now().Add(s.options.TokenLife)}
	return token
}

// ExpireTokens ends all access tokens (group 4), and refresh tokens with revoke
// (group 5).
func (s *Server) ExpireTokens(revoke bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens.access)
	if revoke {
		clear(s.tokens.refresh)
	}
}

// authorized is whose token a request has; the caller holds mu.
func (s *Server) authorized(r *http.Request) (user string, ok bool) {
	token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	g, known := s.tokens.access[token]
	return g.user, found && known && s.now().Before(g.expires)
}

// entra serves what Entra serves.
func (s *Server) entra() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{tenant}/v2.0/.well-known/openid-configuration", discover)
	mux.HandleFunc("GET /{tenant}/oauth2/v2.0/authorize", s.authorize)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", s.token)
	mux.HandleFunc("GET /{tenant}/v2.0/adminconsent", s.adminConsent)
	return mux
}

// discover has an issuer on the request's own host, which MSAL checks.
func discover(w http.ResponseWriter, r *http.Request) {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	base := scheme + r.Host + "/" + r.PathValue("tenant")
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer": base + "/v2.0", "authorization_endpoint": base + "/oauth2/v2.0/authorize", "token_endpoint": base + "/oauth2/v2.0/token",
	})
}

// redirect goes back to the client with what it is told.
func redirect(w http.ResponseWriter, r *http.Request, answer url.Values) {
	to, err := url.Parse(r.URL.Query().Get("redirect_uri"))
	if err != nil || to.Host == "" {
		tokenError(w, "invalid_request", 50011)
		return
	}
	answer.Set("state", r.URL.Query().Get("state"))
	to.RawQuery = answer.Encode()
	http.Redirect(w, r, to.String(), http.StatusFound)
}

// authorize approves at once where login_hint names the user; "denied" and
// "consent" play who refuses, and who would need an administrator. Without a
// hint, a page asks.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	user := q.Get("login_hint")
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case q.Get("client_id") != s.options.ClientID || q.Get("response_type") != "code":
		tokenError(w, "invalid_request", 700016)
		return
	case user == "":
		s.signInPage(w, r)
		return
	case user == "denied":
		redirect(w, r, url.Values{"error": {"access_denied"}, "error_description": {"AADSTS65004: User declined to consent."}})
		return
	case user == "consent":
		redirect(w, r, url.Values{"error": {"consent_required"}, "error_description": {"AADSTS90094: Admin consent is required."}})
		return
	case s.box(user) == nil:
		redirect(w, r, url.Values{"error": {"login_required"}, "error_description": {"AADSTS50058: No such user."}})
		return
	case q.Get("code_challenge") == "" || q.Get("code_challenge_method") != "S256":
		redirect(w, r, url.Values{"error": {"invalid_request"}, "error_description": {"AADSTS9002325: PKCE is required."}})
		return
	}
	name := s.name("c")
	s.tokens.codes[name] = code{user: user, challenge: q.Get("code_challenge"), redirect: q.Get("redirect_uri")}
	redirect(w, r, url.Values{"code": {name}})
}

// adminConsent approves at once for a program; a browser gets a page that asks.
func (s *Server) adminConsent(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch {
	case q.Get("client_id") != s.options.ClientID:
		tokenError(w, "invalid_request", 700016)
		return
	case q.Get("answer") == "no":
		redirect(w, r, url.Values{"error": {"access_denied"}, "error_description": {"AADSTS65004: The administrator declined to consent."}})
		return
	case q.Get("answer") == "" && strings.Contains(r.Header.Get("Accept"), "text/html"):
		show(w, "approve", map[string]any{"Scope": q.Get("scope"), "Approve": choice(q, "answer", "yes"), "Denied": choice(q, "answer", "no")})
		return
	}
	redirect(w, r, url.Values{"admin_consent": {"True"}, "tenant": {TenantID}})
}

// token gives tokens: a code once and with its verifier, a refresh token with a
// new one in return, or the application's own.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if id != s.options.ClientID || secret != s.options.Secret {
		tokenError(w, "invalid_client", 7000215)
		return
	}
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		c, ok := s.tokens.codes[r.PostFormValue("code")]
		delete(s.tokens.codes, r.PostFormValue("code"))
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		switch {
		case !ok || c.redirect != r.PostFormValue("redirect_uri"):
			tokenError(w, "invalid_grant", 54005)
		case c.challenge != base64.RawURLEncoding.EncodeToString(sum[:]):
			tokenError(w, "invalid_grant", 501481)
		default:
			s.grant(w, r, c.user)
		}
	case "refresh_token":
		user, ok := s.tokens.refresh[r.PostFormValue("refresh_token")]
		if !ok {
			tokenError(w, "invalid_grant", 700082)
			return
		}
		s.grant(w, r, user)
	case "client_credentials":
		s.grant(w, r, "")
	default:
		tokenError(w, "unsupported_grant_type", 70003)
	}
}

// grant answers the scopes that were asked for: MSAL takes others for declined
// ones.
func (s *Server) grant(w http.ResponseWriter, r *http.Request, user string) {
	scope := cmp.Or(r.PostFormValue("scope"), "User.Read Mail.Read")
	body := map[string]any{
		"token_type": "Bearer", "scope": scope, "expires_in": int(s.options.TokenLife.Seconds()), "access_token": s.issue(user),
	}
	if user != "" {
		refresh := s.name("rt")
		s.tokens.refresh[refresh] = user // the old one stays good, as Entra has it
		body["refresh_token"] = refresh
		body["id_token"] = s.idToken(user)
	}
	writeJSON(w, http.StatusOK, body)
}

// idToken says who signed in. Nobody signs it: a client that gets it from the
// token endpoint need not check.
func (s *Server) idToken(user string) string {
	b := s.box(user)
	if b == nil {
		return ""
	}
	claims, _ := json.Marshal(map[string]string{"tid": TenantID, "oid": b.id, "preferred_username": b.address}) // texts can't fail
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode(claims) + "."
}

func tokenError(w http.ResponseWriter, name string, number int) {
	status := http.StatusBadRequest
	if name == "invalid_client" {
		status = http.StatusUnauthorized
	}
	writeJSON(w, status, map[string]any{
		"error": name, "error_description": fmt.Sprintf("AADSTS%d: broken on purpose.", number), "error_codes": []int{number},
	})
}
