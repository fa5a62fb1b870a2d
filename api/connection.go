package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/models"
)

const (
	// approvalLife is how long an administrator has to approve a whole
	// organisation: the link is sent to them.
	approvalLife = 7 * 24 * time.Hour
	// approved is the state of approvals that no sign-in waits for.
	approved = "approval"
	// askMicrosoft is how long a client waits for Microsoft.
	askMicrosoft = 20 * time.Second
)

// mailOffered is an error where mailboxes are not.
func (s *Server) mailOffered() error {
	if s.Connector == nil || s.Mail == nil {
		return models.Conflict("Mailboxes are not offered here: the operator must register this installation with Microsoft and set EXTRACTOR_MICROSOFT_CLIENT_ID")
	}
	return nil
}

// MailAccountOf is an account as the mailbox package knows it.
func MailAccountOf(a *models.MailAccount) mailbox.Account {
	return mailbox.Account{
		ID: a.ID, Tenant: a.TenantID, Mode: mailbox.Mode(a.Kind), EntraTenant: a.MicrosoftTenantID, EntraUser: a.ObjectID, Email: a.Email, Actions: a.Write,
	}
}

// connectionView shows an account with its mailboxes.
func (s *Server) connectionView(a *models.MailAccount, boxes []models.Mailbox) Connection {
	view := Connection{
		ID: a.ID, UnderscoreID: a.ID, Kind: a.Kind, Email: a.Email, MicrosoftTenantID: a.MicrosoftTenantID, Write: a.Write,
		Status: s.accountStatus(a, boxes), ConnectedAt: timeOrNull(a.ConnectedAt), MailboxCount: 0,
		CreatedAt: models.FormatTime(a.CreatedAt), UpdatedAt: models.FormatTime(a.UpdatedAt),
	}
	for i := range boxes {
		if boxes[i].AccountID == a.ID {
			view.MailboxCount++
		}
	}
	view.LastSyncAt = timeOrNull(lastSync(a, boxes))
	if view.Status.State == string(mailbox.StateNeedsAdmin) && s.Connector != nil {
		link := s.Connector.AdminConsentURL(a.MicrosoftTenantID, approved, mailbox.Mode(a.Kind), a.Write)
		view.AdminConsentURL = &link
	}
	return view
}

// ListConnections answers GET /connections.
func (s *Server) ListConnections(ctx context.Context, _ ListConnectionsRequestObject) (ListConnectionsResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := s.mailOffered(); err != nil {
		return nil, err
	}
	accounts, boxes, err := s.accounts(ctx, caller)
	if err != nil {
		return nil, err
	}
	return ListConnections200JSONResponse{Data: views(accounts, func(a *models.MailAccount) Connection { return s.connectionView(a, boxes) })}, nil
}

func (s *Server) accounts(ctx context.Context, caller models.Caller) ([]models.MailAccount, []models.Mailbox, error) {
	accounts, err := s.Store.ListMailAccounts(ctx, caller)
	if err != nil {
		return nil, nil, err
	}
	boxes, err := s.Store.ListMailboxes(ctx, caller)
	return accounts, boxes, err
}

// tenantAccounts are the connected accounts as GET /tenants/:id shows them.
func (s *Server) tenantAccounts(ctx context.Context, caller models.Caller) ([]MicrosoftAccount, error) {
	accounts, boxes, err := s.accounts(ctx, caller)
	list := []MicrosoftAccount{}
	for i := range accounts {
		a := &accounts[i]
		if a.ConnectedAt == nil {
			continue
		}
		status := s.accountStatus(a, boxes)
		list = append(list, MicrosoftAccount{
			AccountID: a.ID, Email: a.Email, ConnectedAt: models.FormatTime(*a.ConnectedAt), State: status.State, Advice: status.Advice,
			LastSyncAt: timeOrNull(lastSync(a, boxes)),
		})
	}
	return list, err
}

// CreateConnection answers POST /connections.
func (s *Server) CreateConnection(ctx context.Context, r CreateConnectionRequestObject) (CreateConnectionResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := s.mailOffered(); err != nil {
		return nil, err
	}
	organisation, err := models.Text("microsoftTenantId", or(r.Body.MicrosoftTenantID), 128)
	switch {
	case err != nil:
		return nil, err
	case r.Body.Kind == "":
		return nil, models.Invalid("kind is required: delegated or application")
	case r.Body.Kind != models.ConnectionDelegated && r.Body.Kind != models.ConnectionApplication:
		return nil, models.Invalid("kind must be delegated or application")
	case r.Body.Kind == models.ConnectionApplication && organisation == "":
		return nil, models.Invalid("microsoftTenantId is required when kind is application")
	}
	now := s.Now()
	a := models.MailAccount{
		ID: models.NewID(now), TenantID: caller.TenantID, Kind: r.Body.Kind, MicrosoftTenantID: organisation, Write: or(r.Body.Write), CreatedAt: now, UpdatedAt: now,
	}
	begun := s.beginLogin(&a)
	if err := s.Store.CreateMailAccount(ctx, caller, &a); err != nil {
		return nil, err
	}
	begun.Connection = s.connectionView(&a, nil)
	return CreateConnection201JSONResponse{Data: begun}, nil
}

// beginLogin gives an account another sign-in, and the links for it.
func (s *Server) beginLogin(a *models.MailAccount) ConnectionBegun {
	attempt := mailbox.NewAttempt()
	life := mailbox.AttemptLife
	begun := ConnectionBegun{AdminConsentURL: s.Connector.AdminConsentURL(a.MicrosoftTenantID, approved, mailbox.Mode(a.Kind), a.Write)}
	if a.Kind == models.ConnectionApplication {
		life = approvalLife
		begun.AdminConsentURL = s.Connector.AdminConsentURL(a.MicrosoftTenantID, attempt.State, mailbox.ModeApplication, a.Write)
	} else {
		link := s.Connector.AuthCodeURL(attempt, a.Email, a.Write)
		begun.AuthorizationURL = &link
	}
	ends := s.Now().Add(life)
	a.LoginHash, a.Verifier, a.LoginExpiresAt = loginHash(attempt.State), s.Keys.Seal([]byte(attempt.Verifier), verifierOwner(a)), &ends
	begun.ExpiresAt = models.FormatTime(ends)
	return begun
}

func loginHash(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:])
}

func verifierOwner(a *models.MailAccount) string {
	return "microsoft-verifier/" + a.TenantID + "/" + a.ID
}

func (s *Server) account(ctx context.Context, caller models.Caller, id string) (models.MailAccount, error) {
	if err := s.mailOffered(); err != nil {
		return models.MailAccount{}, err
	}
	if err := validID(id, "connection"); err != nil {
		return models.MailAccount{}, err
	}
	return s.Store.GetMailAccount(ctx, caller, id)
}

// shown is an account with what is known of its mailboxes.
func (s *Server) shown(ctx context.Context, caller models.Caller, a *models.MailAccount) (Connection, error) {
	boxes, err := s.Store.MailboxesOf(ctx, caller, a.ID)
	return s.connectionView(a, boxes), err
}

// GetConnection answers GET /connections/:id.
func (s *Server) GetConnection(ctx context.Context, r GetConnectionRequestObject) (GetConnectionResponseObject, error) {
	ctx, caller := requestOf(ctx)
	a, err := s.account(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	view, err := s.shown(ctx, caller, &a)
	if err != nil {
		return nil, err
	}
	return GetConnection200JSONResponse{Data: view}, nil
}

// ReconnectConnection answers POST /connections/:id/reconnect. It does not ask
// Microsoft for anything: an account that is dead must be able to come back.
func (s *Server) ReconnectConnection(ctx context.Context, r ReconnectConnectionRequestObject) (ReconnectConnectionResponseObject, error) {
	ctx, caller := requestOf(ctx)
	a, err := s.account(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	begun := s.beginLogin(&a)
	if err := s.Store.BeginLogin(ctx, caller, &a); err != nil {
		return nil, err
	}
	if begun.Connection, err = s.shown(ctx, caller, &a); err != nil {
		return nil, err
	}
	return ReconnectConnection200JSONResponse{Data: begun}, nil
}

// CheckConnection answers POST /connections/:id/check.
func (s *Server) CheckConnection(ctx context.Context, r CheckConnectionRequestObject) (CheckConnectionResponseObject, error) {
	ctx, caller := requestOf(ctx)
	a, err := s.account(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	if a.ConnectedAt != nil {
		asking, cancel := context.WithTimeout(ctx, askMicrosoft)
		defer cancel()
		tokens := mailbox.AccountTokens{Account: MailAccountOf(&a), Connector: s.Connector, Store: s.Store.System(), Sealer: s.Keys}
		s.noteAccount(&a, tokens.CheckConsent(asking))
		if err := s.Store.System().KeepAccountHealth(ctx, a.ID, a.MailHealth); err != nil {
			return nil, err
		}
		if err := s.Store.System().WakeAccount(ctx, a.ID); err != nil {
			return nil, err
		}
	}
	view, err := s.shown(ctx, caller, &a)
	if err != nil {
		return nil, err
	}
	return CheckConnection200JSONResponse{Data: view}, nil
}

// noteAccount keeps what Microsoft answered in the account.
func (s *Server) noteAccount(a *models.MailAccount, err error) {
	now := s.Now()
	if err == nil {
		a.MailHealth = models.MailHealth{LastOKAt: &now}
		return
	}
	a.Failure, a.FailureCode, a.RequestID, a.RetryAfter, a.FailedAt = string(mailbox.FailureOf(err)), "", "", 0, &now
	if e, ok := errors.AsType[*mailbox.Error](err); ok {
		a.FailureCode, a.RequestID, a.RetryAfter = models.Storable(e.Code), models.Storable(e.RequestID), e.RetryAfter
	}
}

// DeleteConnection answers DELETE /connections/:id.
func (s *Server) DeleteConnection(ctx context.Context, r DeleteConnectionRequestObject) (DeleteConnectionResponseObject, error) {
	ctx, caller := requestOf(ctx)
	a, err := s.account(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	boxes, err := s.Store.MailboxesOf(ctx, caller, a.ID)
	if err != nil {
		return nil, err
	}
	s.unsubscribe(ctx, a, boxes)
	if err := s.Store.DeleteMailAccount(ctx, caller, a.ID); err != nil {
		return nil, err
	}
	return DeleteConnection200JSONResponse{Data: DeletedID{Message: "Account disconnected successfully", DeletedID: r.ID}}, nil
}

// unsubscribe tells Microsoft to tell us no more. Where it can't be told, its
// subscriptions end by themselves within a week, and what it tells is unknown.
func (s *Server) unsubscribe(ctx context.Context, a models.MailAccount, boxes []models.Mailbox) {
	client, err := s.Mail(a)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askMicrosoft/4)
	defer cancel()
	for i := range boxes {
		if boxes[i].SubscriptionID == "" {
			continue
		}
		if err := client.Unsubscribe(ctx, boxes[i].SubscriptionID); err != nil {
			s.Logger.WarnContext(ctx, "end a subscription; it ends by itself", "mailboxId", boxes[i].ID, "failure", mailbox.FailureOf(err))
		}
	}
}

// ListFolders answers GET /connections/:id/folders.
func (s *Server) ListFolders(ctx context.Context, r ListFoldersRequestObject) (ListFoldersResponseObject, error) {
	ctx, caller := requestOf(ctx)
	a, err := s.account(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	if _, err := models.Text("parentId", or(r.Params.ParentID), 1024); err != nil {
		return nil, err
	}
	box := models.Mailbox{Address: firstOf(or(r.Params.Mailbox), a.Email), FolderID: firstOf(or(r.Params.ParentID), "inbox")}
	if err := box.Validate(); err != nil {
		return nil, err
	}
	cursor := or(r.Params.Cursor)
	if cursor != "" && mailbox.CheckLink(s.Connector.Graph, cursor) != nil {
		return nil, models.Invalid("cursor must be the nextCursor of the page before")
	}
	client, err := s.Mail(a)
	if err != nil {
		return nil, s.microsoftSays(err)
	}
	asking, cancel := context.WithTimeout(ctx, askMicrosoft)
	defer cancel()
	page, err := client.Folders(asking, box.Address, or(r.Params.ParentID), cursor)
	if err != nil {
		return nil, s.microsoftSays(err)
	}
	list := MailFolderPage{NextCursor: textOrNull(page.Next), Items: make([]MailFolder, len(page.Folders))}
	for i, f := range page.Folders {
		list.Items[i] = MailFolder{ID: f.ID, Name: models.Storable(f.Name), ParentID: f.Parent, ChildCount: f.Children, MessageCount: f.Total}
	}
	return ListFolders200JSONResponse{Data: list}, nil
}
