package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"decoded.digital/extractor/models"
)

// hooked is a tenant's webhook with a delivery that has failed.
func (s *server) hooked(t *testing.T, as *tenant) (at, delivery string) {
	t.Helper()
	hook := s.do(t, call{method: "POST", path: "/webhooks", as: as, body: `{"name":"n","url":"https://hooks.test/x"}`})
	at = "/webhooks/" + hook.text(t, "id")
	made := s.do(t, call{method: "POST", path: at + "/test", as: as})
	if made.status != http.StatusCreated || made.text(t, "state") != "pending" || made.text(t, "event") != "webhook.test" {
		t.Fatalf("got %d %s", made.status, made.body)
	}
	s.deliver(t, made.text(t, "id"))
	return at, made.text(t, "id")
}

func TestDeliveriesAreListedByStateEventAndTime(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	at, delivery := s.hooked(t, a)
	list := func(query string) call { return call{method: "GET", path: at + "/deliveries" + query, as: a} }
	one, none := []string{delivery, `"totalCount":1`}, []string{`"items":[]`, `"totalCount":0`}
	s.run(t, map[string]scenario{
		"all":            {list(""), 200, one, []string{"payload"}},
		"failed":         {list("?state=failed"), 200, one, nil},
		"succeeded":      {list("?state=succeeded"), 200, none, nil},
		"its event":      {list("?event=webhook.test"), 200, one, nil},
		"another":        {list("?event=extraction.failed"), 200, none, nil},
		"from then":      {list("?from=2026-11-24T10:00:00Z"), 200, one, nil},
		"from later":     {list("?from=2026-11-24T10:00:01Z"), 200, none, nil},
		"before then":    {list("?before=2026-11-24T10:00:00Z"), 200, none, nil},
		"bad state":      {list("?state=lost"), 400, []string{"state must be one of [pending succeeded failed]"}, nil},
		"bad event":      {list("?event=x"), 400, []string{"event must be one of"}, nil},
		"bad time":       {list("?before=yesterday"), 400, []string{"before must be a time like"}, nil},
		"of no webhook":  {call{method: "GET", path: "/webhooks/507f1f77bcf86cd799439011/deliveries", as: a}, 404, []string{"Webhook not found"}, nil},
		"attempts":       {list("/" + delivery), 200, []string{`"statusCode":503`, `"answer":"busy"`, `"durationMs":12`, `"error":"the receiver answered 503"`, `"number":1`}, nil},
		"not its own":    {list("/507f1f77bcf86cd799439011"), 404, []string{"Delivery not found"}, nil},
		"bad id":         {list("/x"), 400, []string{"Invalid delivery ID format"}, nil},
		"another tenant": {call{method: "GET", path: at + "/deliveries/" + delivery, as: s.onboard(t, "al@other.test")}, 404, nil, []string{"busy"}},
	})
}

func TestADeliveryIsSentAgainOnceItHasEnded(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	at, delivery := s.hooked(t, a)
	again := call{method: "POST", path: at + "/deliveries/" + delivery + "/redeliver", as: a}
	for _, step := range []struct {
		name string
		scenario
	}{
		{"ended", scenario{again, 200, []string{delivery, `"state":"pending"`, `"round":2`}, nil}},
		{"on its way", scenario{again, 409, []string{"on its way"}, nil}},
	} {
		s.run(t, map[string]scenario{step.name: step.scenario})
	}
	entries := s.promises(t)
	if last := entries[len(entries)-1]; last.Kind != models.OutboxStartDelivery || last.SubjectID != delivery || last.Round() != 2 {
		t.Errorf("got %+v", last)
	}
}

func TestWhatFailedOrWasNeverSentIsReplayed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	s.fail(t, s.extraction(t, a))
	at, _ := s.hooked(t, a)
	replay := func(body string) call { return call{method: "POST", path: at + "/replay", as: a, body: body} }
	since := `"since":"` + models.FormatTime(s.clock.Now().Add(-time.Hour)) + `"`
	for _, step := range []struct {
		name string
		scenario
	}{
		{"missing", scenario{replay(`{"what":"missing",` + since + `}`), 200, []string{`"count":1`, `"complete":true`}, nil}},
		{"failed", scenario{replay(`{"what":"failed",` + since + `}`), 200, []string{`"count":1`}, nil}},
		{"both again", scenario{replay(`{"what":"failed",` + since + `}`), 200, []string{`"count":0`}, nil}},
		{"neither", scenario{replay(`{"what":"all",` + since + `}`), 400, []string{"what must be failed or missing"}, nil}},
		{"too old", scenario{replay(`{"what":"failed","since":"2026-01-01T00:00:00Z"}`), 400, []string{"since must be at most 30 days ago"}, nil}},
		{"off", scenario{call{method: "PUT", path: at, as: a, body: `{"isActive":false}`}, 200, nil, nil}},
		{"while off", scenario{replay(`{"what":"failed",` + since + `}`), 409, []string{"switched off"}, nil}},
		{"a test while off", scenario{call{method: "POST", path: at + "/test", as: a}, 201, nil, nil}},
	} {
		s.run(t, map[string]scenario{step.name: step.scenario})
	}
	listed := s.do(t, call{method: "GET", path: at + "/deliveries?event=extraction.failed", as: a})
	if !strings.Contains(listed.body, `"sequence":1`) {
		t.Errorf("got %s", listed.body)
	}
}
