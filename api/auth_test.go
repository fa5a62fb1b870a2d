package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

func TestVerifyTakesTheGuidesThreeWays(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	want := []string{`"valid":true`, a.id, `"userEmail":"jo@acme.test"`, `"apiKeyName":"jo@acme.test Ltd - Embed API Key"`}
	s.run(t, map[string]scenario{
		"headers": {call{method: "GET", path: "/verify", as: a}, 200, want, []string{a.key}},
		"bearer": {call{method: "GET", path: "/verify", header: map[string]string{
			"Authorization": "Bearer " + a.key, "X-User-Email": "JO@acme.test",
		}}, 200, want, nil},
		"query": {call{method: "GET", path: "/verify?apiKey=" + a.key + "&userEmail=jo@acme.test"}, 200, want, nil},
	})
}

func TestAnInvalidCallerIsToldWhy(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a, b := s.onboard(t, "jo@acme.test"), s.onboard(t, "al@other.test")
	as := func(key, email string) call {
		return call{method: "GET", path: "/extractions", as: &tenant{key: key, email: email}}
	}
	mistyped := a.key[:len(a.key)-1] + map[bool]string{true: "1", false: "0"}[strings.HasSuffix(a.key, "0")]
	s.run(t, map[string]scenario{
		"no key":               {as("", a.email), 401, []string{"API key is required"}, nil},
		"mistyped key":         {as(mistyped, a.email), 401, []string{"Invalid API key"}, nil},
		"unknown key":          {as(secret.NewAPIKey(), a.email), 401, []string{"Invalid API key"}, nil},
		"no e-mail":            {as(a.key, ""), 401, []string{"User email is required"}, nil},
		"unknown user":         {as(a.key, "nobody@acme.test"), 404, []string{"not found"}, nil},
		"another tenant's":     {as(a.key, b.email), 403, []string{"User is not a member of this organization"}, []string{"other.test Ltd"}},
		"wrong scheme of auth": {call{method: "GET", path: "/verify", header: map[string]string{"Authorization": "Basic " + a.key}}, 401, nil, nil},
	})
}

func TestADisabledOrExpiredKeyIsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	body := `{"organizationName":"Acme","firstName":"Jo","lastName":"Doe","email":"jo@acme.test","hasExpiry":true,"expiryDays":2}`
	onboarded := s.do(t, call{method: "POST", path: "/onboard", body: body, header: map[string]string{"X-Setup-Key": setupKey}})
	a := &tenant{key: onboarded.text(t, "apiKey.key"), email: "jo@acme.test"}
	if expires := onboarded.text(t, "apiKey.expiresAt"); expires != models.FormatTime(s.clock.Now().AddDate(0, 0, 2)) {
		t.Errorf("got %s", expires)
	}
	verify := call{method: "GET", path: "/verify", as: a}
	s.clock.pass(48*time.Hour - time.Second)
	if got := s.do(t, verify); got.status != http.StatusOK {
		t.Errorf("a second before: %d %s", got.status, got.body)
	}
	s.clock.pass(time.Second)
	if got := s.do(t, verify); got.status != http.StatusUnauthorized || !strings.Contains(got.body, "API key has expired") {
		t.Errorf("at the time: %d %s", got.status, got.body)
	}
}

func TestNothingSecretIsLogged(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	s.do(t, call{method: "GET", path: "/verify?apiKey=" + a.key + "&userEmail=" + a.email})
	s.do(t, call{method: "POST", path: "/webhooks", as: a, body: `{"name":"n","url":"https://hooks.test/secret-path","scope":"all"}`})
	s.extraction(t, a)
	_ = s.store.Close()
	s.do(t, call{method: "GET", path: "/extractions", as: a}) // an error, with its cause
	logged := s.logs.String()
	for _, bad := range []string{a.key, a.email, setupKey, "whsec_", "secret-path", "invoice.pdf", "NP-2026"} {
		if strings.Contains(logged, bad) {
			t.Errorf("%q was logged:\n%s", bad, logged)
		}
	}
	if !strings.Contains(logged, "request failed") || !strings.Contains(logged, "requestId=") {
		t.Errorf("the error was not logged:\n%s", logged)
	}
}
