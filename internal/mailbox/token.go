package mailbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// TokenStore keeps accounts' tokens, sealed, and lets one process at a time
// refresh them. Each method is one short transaction: none lasts as long as a
// request to Entra.
type TokenStore interface {
	// LoadToken has the account's sealed tokens and their version, which grows with
	// each SaveToken; no bytes: there are none yet.
	LoadToken(ctx context.Context, account string) (sealed []byte, version int64, err error)
	// ClaimToken says whether the caller may refresh the tokens of this version: it
	// is the latest, and nobody else's claim lasts until after now.
	ClaimToken(ctx context.Context, account string, version int64, now, until time.Time) (bool, error)
	// SaveToken stores the tokens that follow the version and ends the claim. It
	// stores nothing, and answers no error, when the version is not the latest.
	SaveToken(ctx context.Context, account string, version int64, sealed []byte) error
	// ReleaseToken ends the claim on a version that could not be refreshed.
	ReleaseToken(ctx context.Context, account string, version int64) error
}

// Sealer seals tokens for a row of the database: *secret.Keys.
type Sealer interface {
	Seal(plain []byte, owner string) []byte
	Open(sealed []byte, owner string) ([]byte, error)
}

const (
	// early is how long before its end a token is replaced. Clocks may differ by
	// minutes.
	early = 5 * time.Minute
	// claimLife outlasts a request to Entra, so that a process that died delays the
	// others no longer than that.
	claimLife = 2 * tokenTimeout
	// claimPoll is how often a process that waits for another one looks.
	claimPoll = 100 * time.Millisecond
)

// AccountTokens is an account's TokenSource: sealed tokens in a store, refreshed
// by one process at a time.
type AccountTokens struct {
	Account   Account
	Connector *Connector
	Store     TokenStore
	Sealer    Sealer

	mu      sync.Mutex // one goroutine loads or refreshes
	token   Token
	version int64
}

// Owner is whom an account's tokens are sealed for: the additional data of
// AES-GCM. A sealed token that is moved to another row or tenant does not open.
func (a Account) Owner() string { return "microsoft-token/" + a.Tenant + "/" + a.ID }

// SealToken makes of a token what TokenStore keeps.
func SealToken(s Sealer, a Account, t Token) ([]byte, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("write the token: %w", err)
	}
	return s.Seal(text, a.Owner()), nil
}

// OpenToken is the inverse of SealToken.
func OpenToken(s Sealer, a Account, sealed []byte) (Token, error) {
	if len(sealed) == 0 {
		return Token{}, nil
	}
	text, err := s.Open(sealed, a.Owner())
	if err != nil { // the key was changed, or somebody the database
		return Token{}, &Error{Failure: Operator, Code: "unsealable", Cause: errors.New("the account's sealed tokens can't be opened with this encryption key")}
	}
	var t Token
	if err := json.Unmarshal(text, &t); err != nil {
		return Token{}, &Error{Failure: Operator, Code: "unsealable", Cause: errors.New("the account's tokens can't be read")}
	}
	return t, nil
}

// Token implements TokenSource.
func (a *AccountTokens) Token(ctx context.Context, refused string) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.good(refused) {
		return a.token.Access, nil
	}
	for {
		if err := a.load(ctx); err != nil {
			return "", err
		}
		if a.good(refused) {
			return a.token.Access, nil
		}
		now := a.Connector.Now()
		mine, err := a.Store.ClaimToken(ctx, a.Account.ID, a.version, now, now.Add(claimLife))
		if err != nil {
			return "", fmt.Errorf("claim the account's tokens: %w", err)
		}
		if mine {
			return a.refresh(ctx)
		}
		timer := time.NewTimer(claimPoll)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return "", ctx.Err()
		}
	}
}

func (a *AccountTokens) good(refused string) bool {
	return a.token.Access != "" && a.token.Access != refused && a.token.Expires.Sub(a.Connector.Now()) > early
}

func (a *AccountTokens) load(ctx context.Context) error {
	sealed, version, err := a.Store.LoadToken(ctx, a.Account.ID)
	if err != nil {
		return fmt.Errorf("load the account's tokens: %w", err)
	}
	a.token, err = OpenToken(a.Sealer, a.Account, sealed)
	a.version = version
	return err
}

// refresh replaces the tokens that this process claimed. What Entra gave is
// stored even when the caller has gone: the next refresh needs it.
func (a *AccountTokens) refresh(ctx context.Context) (string, error) {
	after := context.WithoutCancel(ctx)
	next, err := a.ask(ctx)
	if err != nil {
		return "", errors.Join(err, a.Store.ReleaseToken(after, a.Account.ID, a.version))
	}
	if next.Refresh == "" {
		next.Refresh = a.token.Refresh
	}
	sealed, err := SealToken(a.Sealer, a.Account, next)
	if err != nil {
		return "", err
	}
	if err := a.Store.SaveToken(after, a.Account.ID, a.version, sealed); err != nil {
		return "", fmt.Errorf("save the account's tokens: %w", err)
	}
	a.token = next
	return next.Access, nil
}

func (a *AccountTokens) ask(ctx context.Context) (Token, error) {
	if a.Account.Mode == ModeApplication {
		return a.Connector.ClientCredentials(ctx, a.Account.EntraTenant)
	}
	if a.token.Refresh == "" {
		return Token{}, &Error{Failure: Reconnect, Code: "no_refresh_token"}
	}
	return a.Connector.Refresh(ctx, a.Account.EntraTenant, a.token.Refresh, a.Account.Actions)
}

// CheckConsent asks Entra anew whether an account may be used, for "check
// again": nil says that it may. A token that is still good proves nothing, so
// that one is got.
func (a *AccountTokens) CheckConsent(ctx context.Context) error {
	a.mu.Lock()
	err := a.load(ctx)
	present := a.token.Access
	a.mu.Unlock()
	if err != nil {
		return err
	}
	_, err = a.Token(ctx, present)
	return err
}
