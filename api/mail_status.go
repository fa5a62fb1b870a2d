package api

import (
	"time"

	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/models"
)

const (
	statePending  = "pending"
	statePaused   = "Watching is switched off; switch it on to go on where it stopped."
	advicePending = "The sign-in has not ended; sign in to Microsoft, or let an administrator approve."
)

// lastSync is when any of an account's mailboxes was last read with success.
func lastSync(a *models.MailAccount, boxes []models.Mailbox) *time.Time {
	var last *time.Time
	for i := range boxes {
		if at := boxes[i].LastOKAt; boxes[i].AccountID == a.ID && at != nil && (last == nil || at.After(*last)) {
			last = at
		}
	}
	return last
}

// accountStatus is how an account fares: what concerns all of it, else the worst
// of its mailboxes.
func (s *Server) accountStatus(a *models.MailAccount, boxes []models.Mailbox) MailStatus {
	if a.ConnectedAt == nil && a.Failure == "" {
		return MailStatus{State: statePending, Advice: advicePending}
	}
	now := s.Now()
	h := healthOf(&a.MailHealth, a.CreatedAt)
	if a.Failure == "" {
		h.LastOK = now // its mailboxes say whether mail is late
	}
	status := h.Derive(now)
	for i := range boxes {
		if status.State != mailbox.StateOK {
			break
		}
		if boxes[i].AccountID == a.ID && boxes[i].IsActive {
			status = mailboxHealth(&boxes[i]).Derive(now)
		}
	}
	if status.State == mailbox.StateOK {
		status.Reason = "The account is connected."
	}
	return statusView(status)
}

// mailboxStatus is how a mailbox fares.
func (s *Server) mailboxStatus(m *models.Mailbox, a *models.MailAccount) MailStatus {
	if !m.IsActive {
		return MailStatus{State: string(mailbox.StateOK), Advice: statePaused}
	}
	if a != nil && a.Failure != "" {
		if status := s.accountStatus(a, nil); status.State != string(mailbox.StateOK) {
			return status
		}
	}
	return statusView(mailboxHealth(m).Derive(s.Now()))
}

func mailboxHealth(m *models.Mailbox) mailbox.Health {
	h := healthOf(&m.MailHealth, m.CreatedAt)
	h.CatchingUp = m.CatchingUp || !m.Based
	if m.SubscribeFailure != "" {
		h.PushFailed = &mailbox.Error{Failure: mailbox.Failure(m.SubscribeFailure)}
	}
	return h
}

func healthOf(h *models.MailHealth, begun time.Time) mailbox.Health {
	health := mailbox.Health{LastOK: begun}
	if h.LastOKAt != nil {
		health.LastOK = *h.LastOKAt
	}
	if h.Failure != "" {
		health.LastError = &mailbox.Error{Failure: mailbox.Failure(h.Failure), Code: h.FailureCode, RequestID: h.RequestID, RetryAfter: h.RetryAfter}
	}
	if h.FailedAt != nil {
		health.LastErrorAt = *h.FailedAt
	}
	return health
}

func statusView(status mailbox.Status) MailStatus {
	view := MailStatus{State: string(status.State), Advice: status.Reason, RequestID: textOrNull(status.RequestID)}
	if !status.Until.IsZero() {
		view.Until = timeOrNull(&status.Until)
	}
	return view
}

// microsoftSays is an error of Microsoft as a client sees it.
func (s *Server) microsoftSays(err error) error {
	now := s.Now()
	status := mailbox.Health{LastOK: now, LastError: err, LastErrorAt: now}.Derive(now)
	switch status.State {
	case mailbox.StateNeedsAdmin, mailbox.StateReconnect, mailbox.StateNoMailbox, mailbox.StateNoAccess, mailbox.StateFolderMissing:
		return &models.Error{Code: models.CodeConflict, Message: status.Reason, Cause: err}
	case mailbox.StateThrottled, mailbox.StateDelayed, mailbox.StateOK, mailbox.StateCatchingUp, mailbox.StatePushDegraded:
	}
	if mailbox.FailureOf(err) == mailbox.NotFound {
		return &models.Error{Code: models.CodeNotFound, Message: "Microsoft knows no such mailbox or folder", Cause: err}
	}
	return models.Unavailable("Microsoft does not answer right now; try again in a moment", err)
}
