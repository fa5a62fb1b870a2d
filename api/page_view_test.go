package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"decoded.digital/extractor/api"
	"decoded.digital/extractor/internal/testkit"
)

func TestAPageComesInTheUsersLanguageAndTheme(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPages)
	a := s.onboard(t, "jo@acme.test")
	for name, c := range map[string]struct{ query, accepts, want string }{
		"asked for":             {"&locale=de&theme=dark", "en", `<html lang="de" data-theme="dark">`},
		"with a region":         {"&locale=de-AT", "", `<html lang="de" data-theme="auto">`},
		"the browser's":         {"&theme=light", "de-CH, en;q=0.5", `<html lang="de" data-theme="light">`},
		"the browser's second":  {"&locale=", "ar, de;q=0.5", `<html lang="de" data-theme="auto">`},
		"one that is not there": {"&locale=ar", "", `<html lang="en" data-theme="auto">`},
		"none that there is":    {"&locale=../../x&theme=%22%3E%3Cscript%3E", "--;q=x", `<html lang="en" data-theme="auto">`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.do(t, call{method: "GET", path: "//embed?userEmail=jo@acme.test&apiKey=" + a.key + c.query, header: map[string]string{"Accept-Language": c.accepts}})
			if !strings.Contains(got.body, c.want) {
				t.Errorf("got %s", got.body)
			}
		})
	}
}

func TestAPagesStyleIsAllowedByItsHash(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPages)
	a := s.onboard(t, "jo@acme.test")
	got := s.open(t, "/embed?userEmail=jo@acme.test&apiKey="+a.key, "")
	const hash = "sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk=" // printf 'a{}' | openssl dgst -sha256 -binary | base64
	if policy := got.header.Get("Content-Security-Policy"); !strings.Contains(policy, "style-src 'self' '"+hash+"';") || strings.Contains(policy, "unsafe") {
		t.Errorf("got %s", policy)
	}
}

func TestAPageTakesItsHostsColours(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPages)
	a := s.onboard(t, "jo@acme.test")
	for name, c := range map[string]struct{ query, style string }{
		"colours and shapes":    {"&radius=4px&accent=%237c3aed", "a{}[data-theme]{--ex-accent:#7c3aed;--ex-radius:4px;}"},
		"functions":             {"&text=light-dark(rgb(1,+2,+3),+%23fff)", "a{}[data-theme]{--ex-text:light-dark(rgb(1, 2, 3), #fff);}"},
		"fonts":                 {"&font=Inter,+system-ui", "a{}[data-theme]{--ex-font:Inter, system-ui;}"},
		"a rule of its own":     {"&accent=red}*{display:none", "a{}"},
		"a second declaration":  {"&accent=red%3Bposition%3Afixed", "a{}"},
		"an end of the element": {"&accent=</style><script>alert(1)</script>", "a{}"},
		"an escape":             {"&accent=%5C7d", "a{}"},
		"a string":              {"&font=%22Inter", "a{}"},
		"an address":            {"&background=url(https://evil.test)", "a{}"},
		"too long":              {"&accent=" + strings.Repeat("a", 101), "a{}"},
		"not one of them":       {"&zoom=3", "a{}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/embed?userEmail=jo@acme.test&apiKey=" + a.key, "/embed?apiKey=ext_no"} {
				got := s.open(t, path+c.query, "")
				if !strings.Contains(got.body, "<style>"+c.style+"</style>") {
					t.Errorf("got %d %s", got.status, got.body)
				}
				sum := sha256.Sum256([]byte(c.style))
				if hash := base64.StdEncoding.EncodeToString(sum[:]); !strings.Contains(got.header.Get("Content-Security-Policy"), "'sha256-"+hash+"';") {
					t.Errorf("its policy refuses its style: %v", got.header)
				}
			}
		})
	}
}

func TestAPageTakesEveryVariableOfTheTheme(t *testing.T) {
	t.Parallel()
	theme, err := os.ReadFile(filepath.Join(testkit.Root(t), "web/packages/react/src/theme/theme.module.css"))
	if err != nil {
		t.Fatal(err)
	}
	query, want := url.Values{}, map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^  --ex-([a-z-]+):`).FindAllStringSubmatch(string(theme), -1) {
		query.Set(found[1], "1")
		want["--ex-"+found[1]+":1"] = true
	}
	got := newServer(t, withPages).open(t, "/embed?"+query.Encode(), "")
	_, style, _ := strings.Cut(got.body, "[data-theme]{")
	style, _, _ = strings.Cut(style, ";}")
	taken := strings.Split(style, ";")
	for _, variable := range taken {
		delete(want, variable)
	}
	if len(taken) != len(query) || len(want) > 0 {
		t.Errorf("took %q, left %v", taken, want)
	}
}

func TestAMemberGetsTheSettingsOfMembers(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPages)
	a := s.onboard(t, "jo@acme.test")
	s.do(t, call{method: "POST", path: "/users", as: a, body: `{"firstName":"M","lastName":"M","email":"mo@acme.test","role":"member"}`})
	if got := s.open(t, "/embed/settings?userEmail=mo@acme.test&apiKey="+a.key, ""); !strings.Contains(got.body, "<body>settings-member") {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestEveryErrorOfAPageIsAPage(t *testing.T) {
	t.Parallel()
	s := newServer(t, withPages, func(c *api.Config) { c.RateLimit = api.RateLimit{Requests: 1, Window: time.Minute} })
	a := s.onboard(t, "jo@acme.test")
	query := "?userEmail=jo@acme.test&apiKey=" + a.key
	for s.open(t, "/embed"+query, "").status == http.StatusOK { // until it is too often
	}
	for name, c := range map[string]struct {
		method, path, want, refresh string
		status                      int
	}{
		"too often":     {"GET", "/embed" + query, "limited: Too many requests", "60", 429},
		"no key":        {"GET", "/embed", "unauthorized: ", "", 401},
		"no such page":  {"GET", "/embed/other", "refused: route not found", "", 404},
		"no such call":  {"POST", "/embed", "refused: method not allowed", "", 405},
		"a null's text": {"GET", "/embed?a=%00", "refused: ", "", 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.do(t, call{method: c.method, path: "/" + c.path})
			if got.status != c.status || !strings.Contains(got.body, "<body>"+c.want) || got.header.Get("Refresh") != c.refresh {
				t.Errorf("got %d, %s: %s", got.status, got.header.Get("Refresh"), got.body)
			}
			if got.header.Get("Content-Type") != "text/html; charset=utf-8" || ancestors(got) == "" || got.header.Get("Cache-Control") != "no-store" {
				t.Errorf("got %v", got.header)
			}
		})
	}
}
