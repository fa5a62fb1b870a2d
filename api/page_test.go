package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"decoded.digital/extractor/api"
)

// withPages is a build of the pages that says what it is.
func withPages(c *api.Config) {
	pages := fstest.MapFS{
		"assets/main-1a2b.js": {Data: []byte("let a")}, "assets/main-1a2b.js.gz": {Data: []byte("packed")}, "assets/main-1a2b.js.br": {Data: []byte("packed best")},
		"assets/old-1a2b.js": {Data: []byte("let b")}, "assets/old-1a2b.js.gz": {Data: []byte("packed old")},
	}
	for _, name := range []string{"upload", "documents", "extractions", "settings", "settings-member"} {
		for _, language := range []string{"en", "de"} {
			pages["pages/"+name+"."+language+".html"] = page(`<html lang="` + language + `" data-theme="auto"><head><style>a{}</style></head><body>` + name + `</body></html>`)
		}
	}
	for _, kind := range []string{"unauthorized", "forbidden", "limited", "server", "refused"} {
		pages["pages/problem-"+kind+".en.html"] = page(`<html><head><style>a{}</style></head><body>` + kind + `: {{message}}</body></html>`)
	}
	c.Pages = pages
}

func page(content string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("<!doctype html>" + content)}
}

// open asks for a page as a frame of host does; "" is a visit of its own.
func (s *server) open(t *testing.T, address, host string) answer {
	t.Helper()
	header := map[string]string{"Sec-Fetch-Dest": "document"}
	if host != "" {
		header = map[string]string{"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site", "Referer": host + "/"}
	}
	return s.do(t, call{method: "GET", path: "/" + address, header: header})
}

func ancestors(a answer) string {
	_, sources, _ := strings.Cut(a.header.Get("Content-Security-Policy"), "frame-ancestors ")
	return sources
}

// pageConfig is what the page's script reads.
type pageConfig struct {
	Token, ExpiresAt, Page, Role, AppName string
	Origin                                *string
	AllowedOrigins                        []string
}

func configOf(t *testing.T, a answer) pageConfig {
	t.Helper()
	_, rest, _ := strings.Cut(a.body, `<script type="application/json" id="extractor-config">`)
	block, after, _ := strings.Cut(rest, "</script>")
	var config pageConfig
	if err := json.Unmarshal([]byte(block), &config); err != nil || !strings.HasPrefix(after, "</head><body>"+config.Page) {
		t.Fatalf("%d, %v: %s", a.status, err, a.body)
	}
	return config
}

func TestAPageMayBeFramedByTheHostsOfItsKey(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPages)
	owner := s.onboard(t, "jo@acme.test")
	acme := s.apiKey(t, owner, `,"allowedDomains":["acme.test","*.shop.test","localhost","app.localhost"]`)
	query := func(of *tenant) string { return "?userEmail=jo@acme.test&apiKey=" + of.key }
	const listed = "https://acme.test https://*.shop.test http://localhost:* https://localhost:* http://app.localhost:* https://app.localhost:*"
	for name, c := range map[string]struct {
		address, host, ancestors string
		status                   int
	}{
		"its host":             {"/embed" + query(acme), "https://acme.test", listed, 200},
		"a sub-domain's":       {"/embed/settings" + query(acme), "https://a.shop.test", listed, 200},
		"localhost":            {"/embed/documents" + query(acme), "http://localhost:3000", listed, 200},
		"a foreign host":       {"/embed" + query(acme), "https://evil.test", "'none'", 403},
		"a visit":              {"/embed/extractions" + query(acme), "", listed, 200},
		"no domains":           {"/embed" + query(owner), "https://any.test", "https: http://localhost:*", 200},
		"no key":               {"/embed", "https://acme.test", "'none'", 401},
		"an unknown key":       {"/embed?userEmail=jo@acme.test&apiKey=ext_no", "https://acme.test", "'none'", 401},
		"no user":              {"/embed?apiKey=" + acme.key, "https://acme.test", listed, 401},
		"no user, foreign":     {"/embed?apiKey=" + acme.key, "https://evil.test", "'none'", 403},
		"a user of no one":     {"/embed?userEmail=no@acme.test&apiKey=" + acme.key, "https://acme.test", listed, 404},
		"a token that is none": {"/embed?token=ems_no", "https://acme.test", "'none'", 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.open(t, c.address, c.host)
			if got.status != c.status || ancestors(got) != c.ancestors {
				t.Errorf("got %d, %s", got.status, ancestors(got))
			}
			if has := strings.Contains(got.body, "ems_"); has != (c.status == http.StatusOK) {
				t.Errorf("a session is in it: %v\n%s", has, got.body)
			}
			for _, bad := range []string{owner.key, acme.key} {
				if strings.Contains(got.body, bad) {
					t.Errorf("the key is in it:\n%s", got.body)
				}
			}
			if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Referrer-Policy") != "no-referrer" ||
				got.header.Get("X-Content-Type-Options") != "nosniff" || got.header.Get("X-Frame-Options") != "" {
				t.Errorf("got %v", got.header)
			}
		})
	}
}

func TestAPagesSessionWorksForThePageAndItsHostAlone(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPages)
	a := s.onboard(t, "jo@acme.test")
	config := configOf(t, s.open(t, "/embed/settings?appName=</script><b>&userEmail=jo@acme.test&apiKey="+a.key, "https://acme.test"))
	if config.Page != "settings" || config.Role != "owner" || config.AppName != "</script><b>" || config.Origin == nil || *config.Origin != "https://acme.test" {
		t.Errorf("got %+v", config)
	}
	s.run(t, map[string]scenario{
		"the page": {from(publicURL, "GET", "/verify", config.Token, ""), 200, nil, nil},
		"its host": {from("https://acme.test", "GET", "/verify", config.Token, ""), 200, nil, nil},
		"another":  {from("https://other.test", "GET", "/verify", config.Token, ""), 403, nil, nil},
	})
	if visit := configOf(t, s.open(t, "/embed?userEmail=jo@acme.test&apiKey="+a.key, "")); visit.Origin != nil {
		t.Errorf("a visit's host is %s", *visit.Origin)
	}
}

func TestAPageTakesASessionsToken(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPages)
	a := s.onboard(t, "jo@acme.test")
	token := s.session(t, a, appOrigin)
	got := s.open(t, "/embed?token="+token, appOrigin)
	if config := configOf(t, got); config.Token != token || *config.Origin != appOrigin || ancestors(got) != appOrigin {
		t.Errorf("got %+v, framed by %s", config, ancestors(got))
	}
	if got := s.open(t, "/embed?token="+token, "https://other.test"); got.status != http.StatusForbidden {
		t.Errorf("another host: %d", got.status)
	}
	s.clock.pass(15 * time.Minute)
	if got := s.open(t, "/embed?token="+token, appOrigin); got.status != http.StatusUnauthorized || !strings.Contains(got.body, "Session has expired") {
		t.Errorf("later: %d %s", got.status, got.body)
	}
}

func TestAPageThatWasNotBuiltSaysHowToBuildIt(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *api.Config) { c.Pages = fstest.MapFS{} })
	a := s.onboard(t, "jo@acme.test")
	if got := s.open(t, "/embed?userEmail=jo@acme.test&apiKey="+a.key, ""); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "run make web") {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestAssetsAreKeptByBrowsers(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPages)
	for name, c := range map[string]struct {
		path, accepts, body string
		status              int
	}{
		"plain":        {"main-1a2b.js", "", "let a", 200},
		"packed best":  {"main-1a2b.js", "gzip, br", "packed best", 200},
		"packed":       {"main-1a2b.js", "gzip", "packed", 200},
		"not so":       {"old-1a2b.js", "gzip, br", "packed old", 200},
		"none":         {"other.js", "gzip", "asset not found", 404},
		"a page":       {"../index.html", "", "asset not found", 404},
		"a prerender":  {"../pages/upload.en.html", "", "asset not found", 404},
		"another type": {"main-1a2b.js.gz", "", "asset not found", 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.do(t, call{method: "GET", path: "//embed/assets/" + c.path, header: map[string]string{"Accept-Encoding": c.accepts}})
			if got.status != c.status || !strings.Contains(got.body, c.body) {
				t.Errorf("got %d %s", got.status, got.body)
			}
			if kept := strings.Contains(got.header.Get("Cache-Control"), "immutable"); kept != (c.status == http.StatusOK) {
				t.Errorf("got %v", got.header)
			}
			if policy := got.header.Get("Content-Security-Policy"); c.status == http.StatusOK && policy != "default-src 'none'; script-src 'self'; connect-src 'self'" {
				t.Errorf("a worker would run under the policy %q", policy)
			}
		})
	}
}
