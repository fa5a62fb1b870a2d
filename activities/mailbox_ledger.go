package activities

import (
	"cmp"
	"context"
	"io"
	"time"

	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
)

// ledger is the mailbox package's Ledger and Intake over the store, for the
// mailboxes of one account.
type ledger struct {
	store  *store.System
	intake *intake.Intake
	// promised is called when an extraction was promised.
	promised func()
	now      func() time.Time
	tenant   string
}

func (l *ledger) Cursor(ctx context.Context, s mailbox.Source) (mailbox.Cursor, error) {
	c, err := l.store.LoadCursor(ctx, s.ID)
	return mailbox.Cursor(c), err
}

func (l *ledger) SavePage(ctx context.Context, s mailbox.Source, from, next mailbox.Cursor, items []mailbox.Item) (int, error) {
	rows := make([]models.MailItem, len(items))
	for i, item := range items {
		rows[i] = models.MailItem{
			MailboxID: s.ID, ItemID: item.ID, TenantID: l.tenant, ReceivedAt: item.Received, Baseline: item.Baseline, DueAt: l.now(), CreatedAt: l.now(),
		}
	}
	return l.store.SaveMailPage(ctx, s.ID, store.MailCursor(from), store.MailCursor(next), rows)
}

func (l *ledger) Pending(ctx context.Context, s mailbox.Source, now time.Time, limit int) ([]mailbox.Item, error) {
	rows, err := l.store.PendingMail(ctx, s.ID, now, limit)
	items := make([]mailbox.Item, len(rows))
	for i, row := range rows {
		items[i] = mailbox.Item{ID: row.ItemID, Received: row.ReceivedAt, Baseline: row.Baseline, Attempts: row.Attempts}
	}
	return items, err
}

func (l *ledger) message(s mailbox.Source, m mailbox.Message) models.MailMessage {
	now := l.now()
	return models.MailMessage{
		ID: models.NewID(now), TenantID: l.tenant, MailboxID: s.ID, AccountID: s.Account, Address: s.Mailbox, ImmutableID: m.ID,
		InternetID: models.Storable(m.InternetID), SenderName: models.Storable(m.From.Name), Sender: models.Storable(m.From.Address),
		Subject: models.Storable(m.Subject), ReceivedAt: m.Received, State: models.MessageWaiting, CreatedAt: now, UpdatedAt: now,
	}
}

func (l *ledger) Mail(ctx context.Context, s mailbox.Source, m mailbox.Message) (mailbox.Known, error) {
	row, taken, err := l.store.KeepMail(ctx, l.message(s, m))
	return mailbox.Known{Settled: row.Settled, Taken: taken}, err
}

func (l *ledger) Seen(ctx context.Context, s mailbox.Source, m mailbox.Message, sha256 string) (int, error) {
	row := l.message(s, m)
	return l.store.CountPicture(ctx, &row, sha256)
}

func (l *ledger) Settle(ctx context.Context, s mailbox.Source, item mailbox.Item, o mailbox.Outcome) error {
	end := endOf(s, item, o)
	for _, d := range o.Decisions {
		end.Message.ActionDue = end.Message.ActionDue || (d.Taken && o.State == mailbox.OutcomeDone)
		attachment := models.MailAttachment{
			Path: d.Path, Name: intake.SafeName(d.Name), Type: models.Storable(d.Type), Size: d.Size, SHA256: d.SHA256,
			Taken: d.Taken, Reason: string(d.Reason), Rule: d.Rule, Detail: d.Detail,
		}
		if d.DuplicateOf != "" {
			attachment.DuplicateOf = &d.DuplicateOf
		}
		end.Attachments = append(end.Attachments, attachment)
	}
	return l.store.SettleMail(ctx, end)
}

func endOf(s mailbox.Source, item mailbox.Item, o mailbox.Outcome) store.MailEnd {
	tries := item.Attempts
	if o.Cause != nil {
		tries++
	}
	return store.MailEnd{
		MailboxID: s.ID, ItemID: item.ID, State: string(o.State), Known: o.State == mailbox.OutcomeKnown,
		Message: models.MailMessage{
			AccountID: s.Account, Address: s.Mailbox, ImmutableID: o.Message, State: models.MessageState(o.State), Rule: o.Rule,
			Failure: string(mailbox.FailureOf(o.Cause)), Settled: o.Final(), Attempts: tries,
		},
	}
}

func (l *ledger) Postpone(ctx context.Context, s mailbox.Source, item mailbox.Item, o mailbox.Outcome, until time.Time) error {
	return l.store.PostponeMail(ctx, endOf(s, item, o), until)
}

func (l *ledger) Take(ctx context.Context, s mailbox.Source, m mailbox.Message, f mailbox.File, content io.Reader) error {
	left, err := l.intake.TakeMail(ctx, intake.MailOrder{
		TenantID: l.tenant, Name: f.Name, DocumentID: f.Template,
		Origin: models.MailOrigin{
			MailboxID: s.ID, AccountID: s.Account, Address: s.Mailbox, ImmutableID: m.ID, Path: f.Path, Email: emailOf(m),
			SkipDuplicate: s.SkipDuplicates,
		},
	}, content)
	switch {
	case err != nil:
		return err
	case left != "":
		return &mailbox.DuplicateError{Of: left}
	}
	l.promised()
	return nil
}

// emailOf is the mail as an extraction shows it. Its text stays as it came, but
// for what a database can't hold.
func emailOf(m mailbox.Message) models.EmailView {
	kind := "text"
	if m.Body.HTML {
		kind = "html"
	}
	return models.EmailView{
		From: address(m.From), ToRecipients: addresses(m.To), CcRecipients: addresses(m.Cc), Subject: models.Storable(m.Subject),
		BodyPreview: models.Storable(m.Preview), Body: &models.EmailBody{ContentType: kind, Content: models.Storable(m.Body.Content)},
	}
}

func address(a mailbox.Address) (view models.EmailAddress) {
	view.EmailAddress.Name = models.Storable(cmp.Or(a.Name, a.Address))
	view.EmailAddress.Address = models.Storable(a.Address)
	return view
}

func addresses(list []mailbox.Address) []models.EmailAddress {
	views := make([]models.EmailAddress, len(list))
	for i, a := range list {
		views[i] = address(a)
	}
	return views
}
