package mailbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// The addresses of the worldwide cloud; sovereign clouds have others.
const (
	DefaultAuthority = "https://login.microsoftonline.com"
	DefaultGraph     = "https://graph.microsoft.com"
)

// tokenTimeout is how long Entra may take to answer.
const tokenTimeout = 30 * time.Second

// Connector is the registered application's way to Entra: it sends users and
// administrators there, and gets tokens. Every error of Exchange, Refresh,
// ClientCredentials and Identify is an *Error or the context's.
type Connector struct {
	ClientID, Secret string
	Authority        *url.URL // DefaultAuthority, or a sovereign cloud's
	Graph            *url.URL // DefaultGraph, or a sovereign cloud's
	RedirectURL      string   // where Entra sends the browser back, as it is registered
	Client           *http.Client
	Now              func() time.Time
}

// Token is what Entra gives.
type Token struct {
	Access  string    `json:"access"`
	Refresh string    `json:"refresh,omitempty"` // empty for an application
	Expires time.Time `json:"expires"`           // of Access
}

// Attempt is one try of a user to connect. State and Verifier are made by
// NewAttempt and kept, State as StateHash and Verifier sealed, until the browser
// comes back, once, within AttemptLife.
type Attempt struct {
	State    string // for the browser
	Verifier string // of PKCE; never leaves the server but for Exchange
}

// AttemptLife is how long a user has to sign in.
const AttemptLife = 10 * time.Minute

// NewAttempt makes an attempt of 256 bits of chance each.
func NewAttempt() Attempt {
	return Attempt{State: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier()}
}

// scopes are the delegated permissions; with actions, messages are changed, too.
// Shared is asked for because a mailbox that a colleague shares is read with it
// alone.
func (c *Connector) scopes(actions bool) []string {
	names := []string{"User.Read", "Mail.Read", "Mail.Read.Shared"}
	if actions {
		names = []string{"User.Read", "Mail.ReadWrite", "Mail.ReadWrite.Shared"}
	}
	scopes := []string{"openid", "profile", "offline_access"}
	for _, name := range names {
		scopes = append(scopes, c.Graph.JoinPath(name).String())
	}
	return scopes
}

// anyTenant is where users of every organisation sign in. It is not "common",
// which lets private accounts in.
const anyTenant = "organizations"

func (c *Connector) endpoint(tenant, page string) string {
	if tenant == "" {
		tenant = anyTenant
	}
	return c.Authority.JoinPath(url.PathEscape(tenant), page).String()
}

func (c *Connector) oauth(tenant string, actions bool) *oauth2.Config {
	return &oauth2.Config{
		ClientID: c.ClientID, ClientSecret: c.Secret, RedirectURL: c.RedirectURL, Scopes: c.scopes(actions),
		Endpoint: oauth2.Endpoint{
			AuthURL:  c.endpoint(tenant, "oauth2/v2.0/authorize"),
			TokenURL: c.endpoint(tenant, "oauth2/v2.0/token"), AuthStyle: oauth2.AuthStyleInParams,
		},
	}
}

// AuthCodeURL is where a user signs in and allows reading, and with actions
// changing, of mail. hint is the address to sign in with; empty: the user picks.
func (c *Connector) AuthCodeURL(a Attempt, hint string, actions bool) string {
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(a.Verifier)}
	if hint == "" {
		options = append(options, oauth2.SetAuthURLParam("prompt", "select_account"))
	} else {
		options = append(options, oauth2.SetAuthURLParam("login_hint", hint))
	}
	return c.oauth("", actions).AuthCodeURL(a.State, options...)
}

// AdminConsentURL is where an administrator approves for a whole organisation:
// users' permissions, or the application's own. entraTenant may be empty. The
// browser comes back with admin_consent=True and tenant, or with error.
func (c *Connector) AdminConsentURL(entraTenant, state string, mode Mode, actions bool) string {
	scope := strings.Join(c.scopes(actions), " ")
	if mode == ModeApplication {
		// What the registration lists is what the administrator is asked for.
		scope = c.Graph.JoinPath(".default").String()
	}
	query := url.Values{"client_id": {c.ClientID}, "scope": {scope}, "redirect_uri": {c.RedirectURL}, "state": {state}}
	return c.endpoint(entraTenant, "v2.0/adminconsent") + "?" + query.Encode()
}

// CallbackError is what a browser brought back instead of a code; nil: nothing
// is wrong. Refused: the user said no.
func CallbackError(query url.Values) error {
	code := query.Get("error")
	if code == "" {
		return nil
	}
	e := TokenRefused(http.StatusBadRequest, code, query.Get("error_description"))
	if e.Code == "AADSTS65004" { // the user declined, which no administrator mends
		e.Failure = Refused
	}
	return e
}

// Exchange turns a code into tokens, and says who signed in.
func (c *Connector) Exchange(ctx context.Context, code, verifier string) (Token, Identity, error) {
	ctx, cancel := c.context(ctx)
	defer cancel()
	t, err := c.oauth("", false).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return Token{}, Identity{}, refused(ctx, err)
	}
	token := plain(t)
	who, err := c.Identify(ctx, token.Access)
	if err != nil {
		return Token{}, Identity{}, err
	}
	id, _ := t.Extra("id_token").(string)
	who.EntraTenant = organisation(id)
	return token, who, nil
}

// organisation is the tenant that an id token names. It came from Entra itself
// over TLS, in answer to our secret, so that its signature proves nothing more
// (OpenID Connect Core 1.0, 3.1.3.7).
func organisation(idToken string) string {
	parts := strings.Split(idToken, ".")
	if len(parts) != 3 {
		return ""
	}
	var claims struct {
		TID string `json:"tid"`
	}
	if text, err := base64.RawURLEncoding.DecodeString(parts[1]); err != nil || json.Unmarshal(text, &claims) != nil {
		return ""
	}
	return claims.TID
}

// Refresh gets new tokens. The new refresh token must be kept: the old one ends
// 90 days after it was given.
func (c *Connector) Refresh(ctx context.Context, entraTenant, refresh string, actions bool) (Token, error) {
	ctx, cancel := c.context(ctx)
	defer cancel()
	t, err := c.oauth(entraTenant, actions).TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
	if err != nil {
		return Token{}, refused(ctx, err)
	}
	return plain(t), nil
}

// ClientCredentials gets the application's own token in an organisation.
func (c *Connector) ClientCredentials(ctx context.Context, entraTenant string) (Token, error) {
	ctx, cancel := c.context(ctx)
	defer cancel()
	config := clientcredentials.Config{
		ClientID: c.ClientID, ClientSecret: c.Secret, TokenURL: c.endpoint(entraTenant, "oauth2/v2.0/token"),
		Scopes: []string{c.Graph.JoinPath(".default").String()}, AuthStyle: oauth2.AuthStyleInParams,
	}
	t, err := config.Token(ctx)
	if err != nil {
		return Token{}, refused(ctx, err)
	}
	return plain(t), nil
}

func (c *Connector) context(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, c.Client), tokenTimeout)
}

func plain(t *oauth2.Token) Token {
	return Token{Access: t.AccessToken, Refresh: t.RefreshToken, Expires: t.Expiry.UTC()}
}

// refused is the error of the token endpoint. The answer's body, which may name
// the user, is not in it.
func refused(ctx context.Context, err error) error {
	if answer, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		status := 0
		if answer.Response != nil {
			status = answer.Response.StatusCode
		}
		return TokenRefused(status, answer.ErrorCode, answer.ErrorDescription)
	}
	if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	return Unanswered(err)
}

// Identify says whose an access token is.
func (c *Connector) Identify(ctx context.Context, access string) (Identity, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Graph.JoinPath("v1.0/me").String()+"?$select=id,displayName,mail,userPrincipalName", nil)
	if err != nil {
		return Identity{}, &Error{Failure: Refused, Cause: err}
	}
	r.Header.Set("Authorization", "Bearer "+access)
	response, err := c.Client.Do(r)
	if err != nil {
		return Identity{}, Unanswered(err)
	}
	defer response.Body.Close()
	var body struct {
		ID, DisplayName, Mail, UserPrincipalName string
		Error                                    struct{ Code string }
	}
	err = json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&body)
	if response.StatusCode != http.StatusOK {
		return Identity{}, Answered(OfOther, response.StatusCode, body.Error.Code, response.Header, c.Now())
	}
	if err != nil || body.ID == "" {
		return Identity{}, &Error{Failure: Transient, Cause: fmt.Errorf("read who signed in: %w", err)}
	}
	email := body.Mail
	if email == "" { // a user without a mailbox has none
		email = body.UserPrincipalName
	}
	return Identity{EntraUser: body.ID, Email: email, Name: body.DisplayName}, nil
}
