package api

import (
	"context"
	"time"

	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/models"
)

func (s *Server) mailboxView(m *models.Mailbox, a *models.MailAccount, counts models.MailCounts) Mailbox {
	return Mailbox{
		ID: m.ID, UnderscoreID: m.ID, ConnectionID: m.AccountID, Mailbox: m.Address, FolderID: m.FolderID, FolderName: m.FolderName,
		StartFrom: timeOrNull(m.StartFrom), Rules: list(&m.Rules), Archives: m.Archives, SkipDuplicates: m.SkipDuplicates, Action: m.Action, IsActive: m.IsActive,
		Status: s.mailboxStatus(m, a), Push: m.Push(s.Now()), LastSyncAt: timeOrNull(m.LastOKAt),
		Counts: MailCounts{
			Messages: int(counts.Messages), Waiting: int(counts.Waiting), Taken: int(counts.Taken), Failed: int(counts.Failed),
		},
		CreatedAt: models.FormatTime(m.CreatedAt), UpdatedAt: models.FormatTime(m.UpdatedAt),
	}
}

// mailboxViews shows mailboxes with their accounts' states and their counts.
func (s *Server) mailboxViews(ctx context.Context, caller models.Caller, rows []models.Mailbox) ([]Mailbox, error) {
	accounts, err := s.Store.ListMailAccounts(ctx, caller)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*models.MailAccount, len(accounts))
	for i := range accounts {
		byID[accounts[i].ID] = &accounts[i]
	}
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	counts, err := s.Store.MailCounts(ctx, caller, ids)
	return views(rows, func(m *models.Mailbox) Mailbox { return s.mailboxView(m, byID[m.AccountID], counts[m.ID]) }), err
}

func (s *Server) shownMailbox(ctx context.Context, caller models.Caller, m models.Mailbox) (Mailbox, error) {
	list, err := s.mailboxViews(ctx, caller, []models.Mailbox{m})
	if err != nil {
		return Mailbox{}, err
	}
	return list[0], nil
}

// ListMailboxes answers GET /mailboxes.
func (s *Server) ListMailboxes(ctx context.Context, _ ListMailboxesRequestObject) (ListMailboxesResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := s.mailOffered(); err != nil {
		return nil, err
	}
	rows, err := s.Store.ListMailboxes(ctx, caller)
	if err != nil {
		return nil, err
	}
	data, err := s.mailboxViews(ctx, caller, rows)
	if err != nil {
		return nil, err
	}
	return ListMailboxes200JSONResponse{Data: data}, nil
}

// CreateMailbox answers POST /mailboxes.
func (s *Server) CreateMailbox(ctx context.Context, r CreateMailboxRequestObject) (CreateMailboxResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := s.mailOffered(); err != nil {
		return nil, err
	}
	if r.Body.ConnectionID == "" {
		return nil, models.Invalid("connectionId is required")
	}
	if !models.ValidID(r.Body.ConnectionID) {
		return nil, models.Invalid("connectionId: Invalid connection ID format")
	}
	a, err := s.Store.GetMailAccount(ctx, caller, r.Body.ConnectionID)
	if err != nil {
		return nil, err
	}
	if a.ConnectedAt == nil {
		return nil, models.Conflict("The Microsoft account is not connected yet; sign in first")
	}
	now := s.Now()
	m := models.Mailbox{
		ID: models.NewID(now), AccountID: a.ID, Address: firstOf(or(r.Body.Mailbox), a.Email), FolderID: r.Body.FolderID,
		FolderName: firstOf(or(r.Body.FolderName), r.Body.FolderID), Rules: list(r.Body.Rules), Archives: or(r.Body.Archives), SkipDuplicates: or(r.Body.SkipDuplicates), Action: or(r.Body.Action),
		IsActive: true, NextPollAt: now, SweptAt: now, SubscribeAt: now, CreatedAt: now, UpdatedAt: now,
	}
	if m.StartFrom, err = startFrom(r.Body.Start, now); err != nil {
		return nil, err
	}
	if err := validMailbox(&m, &a); err != nil {
		return nil, err
	}
	if err := s.Store.CreateMailbox(ctx, caller, &m); err != nil {
		return nil, err
	}
	view, err := s.shownMailbox(ctx, caller, m)
	if err != nil {
		return nil, err
	}
	return CreateMailbox201JSONResponse{Data: view}, nil
}

// startFrom is the moment before which mail is not read; nil: all is.
func startFrom(start *MailStart, now time.Time) (*time.Time, error) {
	if start == nil {
		return &now, nil
	}
	switch start.From {
	case "", "now":
		return &now, nil
	case "all":
		return nil, nil //nolint:nilnil // all is
	case "date":
		if start.Date == nil {
			return nil, models.Invalid("start.date is required when start.from is date")
		}
		at, err := timeParameter("start.date", start.Date)
		return &at, err
	}
	return nil, models.Invalid("start.from must be now, date or all")
}

func validMailbox(m *models.Mailbox, a *models.MailAccount) error {
	if err := m.Validate(); err != nil {
		return err
	}
	if m.Action.Kind != models.MailActionNone && !a.Write {
		return models.Invalid("action needs an account that may change mail: connect it with write")
	}
	return nil
}

func (s *Server) mailbox(ctx context.Context, caller models.Caller, id string) (models.Mailbox, error) {
	if err := s.mailOffered(); err != nil {
		return models.Mailbox{}, err
	}
	if err := validID(id, "mailbox"); err != nil {
		return models.Mailbox{}, err
	}
	return s.Store.GetMailbox(ctx, caller, id)
}

// GetMailbox answers GET /mailboxes/:id.
func (s *Server) GetMailbox(ctx context.Context, r GetMailboxRequestObject) (GetMailboxResponseObject, error) {
	ctx, caller := requestOf(ctx)
	m, err := s.mailbox(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	view, err := s.shownMailbox(ctx, caller, m)
	if err != nil {
		return nil, err
	}
	return GetMailbox200JSONResponse{Data: view}, nil
}

// UpdateMailbox answers PUT /mailboxes/:id.
func (s *Server) UpdateMailbox(ctx context.Context, r UpdateMailboxRequestObject) (UpdateMailboxResponseObject, error) {
	ctx, caller := requestOf(ctx)
	m, err := s.mailbox(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	a, err := s.Store.GetMailAccount(ctx, caller, m.AccountID)
	if err != nil {
		return nil, err
	}
	set(&m.IsActive, r.Body.IsActive)
	set(&m.Rules, r.Body.Rules)
	set(&m.Archives, r.Body.Archives)
	set(&m.SkipDuplicates, r.Body.SkipDuplicates)
	set(&m.Action, r.Body.Action)
	if err := validMailbox(&m, &a); err != nil {
		return nil, err
	}
	if err := s.Store.UpdateMailbox(ctx, caller, &m); err != nil {
		return nil, err
	}
	view, err := s.shownMailbox(ctx, caller, m)
	if err != nil {
		return nil, err
	}
	return UpdateMailbox200JSONResponse{Data: view}, nil
}

// DeleteMailbox answers DELETE /mailboxes/:id.
func (s *Server) DeleteMailbox(ctx context.Context, r DeleteMailboxRequestObject) (DeleteMailboxResponseObject, error) {
	ctx, caller := requestOf(ctx)
	m, err := s.mailbox(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	if a, err := s.Store.GetMailAccount(ctx, caller, m.AccountID); err == nil {
		s.unsubscribe(ctx, a, []models.Mailbox{m})
	}
	if err := s.Store.DeleteMailbox(ctx, caller, m.ID); err != nil {
		return nil, err
	}
	return DeleteMailbox200JSONResponse{Data: DeletedID{Message: "Mailbox deleted successfully", DeletedID: r.ID}}, nil
}

// ListMessages answers GET /mailboxes/:id/messages.
func (s *Server) ListMessages(ctx context.Context, r ListMessagesRequestObject) (ListMessagesResponseObject, error) {
	ctx, caller := requestOf(ctx)
	m, err := s.mailbox(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	page, err := s.page(r.Params.Page, r.Params.Limit, r.Params.AsOf)
	if err != nil {
		return nil, err
	}
	filter := models.MessageFilter{State: or(r.Params.State)}
	if filter.State != "" && !filter.State.Valid() {
		return nil, models.Invalid("state must be waiting, done, filtered, draft, gone or failed")
	}
	if filter.Search, err = search(r.Params.Search); err != nil {
		return nil, err
	}
	rows, total, err := s.Store.ListMessages(ctx, caller, m.ID, filter, page)
	if err != nil {
		return nil, err
	}
	return ListMessages200JSONResponse{Data: MailMessageList{Items: views(rows, messageView), Pagination: pagination(page, total)}}, nil
}

func messageView(m *models.MailMessageDetail) MailMessage {
	view := MailMessage{
		ID: m.ID, UnderscoreID: m.ID, State: m.State, Rule: textOrNull(m.Rule), Subject: m.Subject, ReceivedAt: models.FormatTime(m.ReceivedAt),
		Attempts: m.Attempts, Attachments: views(m.Attachments, mailAttachmentView), CreatedAt: models.FormatTime(m.CreatedAt), UpdatedAt: models.FormatTime(m.UpdatedAt),
	}
	view.From.EmailAddress.Name, view.From.EmailAddress.Address = m.SenderName, m.Sender
	reason := mailbox.NothingTaken(mailbox.OutcomeState(m.State), m.Rule, len(m.Attachments))
	view.Reason = textOrNull(string(reason))
	view.Advice = textOrNull(firstOf(reason.Sentence(), messageAdvice(&m.MailMessage)))
	return view
}

// messageAdvice says why a mail failed or waits; empty where it does neither.
func messageAdvice(m *models.MailMessage) string {
	why := "It could not be read"
	switch mailbox.Failure(m.Failure) { //nolint:exhaustive // the others are of whole mailboxes
	case mailbox.Transient:
		why = "Microsoft's server or the connection failed"
	case mailbox.Refused, mailbox.NoAccess:
		why = "Microsoft refused to hand it out"
	}
	switch {
	case m.State == models.MessageFailed:
		return why + " in each of eight tries; replay it, or look into the mailbox."
	case m.State == models.MessageWaiting && m.Attempts > 0:
		return why + "; it is tried again by itself."
	}
	return ""
}

func mailAttachmentView(a *models.MailAttachment) MailAttachment {
	sentence := firstOf(a.Detail, mailbox.Reason(a.Reason).Sentence())
	return MailAttachment{
		Path: a.Path, Name: a.Name, Type: a.Type, Size: a.Size, Taken: a.Taken, Reason: textOrNull(a.Reason), Advice: textOrNull(sentence),
		Rule: textOrNull(a.Rule), ExtractionID: a.ExtractionID, DuplicateOf: a.DuplicateOf,
	}
}

// ReplayMessage answers POST /mailboxes/:id/messages/:messageId/replay.
func (s *Server) ReplayMessage(ctx context.Context, r ReplayMessageRequestObject) (ReplayMessageResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := s.mailOffered(); err != nil {
		return nil, err
	}
	if err := validID(r.ID, "mailbox"); err != nil {
		return nil, err
	}
	if !models.ValidID(r.MessageID) {
		return nil, models.Invalid("messageId: Invalid message ID format")
	}
	m, err := s.Store.ReplayMessage(ctx, caller, r.ID, r.MessageID)
	if err != nil {
		return nil, err
	}
	return ReplayMessage200JSONResponse{Data: messageView(&m)}, nil
}
