package mailbox

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/internal/testkit/graphfake"
)

// newConnector is one whose browser and server reach the fake alone.
func newConnector(t *testing.T, g *graphfake.Server) *Connector {
	t.Helper()
	at, err := url.Parse(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &Connector{
		ClientID: "client", Secret: "secret", Authority: at, Graph: at, RedirectURL: "https://extractor.example.com/callback", Now: time.Now,
		Client: &http.Client{Transport: g.Transport(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// visit opens an address as a browser does, and says where it is sent.
func visit(t *testing.T, c *Connector, address string) url.Values {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.Client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	back, err := response.Location()
	if err != nil || !strings.HasPrefix(back.String(), c.RedirectURL+"?") {
		t.Fatalf("%d, sent to %v", response.StatusCode, back)
	}
	return back.Query()
}

func fakeGraph(t *testing.T) *graphfake.Server {
	t.Helper()
	g := graphfake.New(graphfake.Options{Seed: 11})
	t.Cleanup(g.Close)
	g.AddMailbox("u1", "u1@acme.test")
	return g
}

func TestAUserSignsInWithPKCEAndState(t *testing.T) {
	t.Parallel()
	g := fakeGraph(t)
	c, attempt := newConnector(t, g), NewAttempt()
	back := visit(t, c, c.AuthCodeURL(attempt, "u1@acme.test", false))
	if back.Get("state") != attempt.State || CallbackError(back) != nil {
		t.Fatalf("came back with %v", back)
	}
	if _, _, err := c.Exchange(t.Context(), back.Get("code"), NewAttempt().Verifier); FailureOf(err) != Reconnect {
		t.Errorf("another attempt's verifier: %v", err)
	}
	back = visit(t, c, c.AuthCodeURL(attempt, "u1@acme.test", false))
	token, who, err := c.Exchange(t.Context(), back.Get("code"), attempt.Verifier)
	if err != nil || token.Access == "" || token.Refresh == "" || !token.Expires.After(time.Now()) {
		t.Fatal(err)
	}
	if want := (Identity{EntraTenant: graphfake.TenantID, EntraUser: "u1", Email: "u1@acme.test", Name: "u1@acme.test"}); who != want {
		t.Errorf("signed in: %+v", who)
	}
	if _, _, err := c.Exchange(t.Context(), back.Get("code"), attempt.Verifier); FailureOf(err) != Reconnect {
		t.Errorf("a code for the second time: %v", err)
	}
}

func TestWhatABrowserBringsBackBecomesAFailure(t *testing.T) {
	t.Parallel()
	c := newConnector(t, fakeGraph(t))
	for hint, want := range map[string]Failure{"denied": Refused, "consent": NeedsConsent, "nobody": Reconnect} {
		back := visit(t, c, c.AuthCodeURL(NewAttempt(), hint, false))
		if got := FailureOf(CallbackError(back)); got != want {
			t.Errorf("%s: %s, want %s (%v)", hint, got, want, back)
		}
	}
}

func TestTheSignInAsksForNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	c := newConnector(t, fakeGraph(t))
	c.Graph = &url.URL{Scheme: "https", Host: "graph.microsoft.com"}
	for actions, want := range map[bool]string{false: "Mail.Read", true: "Mail.ReadWrite"} {
		u, err := url.Parse(c.AuthCodeURL(NewAttempt(), "", actions))
		if err != nil {
			t.Fatal(err)
		}
		scopes, q := strings.Fields(u.Query().Get("scope")), u.Query()
		if len(scopes) != 6 || scopes[4] != "https://graph.microsoft.com/"+want || q.Get("prompt") != "select_account" ||
			q.Get("code_challenge_method") != "S256" || u.Path != "/organizations/oauth2/v2.0/authorize" {
			t.Errorf("actions %v: %s", actions, u)
		}
	}
}

func TestAnAdministratorApprovesByALink(t *testing.T) {
	t.Parallel()
	g := fakeGraph(t)
	c := newConnector(t, g)
	for _, mode := range []Mode{ModeDelegated, ModeApplication} {
		back := visit(t, c, c.AdminConsentURL("", "state", mode, false))
		if back.Get("admin_consent") != "True" || back.Get("tenant") != graphfake.TenantID || back.Get("state") != "state" {
			t.Errorf("%s: came back with %v", mode, back)
		}
	}
	token, err := c.ClientCredentials(t.Context(), graphfake.TenantID)
	if err != nil || token.Access == "" || token.Refresh != "" {
		t.Errorf("%+v, %v", token, err)
	}
}

func TestAWrongSecretIsTheOperatorsMatter(t *testing.T) {
	t.Parallel()
	c := newConnector(t, fakeGraph(t))
	c.Secret = "an old one"
	_, err := c.ClientCredentials(t.Context(), graphfake.TenantID)
	if FailureOf(err) != Operator || strings.Contains(err.Error(), c.Secret) {
		t.Errorf("%v", err)
	}
}

// vault is a TokenStore as a database is one.
type vault struct {
	mu      sync.Mutex
	sealed  []byte
	version int64
	until   time.Time
	saved   int
}

func (v *vault) LoadToken(context.Context, string) ([]byte, int64, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return bytes.Clone(v.sealed), v.version, nil
}

func (v *vault) ClaimToken(_ context.Context, _ string, version int64, now, until time.Time) (bool, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.version != version || v.until.After(now) {
		return false, nil
	}
	v.until = until
	return true, nil
}

func (v *vault) SaveToken(_ context.Context, _ string, version int64, sealed []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.version == version {
		v.sealed, v.version, v.until, v.saved = sealed, version+1, time.Time{}, v.saved+1
	}
	return nil
}

func (v *vault) ReleaseToken(_ context.Context, _ string, version int64) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.version == version {
		v.until = time.Time{}
	}
	return nil
}

// connected is an account that signed in, and what a process reads it with.
func connected(t *testing.T, g *graphfake.Server) (*vault, func() *AccountTokens) {
	t.Helper()
	c, attempt := newConnector(t, g), NewAttempt()
	token, who, err := c.Exchange(t.Context(), visit(t, c, c.AuthCodeURL(attempt, "u1", false)).Get("code"), attempt.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.NewKeys(bytes.Repeat([]byte{7}, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	account := Account{ID: "a1", Tenant: "t1", Mode: ModeDelegated, EntraTenant: who.EntraTenant, EntraUser: who.EntraUser}
	sealed, err := SealToken(keys, account, token)
	if err != nil {
		t.Fatal(err)
	}
	v := &vault{sealed: sealed, version: 1}
	return v, func() *AccountTokens {
		return &AccountTokens{Account: account, Connector: newConnector(t, g), Store: v, Sealer: keys}
	}
}

// asked counts the requests of the token endpoint.
func asked(g *graphfake.Server) int {
	n := 0
	for _, r := range g.Requests() {
		if strings.HasSuffix(r.Path, "/token") {
			n++
		}
	}
	return n
}

func TestEightWorkersOfTwoProcessesRefreshATokenOnce(t *testing.T) {
	t.Parallel()
	g := fakeGraph(t)
	v, process := connected(t, g)
	refused, err := process().Token(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	before, first := asked(g), bytes.Clone(v.sealed)
	g.ExpireTokens(false)
	group, ctx := errgroup.WithContext(t.Context())
	for range 2 {
		tokens := process()
		for range 4 {
			group.Go(func() error {
				got, err := tokens.Token(ctx, refused)
				if err == nil && got == refused {
					t.Error("the token that was refused came again")
				}
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := asked(g) - before; n != 1 || v.saved != 1 {
		t.Errorf("refreshed %d times, saved %d times", n, v.saved)
	}
	account := process().Account
	old, errOld := OpenToken(process().Sealer, account, first)
	fresh, errFresh := OpenToken(process().Sealer, account, v.sealed)
	if errOld != nil || errFresh != nil || old.Refresh == fresh.Refresh || fresh.Refresh == "" {
		t.Error("the new refresh token was not kept")
	}
}

func TestATokenIsReplacedBeforeItEnds(t *testing.T) {
	t.Parallel()
	g := fakeGraph(t)
	_, process := connected(t, g)
	tokens := process()
	first, err := tokens.Token(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	tokens.Connector.Now = func() time.Time { return time.Now().Add(56 * time.Minute) }
	second, err := tokens.Token(t.Context(), "")
	if err != nil || first == second {
		t.Errorf("%v; the same: %v", err, first == second)
	}
}

func TestARevokedAccountMustSignInAgainAndKeepsNoClaim(t *testing.T) {
	t.Parallel()
	g := fakeGraph(t)
	v, process := connected(t, g)
	g.ExpireTokens(true)
	for range 2 {
		if err := process().CheckConsent(t.Context()); FailureOf(err) != Reconnect {
			t.Errorf("%v", err)
		}
	}
	if !v.until.IsZero() || v.saved != 0 {
		t.Error("a claim was kept, or something saved")
	}
}

func TestAnEndpointThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	g := fakeGraph(t)
	_, process := connected(t, g)
	g.Inject(graphfake.Fault{Path: regexp.MustCompile("/token$"), Count: 1, Break: graphfake.Busy(500)})
	if err := process().CheckConsent(t.Context()); FailureOf(err) != Transient {
		t.Errorf("%v", err)
	}
	if err := process().CheckConsent(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAProcessThatDiedWhileRefreshingHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	g := fakeGraph(t)
	v, process := connected(t, g)
	v.until = time.Now().Add(claimLife)
	tokens, clock := process(), time.Now()
	tokens.Connector.Now = func() time.Time { // each look takes 20 s
		clock = clock.Add(20 * time.Second)
		return clock
	}
	present, err := process().Token(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Token(t.Context(), present); err != nil || v.saved != 1 {
		t.Errorf("%v, saved %d times", err, v.saved)
	}
}

func TestASealedTokenOpensForItsAccountAlone(t *testing.T) {
	t.Parallel()
	v, process := connected(t, fakeGraph(t))
	tokens := process()
	token, err := OpenToken(tokens.Sealer, tokens.Account, v.sealed)
	if err != nil || bytes.Contains(v.sealed, []byte(token.Refresh)) {
		t.Fatal("not sealed", err)
	}
	for _, other := range []Account{{ID: "a2", Tenant: "t1"}, {ID: "a1", Tenant: "t2"}} {
		if _, err := OpenToken(tokens.Sealer, other, v.sealed); FailureOf(err) != Operator {
			t.Errorf("%+v: %v", other, err)
		}
	}
}

func TestAnOrganisationsTokenIsTheApplicationsOwn(t *testing.T) {
	t.Parallel()
	g := fakeGraph(t)
	_, process := connected(t, g)
	tokens := process()
	tokens.Account = Account{ID: "a2", Tenant: "t1", Mode: ModeApplication, EntraTenant: graphfake.TenantID}
	v := &vault{}
	tokens.Store = v
	first, err := tokens.Token(t.Context(), "")
	if err != nil || first == "" || v.saved != 1 {
		t.Fatal(err)
	}
	if again, err := tokens.Token(t.Context(), ""); err != nil || again != first {
		t.Errorf("asked for another one: %v", err)
	}
}
