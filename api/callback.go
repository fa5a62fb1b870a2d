package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/models"
)

// The public addresses that Microsoft calls.
const (
	MicrosoftCallback      = "/api/microsoft/callback"
	MicrosoftNotifications = "/api/microsoft/notifications"
)

// What the page that a browser comes back to says. Nothing of the request is
// ever in it.
const (
	pageConnected = "The Microsoft account is connected. You may close this window."
	pageApproved  = "The connection is approved. You may close this window; where it was begun, choose \"check again\" or sign in once more."
	pageExpired   = "This sign-in has expired or was used before. Close this window and begin again."
	pageDeclined  = "The sign-in was cancelled. Close this window and begin again when you are ready."
	pageAdmin     = "Your administrator must approve this connection first. Close this window; where it was begun, there is a link for them."
	pageOther     = "This is another Microsoft account than the one that was connected before. Close this window and sign in with that one."
	pageTaken     = "This organisation is connected by another customer already. Close this window and contact support."
	pageFailed    = "Microsoft could not complete the sign-in. Close this window and try again in a moment."
)

// microsoftCallback ends a sign-in or an approval. Only a state that we gave out,
// and that was not used yet, changes anything.
func (s *Server) microsoftCallback(c *gin.Context) {
	sentence, next := pageExpired, ""
	if s.mailOffered() == nil {
		sentence, next = s.comeBack(c.Request.Context(), c.Request.URL.Query())
	}
	header := c.Writer.Header()
	header.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	if next != "" {
		c.Redirect(http.StatusFound, next)
		return
	}
	page := fmt.Sprintf("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Microsoft account</title><main><h1>Microsoft account</h1><p>%s</p></main></html>\n", sentence)
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(page))
}

// comeBack does what a browser brought back and says how it went, or where the
// browser goes next.
func (s *Server) comeBack(ctx context.Context, query url.Values) (sentence, next string) {
	state := query.Get("state")
	if state == approved {
		if query.Get("error") != "" {
			return pageDeclined, ""
		}
		return pageApproved, ""
	}
	a, err := s.Store.System().TakeLogin(ctx, loginHash(state))
	if err != nil {
		if models.CodeOf(err) == models.CodeNotFound {
			return pageExpired, ""
		}
		s.Logger.WarnContext(ctx, "take a sign-in", "error", err)
		return pageFailed, ""
	}
	if err = mailbox.CallbackError(query); err == nil {
		if a.Kind == models.ConnectionApplication && query.Get("code") == "" {
			next, err = s.proveApproval(ctx, &a, query.Get("tenant"))
		} else {
			sentence, err = s.connect(ctx, a, query.Get("code"))
		}
	}
	if err == nil {
		return sentence, next
	}
	return s.notConnected(ctx, &a, err), ""
}

// proveApproval lets who approved for an organisation sign in: the address that
// they come back by names an organisation, and anybody can write one.
func (s *Server) proveApproval(ctx context.Context, a *models.MailAccount, organisation string) (string, error) {
	if organisation, err := models.Text("tenant", organisation, 128); err == nil && organisation != "" {
		a.MicrosoftTenantID = organisation
	}
	attempt, ends := mailbox.NewAttempt(), s.Now().Add(mailbox.AttemptLife)
	a.LoginHash, a.Verifier, a.LoginExpiresAt = loginHash(attempt.State), s.Keys.Seal([]byte(attempt.Verifier), verifierOwner(a)), &ends
	return s.Connector.AuthCodeURL(attempt, "", false), s.Store.BeginLogin(ctx, models.Caller{TenantID: a.TenantID}, a)
}

// notConnected keeps why an account was not connected, and says it.
func (s *Server) notConnected(ctx context.Context, a *models.MailAccount, err error) string {
	s.noteAccount(a, err)
	s.Logger.WarnContext(ctx, "connect a Microsoft account", "accountId", a.ID, "failure", mailbox.FailureOf(err), "code", a.FailureCode)
	if a.Failure != string(mailbox.Refused) {
		if err := s.Store.System().KeepAccountHealth(ctx, a.ID, a.MailHealth); err != nil {
			s.Logger.WarnContext(ctx, "keep an account's state", "accountId", a.ID, "error", err)
		}
	}
	switch mailbox.FailureOf(err) { //nolint:exhaustive // of the others nobody here knows more
	case mailbox.Refused:
		return pageDeclined
	case mailbox.NeedsConsent:
		return pageAdmin
	}
	return pageFailed
}

// connect turns what Microsoft gave into a connected account.
func (s *Server) connect(ctx context.Context, a models.MailAccount, code string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, askMicrosoft)
	defer cancel()
	verifier, err := s.Keys.Open(a.Verifier, verifierOwner(&a))
	if err != nil {
		return pageExpired, nil // the key was changed meanwhile
	}
	token, who, err := s.Connector.Exchange(ctx, code, string(verifier))
	if err != nil {
		return "", err
	}
	if a.Kind == models.ConnectionApplication {
		if who.EntraTenant == "" || !strings.EqualFold(who.EntraTenant, a.MicrosoftTenantID) {
			return pageOther, nil
		}
		a.MicrosoftTenantID = who.EntraTenant
		if token, err = s.Connector.ClientCredentials(ctx, a.MicrosoftTenantID); err != nil {
			return "", err
		}
		return s.keepAccount(ctx, a, token)
	}
	if a.ObjectID != "" && (who.EntraUser != a.ObjectID || who.EntraTenant != a.MicrosoftTenantID) {
		return pageOther, nil
	}
	a.MicrosoftTenantID, a.ObjectID, a.Email = who.EntraTenant, who.EntraUser, strings.ToLower(who.Email)
	return s.keepAccount(ctx, a, token)
}

// keepAccount keeps a connected account; one that signs in a second time gets
// its new token and what it was allowed since, and stays one.
func (s *Server) keepAccount(ctx context.Context, a models.MailAccount, token mailbox.Token) (string, error) {
	system := s.Store.System()
	if first, err := system.FindMailAccount(ctx, a.TenantID, a.MicrosoftTenantID, a.ObjectID); err == nil && first.ID != a.ID {
		if err := s.Store.DeleteMailAccount(ctx, models.Caller{TenantID: a.TenantID}, a.ID); err != nil {
			return "", err
		}
		a.ID, a.TokenVersion, a.Write = first.ID, first.TokenVersion, first.Write || a.Write
	}
	sealed, err := mailbox.SealToken(s.Keys, MailAccountOf(&a), token)
	if err != nil {
		return "", err
	}
	a.Token = sealed
	err = system.ConnectMailAccount(ctx, &a)
	if models.CodeOf(err) == models.CodeConflict && err != nil {
		return pageTaken, nil //nolint:nilerr // the page says it
	}
	return pageConnected, err
}
