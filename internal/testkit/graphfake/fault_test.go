package graphfake_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"decoded.digital/extractor/internal/testkit/graphfake"
)

// TestGroups1To4 are answers that stand in front of everything.
func TestGroups1To4AnswerInGraphsStead(t *testing.T) {
	t.Parallel()
	date := time.Now().Add(time.Minute).UTC().Format(http.TimeFormat)
	for name, c := range map[string]struct {
		fault  graphfake.Break
		status int
		code   string
		header string // a header that must hold value
		value  string
	}{
		"1 at once":     {graphfake.Throttle("0"), 429, "ApplicationThrottled", "Retry-After", "0"},
		"1 long":        {graphfake.Throttle("120"), 429, "ApplicationThrottled", "Retry-After", "120"},
		"1 a date":      {graphfake.Throttle(date), 429, "ApplicationThrottled", "Retry-After", date},
		"1 without":     {graphfake.Throttle(""), 429, "ApplicationThrottled", "Retry-After", ""},
		"2 503":         {graphfake.Busy(503), 503, "", "Content-Type", "text/html"},
		"2 504":         {graphfake.Busy(504), 504, "", "Content-Type", "text/html"},
		"2 500":         {graphfake.Busy(500), 500, "", "Content-Type", "text/html"},
		"3 410":         {graphfake.Gone(), 410, "syncStateNotFound", "", ""},
		"3 400":         {graphfake.LostSync(), 400, "syncStateNotFound", "", ""},
		"4 plain":       {graphfake.Answer(401, "InvalidAuthenticationToken"), 401, "InvalidAuthenticationToken", "", ""},
		"8 vanished":    {graphfake.Answer(404, "ErrorItemNotFound"), 404, "ErrorItemNotFound", "", ""},
		"12 not shared": {graphfake.Answer(403, "ExtensionError"), 403, "ExtensionError", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.Inject(graphfake.Fault{Method: "GET", Path: regexp.MustCompile("delta"), Mailbox: user, Count: 1, Break: c.fault})
			a := b.get(b.delta())
			if a.status != c.status || a.code() != c.code || (c.header != "" && a.header.Get(c.header) != c.value) {
				t.Errorf("%d %s %v", a.status, a.code(), a.header)
			}
			if a := b.get(b.delta()); a.status != 200 {
				t.Errorf("the second time: %d", a.status)
			}
		})
	}
}

func TestGroup3LostTokensEndEveryLinkOfTheMailbox(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.mail(1)
	link := b.get(b.delta()).link()
	b.ForgetDelta(user)
	if a := b.get(link); a.status != 410 {
		t.Errorf("an old link: %d", a.status)
	}
	if a := b.get(b.delta()); len(a.ids()) != 1 {
		t.Errorf("a new round: %v", a.ids())
	}
}

func TestGroup4TokensExpireAndAreChallenged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Inject(graphfake.Fault{Count: 1, Break: graphfake.Challenge()})
	if a := b.get("/me"); a.status != 401 || !strings.Contains(a.header.Get("WWW-Authenticate"), `error="insufficient_claims", claims="`) {
		t.Errorf("the challenge: %d %v", a.status, a.header)
	}
	b.ExpireTokens(false)
	if a := b.get("/me"); a.status != 401 {
		t.Errorf("an expired token: %d", a.status)
	}
}

// post asks the token endpoint.
func (b *bundle) post(form url.Values) answer {
	form.Set("client_id", "client")
	if form.Get("client_secret") == "" {
		form.Set("client_secret", "secret")
	}
	return b.ask(http.MethodPost, b.URL+"/common/oauth2/v2.0/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// authorize answers what the callback is told.
func (b *bundle) authorize(hint string) url.Values {
	client := *b.HTTP.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	// The challenge of RFC 7636, appendix B.
	q := url.Values{
		"client_id": {"client"}, "response_type": {"code"}, "redirect_uri": {"https://me.test/back"}, "state": {"s"}, "login_hint": {hint},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}
	response, err := client.Get(b.URL + "/common/oauth2/v2.0/authorize?" + q.Encode())
	if err != nil {
		b.t.Fatal(err)
	}
	response.Body.Close()
	back, err := response.Location()
	if err != nil {
		b.t.Fatal(err)
	}
	return back.Query()
}

func TestSigningInNeedsTheVerifierAndACodeWorksOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	exchange := func(verifier, code string) answer {
		return b.post(url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {"https://me.test/back"}, "code_verifier": {verifier}})
	}
	if a := exchange("wrong", b.authorize(user).Get("code")); a.status != 400 || !strings.Contains(a.text, "AADSTS501481") {
		t.Errorf("a wrong verifier: %d %s", a.status, a.text)
	}
	code := b.authorize(user).Get("code")
	a := exchange("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", code)
	if a.status != 200 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if again := exchange("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", code); again.status != 400 {
		t.Errorf("the code a second time: %d", again.status)
	}
	b.token = a.body["access_token"].(string)
	if me := b.get("/me"); me.body["mail"] != "u1@acme.test" {
		t.Errorf("/me: %v", me.body)
	}
	refresh := a.body["refresh_token"].(string)
	next := b.post(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
	if next.status != 200 || next.body["refresh_token"] == refresh {
		t.Errorf("a refresh: %d, the same token %v", next.status, next.body["refresh_token"] == refresh)
	}
	for hint, want := range map[string]string{"denied": "access_denied", "consent": "consent_required", "nobody": "login_required"} {
		if got := b.authorize(hint); got.Get("error") != want || got.Get("state") != "s" {
			t.Errorf("%s: %v", hint, got)
		}
	}
}

func TestGroup5TokensAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if a := b.post(url.Values{"grant_type": {"client_credentials"}, "client_secret": {"old"}}); a.status != 401 || a.body["error"] != "invalid_client" {
		t.Errorf("a wrong secret: %d %s", a.status, a.text)
	}
	b.Inject(graphfake.Fault{Path: regexp.MustCompile("token$"), Count: 1, Break: graphfake.RefuseToken("invalid_grant", 50173)})
	a := b.post(url.Values{"grant_type": {"client_credentials"}})
	if a.status != 400 || a.body["error"] != "invalid_grant" || !strings.Contains(a.text, "AADSTS50173") {
		t.Errorf("refused: %d %s", a.status, a.text)
	}
	if a := b.post(url.Values{"grant_type": {"client_credentials"}}); a.body["refresh_token"] != nil || a.body["access_token"] == nil {
		t.Errorf("the application's: %s", a.text)
	}
}

func TestGroup6BodiesBreak(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, _ := b.mail(1)
	path := "/users/u1/messages/" + id + "/attachments"
	path += "/" + b.get(path).ids()[0] + "/$value"
	whole := string(graphfake.PDF(1))
	for name, c := range map[string]struct {
		fault graphfake.Break
		err   error
		text  string
	}{
		"cut":    {graphfake.Cut(100), io.ErrUnexpectedEOF, whole[:100]},
		"length": {graphfake.WrongLength(9), io.ErrUnexpectedEOF, whole},
		"drip":   {graphfake.Drip(200, time.Millisecond), nil, whole},
	} {
		b.Heal()
		b.Inject(graphfake.Fault{Path: regexp.MustCompile("value$"), Break: c.fault})
		if a := b.get(path); !errors.Is(a.err, c.err) || a.text != c.text {
			t.Errorf("%s: %v after %d bytes", name, a.err, len(a.text))
		}
	}
	b.Heal()
	b.Inject(graphfake.Fault{Break: graphfake.Hang()})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, b.URL+"/v1.0/me", nil)
	if response, err := b.HTTP.Client().Do(r); err == nil {
		response.Body.Close()
		t.Error("a request that hangs was answered")
	}
}

func TestGroup7PagesAreEmptyRepeatedAndLarge(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n := range 30 {
		b.mail(n)
	}
	b.Inject(graphfake.Fault{Path: regexp.MustCompile("delta"), Count: 1, Break: b.EmptyPage()})
	empty := b.get(b.delta())
	if empty.body["@odata.nextLink"] == nil || len(empty.ids()) != 0 {
		t.Errorf("an empty page: %s", empty.text)
	}
	if ids := b.get(empty.link(), "Prefer", "odata.maxpagesize=1000").ids(); len(ids) != 30 {
		t.Errorf("a page of 1,000: %d", len(ids))
	}
	b.Inject(graphfake.Fault{Path: regexp.MustCompile("delta"), Count: 1, Break: graphfake.Repeat()})
	ids := b.get(b.delta()).ids()
	if len(ids) != 20 || ids[0] != ids[19] {
		t.Errorf("a page that repeats: %d", len(ids))
	}
}

func TestGroup8And14WhatVanishes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, _ := b.mail(1)
	path := "/users/u1/messages/" + id
	attachment := path + "/attachments/" + b.get(path + "/attachments").ids()[0] + "/$value"
	b.DeleteAttachment(user, id, 0)
	if a := b.get(attachment); a.status != 404 {
		t.Errorf("a deleted attachment: %d", a.status)
	}
	b.Delete(user, id)
	if a := b.get(path); a.status != 404 {
		t.Errorf("a deleted message: %d", a.status)
	}
	b.DeleteFolder(user, b.inbox)
	if a := b.get(b.delta()); a.status != 404 {
		t.Errorf("a deleted folder: %d", a.status)
	}
	b.Disable(user)
	if a := b.get("/users/u1/mailFolders"); a.status != 404 || a.code() != "MailboxNotEnabledForRESTAPI" {
		t.Errorf("a disabled mailbox: %d %s", a.status, a.code())
	}
}

func TestGroup13ALinkLeadsToAForeignHost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Inject(graphfake.Fault{Path: regexp.MustCompile("delta"), Break: graphfake.ForeignLink("evil.test")})
	if a := b.get(b.delta()); !strings.HasPrefix(a.link(), "https://evil.test/") {
		t.Errorf("the link: %s", a.link())
	}
}

func TestGroup15EveryOddityIsServedAsItCame(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var list []graphfake.Attachment
	for _, o := range graphfake.Oddities(1) {
		list = append(list, o.Attachment)
	}
	id, _ := b.Deliver(user, "inbox", graphfake.Mail{Attachments: list})
	path := "/users/u1/messages/" + id + "/attachments"
	all := b.get(path).body["value"].([]any)
	for i, item := range all {
		got, want := item.(map[string]any), list[i]
		if got["name"] != want.Name || got["isInline"] != want.Inline {
			t.Errorf("%q is listed as %q", want.Name, got["name"])
		}
		if want.Kind == graphfake.Reference {
			continue
		}
		if a := b.get(path + "/" + got["id"].(string) + "/$value"); a.text != string(want.Content) {
			t.Errorf("%q: %d bytes of %d", want.Name, len(a.text), len(want.Content))
		}
	}
}

func TestGroup16TheClockIsAhead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.SetSkew(10 * time.Minute)
	date, err := http.ParseTime(b.get("/me").header.Get("Date"))
	if err != nil || time.Until(date) < 9*time.Minute {
		t.Errorf("the date: %s, %v", date, err)
	}
	b.SetSkew(2 * time.Hour)
	if a := b.get("/me"); a.status != 401 {
		t.Errorf("a token of an hour, two hours on: %d", a.status)
	}
}

func TestGroup17AHookStandsBeforeAndAfterEachRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var points []string
	b.Hook(func(point string) { points = append(points, point) })
	b.get("/me")
	b.Close() // waits for the request's end
	if !slices.Equal(points, []string{"before GET /v1.0/me", "after GET /v1.0/me"}) {
		t.Errorf("points: %v", points)
	}
}
