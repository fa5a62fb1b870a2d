package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// apiKey makes a second key of a tenant; fields are added to its body.
func (s *server) apiKey(t *testing.T, as *tenant, fields string) *tenant {
	t.Helper()
	got := s.do(t, call{method: "POST", path: "/api-keys", as: as, body: `{"name":"second"` + fields + `}`})
	if got.status != http.StatusCreated {
		t.Fatalf("create API key: %d %s", got.status, got.body)
	}
	return &tenant{id: as.id, key: got.text(t, "key"), keyID: got.text(t, "id"), email: as.email}
}

func TestAnAPIKeyIsShownOnceAndMaskedAfterwards(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	b := s.apiKey(t, a, `,"expiresAt":"2027-06-30T02:00:00+02:00","allowedDomains":["App.Acme.test"]`)
	s.run(t, map[string]scenario{"the key works": {call{method: "GET", path: "/verify", as: b}, 200, []string{`"apiKeyName":"second"`}, nil}})
	s.run(t, map[string]scenario{
		"list": {call{method: "GET", path: "/api-keys", as: a}, 200, []string{
			`"data":[{`, `"key":"` + b.key[:10] + `..."`, `"expiresAt":"2027-06-30T00:00:00.000Z"`, `"allowedDomains":["app.acme.test"]`,
			`"lastUsedAt":null`, `"usageCount":0`, `"_id":"` + b.keyID + `"`,
		}, []string{b.key, a.key}},
	})
	s.run(t, map[string]scenario{
		"changed": {call{method: "PUT", path: "/api-keys/" + b.keyID, as: a, body: `{"name":"third"}`}, 200, []string{
			`"name":"third"`, `"isActive":true`, `"expiresAt":"2027-06-30T00:00:00.000Z"`, `"allowedDomains":["app.acme.test"]`,
		}, []string{b.key}},
	})
}

func TestAnAPIKeyKeepsWhatAnUpdateDoesNotName(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	b := s.apiKey(t, a, `,"expiresAt":"2027-06-30T00:00:00Z","allowedDomains":["acme.test"]`)
	put := func(body string) answer {
		return s.do(t, call{method: "PUT", path: "/api-keys/" + b.keyID, as: a, body: body})
	}
	if got := put(`{"expiresAt":null}`); got.value(t, "expiresAt") != nil || got.text(t, "name") != "second" {
		t.Errorf("no expiry: %d %s", got.status, got.body)
	}
	if got := put(`{"allowedDomains":[]}`); !strings.Contains(got.body, `"allowedDomains":[]`) || got.value(t, "expiresAt") != nil {
		t.Errorf("no domains: %d %s", got.status, got.body)
	}
	if got := put(`{"isActive":false}`); got.value(t, "isActive") != false {
		t.Errorf("disabled: %d %s", got.status, got.body)
	}
	s.run(t, map[string]scenario{
		"a disabled key": {call{method: "GET", path: "/verify", as: b}, 401, []string{"API key is disabled"}, nil},
	})
	put(`{"isActive":true}`)
	s.run(t, map[string]scenario{"an enabled key": {call{method: "GET", path: "/verify", as: b}, 200, nil, nil}})
}

func TestAnAPIKeyCanNotLockItselfOut(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	b := s.apiKey(t, a, "")
	own := "/api-keys/" + a.keyID
	s.run(t, map[string]scenario{
		"disable": {call{method: "PUT", path: own, as: a, body: `{"isActive":false}`}, 400, []string{"cannot deactivate the key you are currently using"}, nil},
		"delete":  {call{method: "DELETE", path: own, as: a}, 400, []string{"cannot delete the key you are currently using"}, nil},
		"rename":  {call{method: "PUT", path: own, as: a, body: `{"name":"mine","isActive":true}`}, 200, []string{`"name":"mine"`}, nil},
	})
	s.run(t, map[string]scenario{
		"another may": {call{method: "DELETE", path: own, as: b}, 200, []string{`"message":"API key deleted successfully"`, `"deletedId":"` + a.keyID + `"`}, nil},
	})
	s.run(t, map[string]scenario{"it is unknown then": {call{method: "GET", path: "/verify", as: a}, 401, []string{"Invalid API key"}, nil}})
}

func TestABadAPIKeyIsToldWhy(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	post := func(body string) call { return call{method: "POST", path: "/api-keys", as: a, body: body} }
	past := s.clock.Now().Add(-time.Second).Format(time.RFC3339)
	s.run(t, map[string]scenario{
		"no name":           {post(`{}`), 400, []string{"name is required"}, nil},
		"past":              {post(`{"name":"n","expiresAt":"` + past + `"}`), 400, []string{"expiresAt must be a time in the future"}, nil},
		"no time":           {post(`{"name":"n","expiresAt":"tomorrow"}`), 400, []string{"expiresAt must be a time"}, nil},
		"a day":             {post(`{"name":"n","expiresAt":"2027-06-30"}`), 400, []string{"expiresAt must be a time"}, nil},
		"domain: scheme":    {post(`{"name":"n","allowedDomains":["https://acme.test"]}`), 400, []string{"allowedDomains[0] must be a host"}, nil},
		"domain: port":      {post(`{"name":"n","allowedDomains":["acme.test","acme.test:80"]}`), 400, []string{"allowedDomains[1] must be a host"}, nil},
		"domain: all":       {post(`{"name":"n","allowedDomains":["*"]}`), 400, []string{"allowedDomains[0]"}, nil},
		"domain: all of it": {post(`{"name":"n","allowedDomains":["*.com"]}`), 400, []string{"allowedDomains[0]"}, nil},
		"domain: middle":    {post(`{"name":"n","allowedDomains":["a.*.test"]}`), 400, []string{"allowedDomains[0]"}, nil},
		"unknown":           {call{method: "PUT", path: "/api-keys/507f1f77bcf86cd799439011", as: a, body: `{}`}, 404, []string{"API key not found"}, nil},
		"no id":             {call{method: "DELETE", path: "/api-keys/x", as: a}, 400, []string{"Invalid API key ID format"}, nil},
	})
}
