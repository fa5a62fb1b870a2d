package api_test

import (
	"net/http"
	"strings"
	"testing"
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
	s := newServer(t)
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
