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
	sentence := pageExpired
	if s.mailOffered() == nil {
		sentence = s.comeBack(c.Request.Context(), c.Request.URL.Query())
	}
	header := c.Writer.Header()
	header.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	page := fmt.Sprintf("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Microsoft account</title><main><h1>Microsoft account</h1><p>%s</p></main></html>\n", sentence)
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(page))
}

// comeBack does what a browser brought back and says how it went.
func (s *Server) comeBack(ctx context.Context, query url.Values) string {
	state := query.Get("state")
	if state == approved {
		if query.Get("error") != "" {
			return pageDeclined
		}
		return pageApproved
	}
	a, err := s.Store.System().TakeLogin(ctx, loginHash(state))
	if err != nil {
		if models.CodeOf(err) == models.CodeNotFound {
			return pageExpired
		}
		s.Logger.WarnContext(ctx, "take a sign-in", "error", err)
		return pageFailed
	}
	if err = mailbox.CallbackError(query); err == nil {
		var said string
		if said, err = s.connect(ctx, a, query); err == nil {
			return said
		}
	}
	s.noteAccount(&a, err)
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
func (s *Server) connect(ctx context.Context, a models.MailAccount, query url.Values) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, askMicrosoft)
	defer cancel()
	var token mailbox.Token
	var err error
	if a.Kind == models.ConnectionApplication {
		if a.MicrosoftTenantID = firstOf(query.Get("tenant"), a.MicrosoftTenantID); len(a.MicrosoftTenantID) > 128 {
			return pageFailed, nil
		}
		token, err = s.Connector.ClientCredentials(ctx, a.MicrosoftTenantID)
	} else {
		verifier, opened := s.Keys.Open(a.Verifier, verifierOwner(&a))
		if opened != nil {
			return pageExpired, nil //nolint:nilerr // the key was changed meanwhile
		}
		var who mailbox.Identity
		token, who, err = s.Connector.Exchange(ctx, query.Get("code"), string(verifier))
		if a.ObjectID != "" && err == nil && (who.EntraUser != a.ObjectID || who.EntraTenant != a.MicrosoftTenantID) {
			return pageOther, nil
		}
		a.MicrosoftTenantID, a.ObjectID, a.Email = who.EntraTenant, who.EntraUser, strings.ToLower(who.Email)
	}
	if err != nil {
		return "", err
	}
	return s.keepAccount(ctx, a, token)
}

// keepAccount keeps a connected account; one that signs in a second time gets
// its new token, and stays one.
func (s *Server) keepAccount(ctx context.Context, a models.MailAccount, token mailbox.Token) (string, error) {
	system := s.Store.System()
	if first, err := system.FindMailAccount(ctx, a.TenantID, a.MicrosoftTenantID, a.ObjectID); err == nil && first.ID != a.ID {
		if err := s.Store.DeleteMailAccount(ctx, models.Caller{TenantID: a.TenantID}, a.ID); err != nil {
			return "", err
		}
		a.ID, a.TokenVersion = first.ID, first.TokenVersion
	}
	sealed, err := mailbox.SealToken(s.Keys, MailAccountOf(&a), token)
	if err != nil {
		return "", err
	}
	a.Token = sealed
	err = system.ConnectMailAccount(ctx, &a)
	if models.CodeOf(err) == models.CodeConflict && err != nil {
		return pageTaken, nil
	}
	return pageConnected, err
}
