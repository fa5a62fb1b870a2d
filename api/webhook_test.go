package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"decoded.digital/extractor/api"
	"decoded.digital/extractor/internal/outbound"
)

func TestAWebhooksSecretIsShownOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	document := s.document(t, a)
	created := s.do(t, call{method: "POST", path: "/webhooks", as: a, body: `{"name":"n","url":"https://hooks.test/x","scope":"selected","documentIds":["` + document + `"]}`})
	if created.status != http.StatusCreated || !strings.HasPrefix(created.text(t, "secret"), "whsec_") || created.value(t, "isActive") != true {
		t.Fatalf("got %d %s", created.status, created.body)
	}
	s.run(t, map[string]scenario{
		"list": {call{method: "GET", path: "/webhooks", as: a}, 200, []string{created.text(t, "id"), `"scope":"selected"`, document}, []string{"whsec_", `"secret"`}},
	})
}

func TestABadWebhookIsToldWhy(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *api.Config) { c.CheckAddress = outbound.Policy{OwnHost: "extractor.test"}.Check })
	a := s.onboard(t, "jo@acme.test")
	post := func(body string) call { return call{method: "POST", path: "/webhooks", as: a, body: body} }
	s.run(t, map[string]scenario{
		"no name":         {post(`{"url":"https://x.test"}`), 400, []string{"name is required"}, nil},
		"no url":          {post(`{"name":"n"}`), 400, []string{"url is required"}, nil},
		"http":            {post(`{"name":"n","url":"http://x.test"}`), 400, []string{"url must be an https URL"}, nil},
		"with a password": {post(`{"name":"n","url":"https://u:p@x.test"}`), 400, []string{"without user name"}, nil},
		"no address":      {post(`{"name":"n","url":"javascript:alert(1)"}`), 400, []string{"url must be"}, nil},
		"bad scope":       {post(`{"name":"n","url":"https://x.test","scope":"some"}`), 400, []string{"scope must be"}, nil},
		"nothing chosen":  {post(`{"name":"n","url":"https://x.test","scope":"selected"}`), 400, []string{"documentIds is required"}, nil},
		"a private one":   {post(`{"name":"n","url":"https://10.0.0.1"}`), 400, []string{"url must have a public address"}, nil},
		"another port":    {post(`{"name":"n","url":"https://x.test:22"}`), 400, []string{"port 443 or 8443"}, nil},
		"our own":         {post(`{"name":"n","url":"https://extractor.test/api/embed/webhooks"}`), 400, []string{"address of this product"}, nil},
		"bad id":          {post(`{"name":"n","url":"https://x.test","scope":"selected","documentIds":["x"]}`), 400, []string{"Invalid document ID format"}, nil},
	})
}

func TestAWebhookIsReadChangedInPartsAndDeleted(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	document := s.document(t, a)
	created := s.do(t, call{method: "POST", path: "/webhooks", as: a, body: `{"name":"n","url":"https://hooks.test/x"}`})
	at := "/webhooks/" + created.text(t, "id")
	put := func(body string) call { return call{method: "PUT", path: at, as: a, body: body} }
	for _, step := range []struct {
		name string
		scenario
	}{
		{"get", scenario{call{method: "GET", path: at, as: a}, 200, []string{`"name":"n"`, `"scope":"all"`, `"documentIds":[]`, `"tenantId":"` + a.id + `"`}, []string{"secret"}}},
		{"the name alone", scenario{put(`{"name":"m"}`), 200, []string{`"name":"m"`, `"url":"https://hooks.test/x"`, `"isActive":true`}, []string{"secret"}}},
		{"activity alone", scenario{put(`{"isActive":false}`), 200, []string{`"name":"m"`, `"isActive":false`}, nil}},
		{"templates", scenario{put(`{"scope":"selected","documentIds":["` + document + `"]}`), 200, []string{`"scope":"selected"`, document, `"isActive":false`}, nil}},
		{"none chosen", scenario{put(`{"documentIds":[]}`), 400, []string{"documentIds is required"}, nil}},
		{"a bad address", scenario{put(`{"url":"ftp://x.test"}`), 400, []string{"url must be"}, nil}},
		{"nothing", scenario{put(`{}`), 200, []string{document}, nil}},
		{"delete", scenario{call{method: "DELETE", path: at, as: a}, 200, []string{`"message":"Webhook deleted successfully"`, `"deletedId"`}, nil}},
		{"gone", scenario{call{method: "GET", path: at, as: a}, 404, []string{"Webhook not found"}, nil}},
	} {
		s.run(t, map[string]scenario{step.name: step.scenario})
	}
}

func TestASecretIsRotatedAndShownOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	created := s.do(t, call{method: "POST", path: "/webhooks", as: a, body: `{"name":"n","url":"https://hooks.test/x"}`})
	at := "/webhooks/" + created.text(t, "id")
	rotated := s.do(t, call{method: "POST", path: at + "/rotate-secret", as: a})
	if rotated.status != http.StatusOK || !strings.HasPrefix(rotated.text(t, "secret"), "whsec_") || rotated.text(t, "secret") == created.text(t, "secret") {
		t.Fatalf("got %d %s", rotated.status, rotated.body)
	}
	s.run(t, map[string]scenario{"get": {call{method: "GET", path: at, as: a}, 200, nil, []string{"whsec_", `"secret"`}}})
	hook, err := s.store.System().LoadWebhook(t.Context(), a.id, created.text(t, "id"))
	if err != nil || len(hook.OldSecrets) != 1 {
		t.Fatalf("got %+v, %v", hook, err)
	}
	old, err := s.keys.Open(hook.OldSecrets[0].Secret, hook.ID)
	if err != nil || string(old) != created.text(t, "secret") || hook.OldSecrets[0].Until.Sub(s.clock.Now()) != 24*time.Hour {
		t.Errorf("the old secret signs until %s, %v", hook.OldSecrets[0].Until, err)
	}
	if strings.Contains(string(hook.Secret), "whsec_") || strings.Contains(string(hook.OldSecrets[0].Secret), "whsec_") {
		t.Error("a secret is stored in clear")
	}
}

func TestAWebhookThatWasSwitchedOffSaysWhyAndIsSwitchedOnAgain(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	document := s.document(t, a)
	created := s.do(t, call{method: "POST", path: "/webhooks", as: a, body: `{"name":"n","url":"https://hooks.test/x","scope":"selected","documentIds":["` + document + `"]}`})
	at := "/webhooks/" + created.text(t, "id")
	put := func(body string) call { return call{method: "PUT", path: at, as: a, body: body} }
	for _, step := range []struct {
		name string
		scenario
	}{
		{"new", scenario{call{method: "GET", path: at, as: a}, 200, []string{`"status":"active"`, `"disabledReason":null`}, nil}},
		{"by its owner", scenario{put(`{"isActive":false}`), 200, []string{`"status":"paused"`, `"disabledReason":null`}, nil}},
		{"on", scenario{put(`{"isActive":true}`), 200, []string{`"status":"active"`}, nil}},
		{"its document goes", scenario{call{method: "DELETE", path: "/documents/" + document, as: a}, 200, nil, nil}},
		{"for want of documents", scenario{call{method: "GET", path: "/webhooks", as: a}, 200, []string{`"status":"paused"`, `"isActive":false`, "was deleted"}, nil}},
		{"on without documents", scenario{put(`{"isActive":true}`), 400, []string{"documentIds is required"}, nil}},
		{"on for all", scenario{put(`{"isActive":true,"scope":"all"}`), 200, []string{`"status":"active"`, `"disabledReason":null`}, nil}},
	} {
		s.run(t, map[string]scenario{step.name: step.scenario})
	}
}
