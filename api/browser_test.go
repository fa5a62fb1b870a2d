package api_test

import (
	"net/http"
	"testing"
)

func TestAPageMustBeOfAnAllowedDomain(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.apiKey(t, s.onboard(t, "jo@acme.test"), `,"allowedDomains":["acme.test","*.shop.test","localhost"]`)
	of := func(header ...string) call {
		c := call{method: "GET", path: "/verify", as: a, header: map[string]string{}}
		for i := 0; i < len(header); i += 2 {
			c.header[header[i]] = header[i+1]
		}
		return c
	}
	refused := []string{"Domain not allowed: the page's domain is not in the API key's allowedDomains"}
	s.run(t, map[string]scenario{
		"exact":                     {of("Origin", "https://acme.test"), 200, nil, nil},
		"its sub-domain":            {of("Origin", "https://app.acme.test"), 403, refused, nil},
		"wildcard":                  {of("Origin", "https://a.b.shop.test:8443"), 200, nil, nil},
		"wildcard, apex":            {of("Origin", "https://shop.test"), 403, refused, nil},
		"wildcard, evil":            {of("Origin", "https://evil-shop.test"), 403, refused, nil},
		"ends the same":             {of("Origin", "https://notacme.test"), 403, refused, nil},
		"begins the same":           {of("Origin", "https://acme.test.evil.test"), 403, refused, nil},
		"user name":                 {of("Origin", "https://acme.test@evil.test"), 403, refused, nil},
		"localhost":                 {of("Origin", "http://localhost:3000"), 200, nil, nil},
		"upper case":                {of("Origin", "https://ACME.test"), 200, nil, nil},
		"sandboxed":                 {of("Origin", "null"), 403, refused, nil},
		"an app":                    {of("Origin", "file://"), 403, refused, nil},
		"by Referer":                {of("Referer", "https://acme.test/page?x=1"), 200, nil, nil},
		"by Referer, refused":       {of("Referer", "https://evil.test/acme.test"), 403, refused, nil},
		"Origin before Referer":     {of("Origin", "https://evil.test", "Referer", "https://acme.test/"), 403, refused, nil},
		"our own page":              {of("Origin", publicURL), 200, nil, nil},
		"a server has no page":      {of(), 200, nil, nil},
		"a Referer without an host": {of("Referer", "about:blank"), 200, nil, nil},
	})
}

func TestAnAllowedPageMayReadTheAnswer(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.apiKey(t, s.onboard(t, "jo@acme.test"), `,"allowedDomains":["acme.test"]`)
	for origin, want := range map[string]string{"https://acme.test": "https://acme.test", "https://evil.test": ""} {
		got := s.do(t, call{method: "GET", path: "/verify", as: a, header: map[string]string{"Origin": origin}})
		if allowed := got.header.Get("Access-Control-Allow-Origin"); allowed != want {
			t.Errorf("%s: got %q", origin, allowed)
		}
		if got.header.Get("Access-Control-Allow-Credentials") != "" || got.header.Get("Vary") == "" && want != "" {
			t.Errorf("%s: got %v", origin, got.header)
		}
	}
}

func TestAPreflightIsAnswered(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.apiKey(t, s.onboard(t, "jo@acme.test"), `,"allowedDomains":["acme.test"]`)
	ask := func(path, origin string) answer {
		return s.do(t, call{method: "OPTIONS", path: path, header: map[string]string{"Origin": origin, "Access-Control-Request-Method": "PUT"}})
	}
	got := ask("/documents", "https://acme.test")
	if got.status != http.StatusNoContent || got.header.Get("Access-Control-Allow-Origin") != "https://acme.test" ||
		got.header.Get("Access-Control-Allow-Methods") != "GET, POST, PUT, DELETE" || got.header.Get("Access-Control-Max-Age") == "" {
		t.Errorf("got %d %v", got.status, got.header)
	}
	query := "/verify?userEmail=jo@acme.test&apiKey=" + a.key
	if got := ask(query, "https://evil.test"); got.status != http.StatusForbidden || got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a key that is known: %d %v", got.status, got.header)
	}
	if got := ask(query, "https://acme.test"); got.status != http.StatusNoContent {
		t.Errorf("its own page: %d %v", got.status, got.header)
	}
}

func TestInABrowserAMemberManagesNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	owner := s.onboard(t, "jo@acme.test")
	people := map[string]*tenant{"owner": owner}
	for _, role := range []string{"admin", "member"} {
		email := role + "@acme.test"
		got := s.do(t, call{method: "POST", path: "/users", as: owner, body: `{"firstName":"F","lastName":"L","email":"` + email + `","role":"` + role + `"}`})
		if got.status != http.StatusCreated {
			t.Fatalf("%d %s", got.status, got.body)
		}
		people[role] = &tenant{id: owner.id, key: owner.key, email: email}
	}
	refused := []string{"Only owners and admins can manage API keys, users, webhooks and connections"}
	for role, person := range people {
		status, want := 200, []string(nil)
		if role == "member" {
			status, want = 403, refused
		}
		token := s.session(t, person, appOrigin)
		for _, path := range []string{"/api-keys", "/users", "/webhooks"} {
			s.run(t, map[string]scenario{
				role + ", session" + path:          {from(appOrigin, "GET", path, token, ""), status, want, nil},
				role + ", session, no page" + path: {from("", "GET", path, token, ""), status, want, nil},
				role + ", page" + path:             {call{method: "GET", path: path, as: person, header: map[string]string{"Origin": appOrigin}}, status, want, nil},
				role + ", server" + path:           {call{method: "GET", path: path, as: person}, 200, nil, nil},
			})
		}
		s.run(t, map[string]scenario{role + ", documents": {from(appOrigin, "POST", "/documents", token, invoiceBody), 201, nil, nil}})
	}
	give := func(role string) string {
		return `{"firstName":"F","lastName":"L","email":"new-` + role + `@acme.test","role":"` + role + `"}`
	}
	token := s.session(t, people["admin"], appOrigin)
	s.run(t, map[string]scenario{
		"above one's own": {from(appOrigin, "POST", "/users", token, give("owner")), 403, []string{"you can't give a role that is above your own"}, nil},
		"one's own":       {from(appOrigin, "POST", "/users", token, give("admin")), 201, nil, nil},
		"nobody's":        {call{method: "POST", path: "/users", as: &tenant{key: owner.key}, body: give("member"), header: map[string]string{"Origin": appOrigin}}, 401, []string{"User email is required"}, nil},
	})
}
