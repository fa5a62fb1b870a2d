package graphfake_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"decoded.digital/extractor/internal/testkit/graphfake"
)

// receiver takes notifications.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []map[string]any
	posts  int
	status int
	echo   bool // answers the handshake
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: 202, echo: true}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if token := q.URL.Query().Get("validationToken"); token != "" {
			w.Header().Set("Content-Type", "text/plain")
			if r.echo {
				io.WriteString(w, token)
			}
			return
		}
		var body struct{ Value []map[string]any }
		if err := json.NewDecoder(q.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		r.posts++
		r.got = append(r.got, body.Value...)
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (b *bundle) subscribe(r *receiver, life time.Duration) answer {
	return b.ask(http.MethodPost, "/subscriptions", fmt.Sprintf(
		`{"changeType":"created","resource":"users/u1/mailFolders/%s/messages","notificationUrl":%q,"lifecycleNotificationUrl":%q,"clientState":"s3cret","expirationDateTime":%q}`,
		b.inbox, r.URL+"/n", r.URL+"/l", time.Now().Add(life).UTC().Format(time.RFC3339)))
}

func TestSubscriptionsLiveAndEnd(t *testing.T) {
	t.Parallel()
	b, r := setup(t), receive(t)
	if a := b.subscribe(r, 10_081*time.Minute+time.Second); a.status != 400 {
		t.Errorf("a week and a minute: %d", a.status)
	}
	r.echo = false
	if a := b.subscribe(r, time.Hour); a.status != 400 || a.code() != "ValidationError" {
		t.Errorf("without the handshake: %d %s", a.status, a.text)
	}
	r.echo = true
	a := b.subscribe(r, time.Minute)
	ends, err := time.Parse("2006-01-02T15:04:05.0000000Z", a.body["expirationDateTime"].(string))
	if a.status != 201 || err != nil || time.Until(ends) < 44*time.Minute || a.body["clientState"] != nil {
		t.Errorf("made: %d %s", a.status, a.text)
	}
	if again := b.subscribe(r, time.Hour); again.status != 409 {
		t.Errorf("a second one: %d", again.status)
	}
	path := "/subscriptions/" + a.body["id"].(string)
	renewal := `{"expirationDateTime":"` + time.Now().Add(72*time.Hour).UTC().Format(time.RFC3339) + `"}`
	if renewed := b.ask(http.MethodPatch, path, renewal); renewed.status != 200 {
		t.Errorf("renewed: %d %s", renewed.status, renewed.text)
	}
	if list := b.get("/subscriptions"); len(list.ids()) != 1 {
		t.Errorf("listed: %s", list.text)
	}
	b.EndSubscription(a.body["id"].(string))
	if late := b.ask(http.MethodPatch, path, renewal); late.status != 404 {
		t.Errorf("renewed after its end: %d", late.status)
	}
	b.Share(user)
	if shared := b.subscribe(r, time.Hour); shared.status != 403 {
		t.Errorf("of a shared mailbox: %d", shared.status)
	}
}

func TestGroup12SubscriptionsAreRefusedOnTheWay(t *testing.T) {
	t.Parallel()
	b, r := setup(t), receive(t)
	b.Inject(graphfake.Fault{Method: "POST", Path: regexp.MustCompile("subscriptions"), Count: 1, Break: graphfake.Answer(409, "ExtensionError")})
	if a := b.subscribe(r, time.Hour); a.status != 409 {
		t.Errorf("broken: %d", a.status)
	}
	if a := b.subscribe(r, time.Hour); a.status != 201 {
		t.Errorf("healed: %d", a.status)
	}
}

func TestGroup10NotificationsGoAstray(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mischief graphfake.Mischief
		posts    int
		got      int
		check    func(first map[string]any) bool
	}{
		"as they should":       {graphfake.Mischief{}, 1, 2, func(n map[string]any) bool { return n["clientState"] == "s3cret" }},
		"twice":                {graphfake.Mischief{Twice: true}, 2, 4, nil},
		"lost":                 {graphfake.Mischief{Lost: true}, 0, 0, nil},
		"reversed":             {graphfake.Mischief{Reverse: true}, 1, 2, nil},
		"a wrong state":        {graphfake.Mischief{ClientState: "x"}, 1, 2, func(n map[string]any) bool { return n["clientState"] == "x" }},
		"unknown":              {graphfake.Mischief{Subscription: "y"}, 1, 2, func(n map[string]any) bool { return n["subscriptionId"] == "y" }},
		"of another tenant":    {graphfake.Mischief{Tenant: "z"}, 1, 2, func(n map[string]any) bool { return n["tenantId"] == "z" }},
		"a thousand in a POST": {graphfake.Mischief{Repeat: 500}, 1, 1000, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, r := setup(t), receive(t)
			if a := b.subscribe(r, time.Hour); a.status != 201 {
				t.Fatal(a.text)
			}
			first, _ := b.mail(1)
			last, _ := b.mail(2)
			b.Notify(t.Context(), c.mischief)
			if r.posts != c.posts || len(r.got) != c.got || (c.check != nil && !c.check(r.got[0])) {
				t.Fatalf("%d posts of %d: %v", r.posts, len(r.got), r.got)
			}
			if c.mischief.Reverse {
				first = last
			}
			if len(r.got) > 0 && !strings.HasSuffix(r.got[0]["resource"].(string), "/Messages/"+first) {
				t.Errorf("the first one is of %v", r.got[0]["resource"])
			}
		})
	}
}

func TestNotificationsThatAreNotTakenAreSentAgain(t *testing.T) {
	t.Parallel()
	b, r := setup(t), receive(t)
	b.subscribe(r, time.Hour)
	b.mail(1)
	r.status = 503
	if statuses := b.Notify(t.Context(), graphfake.Mischief{}); !slices.Equal(statuses, []int{503, 503, 503}) {
		t.Errorf("statuses %v", statuses)
	}
}

func TestGroup11LifecycleEvents(t *testing.T) {
	t.Parallel()
	b, r := setup(t), receive(t)
	id := b.subscribe(r, time.Hour).body["id"].(string)
	for _, event := range []string{graphfake.Reauthorize, graphfake.Missed, graphfake.SubscriptionRemoved} {
		b.Lifecycle(t.Context(), id, event)
		if last := r.got[len(r.got)-1]; last["lifecycleEvent"] != event || last["clientState"] != "s3cret" {
			t.Errorf("%s came as %v", event, last)
		}
	}
	if a := b.get("/subscriptions/" + id); a.status != 404 {
		t.Errorf("a removed one: %d", a.status)
	}
}
