package api_test

import (
	"net/http"
	"testing"
	"time"
)

const appOrigin = "https://app.acme.test"

// session asks for a token for a page at origin.
func (s *server) session(t *testing.T, as *tenant, origin string) string {
	t.Helper()
	got := s.do(t, call{method: "POST", path: "/sessions", as: as, body: `{"origin":"` + origin + `"}`})
	if got.status != http.StatusCreated {
		t.Fatalf("create session: %d %s", got.status, got.body)
	}
	return got.text(t, "token")
}

// from is a request of a page at origin, with a session's token.
func from(origin, method, path, token, body string) call {
	header := map[string]string{"Authorization": "Bearer " + token}
	if origin != "" {
		header["Origin"] = origin
	}
	return call{method: method, path: path, body: body, header: header}
}

func TestASessionWorksForItsUserAndItsOriginAlone(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	token := s.session(t, a, appOrigin+":443/some/page")
	s.run(t, map[string]scenario{
		"its page":        {from(appOrigin, "GET", "/verify", token, ""), 200, []string{`"userEmail":"jo@acme.test"`, a.id}, nil},
		"our own frame":   {from(publicURL, "GET", "/verify", token, ""), 200, nil, nil},
		"another page":    {from("https://other.test", "GET", "/verify", token, ""), 403, []string{"made for another origin"}, nil},
		"a sandbox":       {from("null", "GET", "/verify", token, ""), 403, []string{"Domain not allowed"}, nil},
		"another scheme":  {from("http://app.acme.test", "GET", "/verify", token, ""), 403, nil, nil},
		"another user":    {call{method: "GET", path: "/verify", header: map[string]string{"X-API-Key": token, "X-User-Email": "al@acme.test", "Origin": appOrigin}}, 200, []string{`"userEmail":"jo@acme.test"`}, nil},
		"another session": {from(appOrigin, "POST", "/sessions", token, `{"origin":"`+appOrigin+`"}`), 403, []string{"A session can't make another one"}, nil},
		"mistyped":        {from(appOrigin, "GET", "/verify", token[:len(token)-2]+"00", ""), 401, []string{"Invalid API key"}, nil},
	})
}

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *server, *tenant, *tenant){
		"after 15 minutes": func(_ *testing.T, s *server, _, _ *tenant) { s.clock.pass(15 * time.Minute) },
		"with its key's activity": func(t *testing.T, s *server, a, b *tenant) {
			s.do(t, call{method: "PUT", path: "/api-keys/" + b.keyID, as: a, body: `{"isActive":false}`})
		},
		"with its key": func(t *testing.T, s *server, a, b *tenant) {
			s.do(t, call{method: "DELETE", path: "/api-keys/" + b.keyID, as: a})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			a := s.onboard(t, "jo@acme.test")
			b := s.apiKey(t, a, "")
			verify := from(appOrigin, "GET", "/verify", s.session(t, b, appOrigin), "")
			s.clock.pass(15*time.Minute - time.Second)
			s.run(t, map[string]scenario{"before": {verify, 200, nil, nil}})
			end(t, s, a, b)
			s.run(t, map[string]scenario{"after": {verify, 401, []string{"ession"}, nil}})
		})
	}
}

func TestAPageMayReadThatItsSessionHasEnded(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	token := s.session(t, s.onboard(t, "jo@acme.test"), appOrigin)
	s.clock.pass(15 * time.Minute)
	for origin, want := range map[string]string{appOrigin: appOrigin, "https://other.test": ""} {
		got := s.do(t, from(origin, "GET", "/verify", token, ""))
		if allowed := got.header.Get("Access-Control-Allow-Origin"); got.status != http.StatusUnauthorized || allowed != want {
			t.Errorf("%s: got %d, readable by %q", origin, got.status, allowed)
		}
	}
}

func TestAPageMayReadThatItsSessionIsGone(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	token := s.session(t, a, appOrigin)
	s.clock.pass(time.Hour)
	s.session(t, a, appOrigin) // deletes what has expired
	got := s.do(t, from(appOrigin, "GET", "/verify", token, ""))
	if allowed := got.header.Get("Access-Control-Allow-Origin"); got.status != http.StatusUnauthorized || allowed != appOrigin {
		t.Errorf("got %d, readable by %q", got.status, allowed)
	}
}

func TestASessionIsMadeForAnAllowedOrigin(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.apiKey(t, s.onboard(t, "jo@acme.test"), `,"allowedDomains":["*.acme.test"]`)
	post := func(body string) call { return call{method: "POST", path: "/sessions", as: a, body: body} }
	s.run(t, map[string]scenario{
		"allowed":     {post(`{"origin":"` + appOrigin + `"}`), 201, []string{`"token":"ems_`, `"origin":"` + appOrigin + `"`, `"expiresAt":"2026-11-24T10:15:00.000Z"`}, nil},
		"our own":     {post(`{"origin":"` + publicURL + `"}`), 201, nil, nil},
		"not allowed": {post(`{"origin":"https://other.test"}`), 403, []string{"origin: its domain is not in the API key's allowedDomains"}, nil},
		"the apex":    {post(`{"origin":"https://acme.test"}`), 403, nil, nil},
		"no origin":   {post(`{}`), 400, []string{"origin is required"}, nil},
		"no page":     {post(`{"origin":"acme"}`), 400, []string{"origin must be scheme and host"}, nil},
	})
}
