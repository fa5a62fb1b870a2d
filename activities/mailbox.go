package activities

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/models"
)

const (
	sweepEvery = time.Second // how often due mailboxes are looked for
	readAtOnce = 16          // mailboxes
	// mailLease is how long a mailbox stands still whose worker died: one that lives
	// renews it three times as often, however long a step takes.
	mailLease = 15 * time.Second
	// pollEvery is how often a folder is read that Microsoft tells nothing of: its
	// mail is to be an extraction within 75 s. pushPollEvery is that of one that it
	// does tell of: that no notification was lost is then proven this often.
	pollEvery     = 70 * time.Second
	pushPollEvery = 10 * time.Minute
	// overdue is how late a reading is where others have waited for it, too.
	overdue = 10 * time.Second
	// failedOnce is how soon is tried again what failed for the first time.
	failedOnce = 5 * time.Second
	// blockedEvery is how often is tried what only somebody's doing mends.
	blockedEvery = 15 * time.Minute
	fullEvery    = 24 * time.Hour
	// abandonedAfter is how long a sign-in is kept that nobody came back from, and
	// refusedAfter one that somebody has yet to approve.
	abandonedAfter = 24 * time.Hour
	refusedAfter   = 30 * 24 * time.Hour
	fullSweep      = 1000 // messages
	actionsAtOne   = 50
)

// Mail is what reading mailboxes needs.
type Mail struct {
	// Client is an account's way to Microsoft. It is asked for once for each account
	// and process, so that the limits of a mailbox hold.
	Client func(models.MailAccount) (mailbox.Client, error)
	Graph  *url.URL // where links may lead
	Intake *intake.Intake
	// NotificationURL is where Microsoft can tell of new mail; empty: it can't, and
	// folders are polled alone.
	NotificationURL string
	Logger          *slog.Logger

	mu      sync.Mutex
	readers map[string]*mailReader
}

// mailReader reads one account's mailboxes in this process.
type mailReader struct {
	account models.MailAccount
	client  mailbox.Client
	syncer  *mailbox.Syncer
}

// SweepInput is SweepMailboxes'.
type SweepInput struct{ For time.Duration }

// SweepMailboxes reads the mailboxes that are due, and those that become due
// while it runs. Any number of them may run: a mailbox is leased, and everything
// that is written of it may be written twice.
func (a *Activities) SweepMailboxes(ctx context.Context, in SweepInput) error {
	defer startPulse(ctx).stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := a.Store.DeleteAbandonedAccounts(ctx, a.Now().Add(-abandonedAfter), a.Now().Add(-refusedAfter)); err != nil {
		return err
	}
	end, tick := time.NewTimer(in.For), time.NewTicker(sweepEvery)
	defer end.Stop()
	defer tick.Stop()
	over := make(chan struct{}) // closed when nothing new is to be begun
	busy := make(chan struct{}, readAtOnce)
	freed := make(chan struct{}, 1) // since it was last looked for what is due
	var reading sync.WaitGroup
	defer reading.Wait()
	defer close(over)
	for {
		places := readAtOnce - len(busy)
		due, err := a.Store.ClaimMailboxes(ctx, places, mailLease)
		if err != nil {
			return err
		}
		for i := range due {
			busy <- struct{}{}
			reading.Go(func() {
				defer func() {
					<-busy
					select {
					case freed <- struct{}{}:
					default:
					}
				}()
				a.readMailbox(ctx, &due[i], over)
			})
		}
		var again <-chan struct{}
		if len(due) == places { // there may be more
			again = freed
		}
		select {
		case <-again:
		case <-ctx.Done():
			return ctx.Err()
		case <-end.C:
			return nil
		case <-activity.GetWorkerStopChannel(ctx):
			return nil
		case <-tick.C:
		}
	}
}

// readMailbox reads a mailbox that this process holds, and gives it back.
func (a *Activities) readMailbox(ctx context.Context, m *models.Mailbox, over <-chan struct{}) {
	begun := a.Now()
	held, release := a.hold(ctx, m)
	more, err := a.readDue(held, m, over)
	lost := held.Err() != nil
	release()
	if lost {
		return // the lease ends, and another worker goes on
	}
	if err != nil {
		a.Mail.Logger.WarnContext(ctx, "read a mailbox", "mailboxId", m.ID, "tenantId", m.TenantID, "failure", mailbox.FailureOf(err), "error", err)
	}
	next := a.nextPoll(m, begun, err, a.actionWaits(ctx, m))
	a.note(&m.MailHealth, err)
	switch {
	case more && err == nil:
		next = a.Now()
	case err == nil:
		if wait, err := a.Store.NextMail(ctx, m.ID); err == nil && wait != nil && wait.Before(next) {
			next = *wait
		}
	}
	if err := a.Store.ReleaseMailbox(ctx, m, next); err != nil && ctx.Err() == nil {
		a.Mail.Logger.WarnContext(ctx, "give a mailbox back; its lease ends", "mailboxId", m.ID, "error", err)
	}
}

// hold keeps a mailbox leased while it is read; held ends where another worker
// has it.
func (a *Activities) hold(ctx context.Context, m *models.Mailbox) (held context.Context, release func()) {
	held, cancel := context.WithCancel(ctx)
	lease := models.Mailbox{ID: m.ID, LeaseUntil: m.LeaseUntil} // of its own: m is being worked with
	var keeping sync.WaitGroup
	keeping.Go(func() {
		tick := time.NewTicker(mailLease / 3)
		defer tick.Stop()
		for {
			select {
			case <-held.Done():
				return
			case <-tick.C:
			}
			if mine, err := a.Store.RenewLease(held, &lease, mailLease); err == nil && !mine {
				cancel()
			}
		}
	})
	return held, func() {
		cancel()
		keeping.Wait()
		m.LeaseUntil = lease.LeaseUntil
	}
}

// note keeps what a reading came to.
func (a *Activities) note(h *models.MailHealth, err error) {
	now := a.Now()
	if err == nil {
		*h = models.MailHealth{LastOKAt: &now}
		return
	}
	h.Failure, h.FailureCode, h.RequestID, h.RetryAfter, h.FailedAt = string(mailbox.FailureOf(err)), "", "", 0, &now
	if e, ok := errors.AsType[*mailbox.Error](err); ok {
		h.FailureCode, h.RequestID, h.RetryAfter = models.Storable(e.Code), models.Storable(e.RequestID), e.RetryAfter
	}
}

// nextPoll is when a mailbox is read again, m being as it was before this
// reading. Those that were read together are not read together for ever: after
// the first reading, and after a pause of all, they spread over the whole time.
func (a *Activities) nextPoll(m *models.Mailbox, begun time.Time, err error, actionWaits bool) time.Time {
	every := pollEvery
	e, _ := errors.AsType[*mailbox.Error](err)
	switch mailbox.FailureOf(err) { //nolint:exhaustive // the others pass by themselves
	case mailbox.Throttled:
		return a.Now().Add(max(e.RetryAfter, 10*time.Second))
	case mailbox.NeedsConsent, mailbox.Reconnect, mailbox.NoMailbox, mailbox.NoAccess, mailbox.FolderMissing:
		every = blockedEvery
	case mailbox.Operator, mailbox.ForeignLink, mailbox.Refused:
		every = pushPollEvery
	case mailbox.Transient:
		if m.Failure == "" {
			every = failedOnce
		}
	case "":
		if m.Push(a.Now()) && !actionWaits {
			every = pushPollEvery
		}
	}
	spread := every / 10
	if m.LastOKAt == nil || begun.Sub(m.NextPollAt) > overdue {
		spread = every * 9 / 10
	}
	return begun.Add(every - rand.N(spread)) //nolint:gosec // jitter
}

// readDue does all that is to be done for a mailbox. more: it was not all.
func (a *Activities) readDue(ctx context.Context, m *models.Mailbox, over <-chan struct{}) (more bool, err error) {
	r, err := a.reader(ctx, m)
	if err != nil {
		return false, err
	}
	src := sourceOf(m)
	for more = true; more; {
		p, err := r.syncer.Step(ctx, src)
		a.keepAccount(ctx, r, err)
		if err != nil {
			return false, err
		}
		more, m.CatchingUp = p.More, p.CatchingUp
		select {
		case <-over:
			return more, nil
		default:
		}
	}
	m.CatchingUp = false // all that is there was read
	if a.Now().Sub(m.SweptAt) > fullEvery {
		found, err := r.syncer.Sweep(ctx, src, fullSweep)
		if err != nil {
			return false, err
		}
		a.Store.CountSwept(ctx, found)
		m.SweptAt, more = a.Now(), found > 0
	}
	if err := a.act(ctx, r.client, m); err != nil {
		return more, err
	}
	return more, a.push(ctx, r, m)
}

// keepAccount keeps what of a reading concerns the whole account, where it
// changed.
func (a *Activities) keepAccount(ctx context.Context, r *mailReader, err error) {
	f := mailbox.FailureOf(err)
	concerns := f == "" || f == mailbox.Reconnect || f == mailbox.NeedsConsent || f == mailbox.Operator
	if !concerns || string(f) == r.account.Failure {
		return
	}
	a.note(&r.account.MailHealth, err)
	if err := a.Store.KeepAccountHealth(ctx, r.account.ID, r.account.MailHealth); err != nil && ctx.Err() == nil {
		a.Mail.Logger.WarnContext(ctx, "keep an account's state", "accountId", r.account.ID, "error", err)
	}
}

// act does what was asked for with mail whose extractions have completed.
func (a *Activities) act(ctx context.Context, client mailbox.Actor, m *models.Mailbox) error {
	if m.Action.Kind == models.MailActionNone {
		return nil
	}
	action := mailbox.Action{MarkRead: m.Action.Kind == models.MailActionMarkRead}
	switch m.Action.Kind {
	case models.MailActionCategory:
		action.Category = m.Action.Category
	case models.MailActionMove:
		action.Folder = m.Action.FolderID
	case models.MailActionNone, models.MailActionMarkRead:
	}
	due, err := a.Store.DueActions(ctx, m.ID, actionsAtOne)
	if err != nil {
		return err
	}
	for _, message := range due {
		if err := action.Do(ctx, client, m.Address, message.ImmutableID); err != nil {
			return err
		}
		if err := a.Store.EndAction(ctx, message.ID); err != nil {
			return err
		}
	}
	return nil
}

// actionWaits says whether extractions are under way after which an action is to
// be done. Those that failed may never complete, and hold nothing up.
func (a *Activities) actionWaits(ctx context.Context, m *models.Mailbox) bool {
	if m.Action.Kind == models.MailActionNone {
		return false
	}
	waits, err := a.Store.ActionWaits(ctx, m.ID)
	return waits || err != nil
}

// reader is the one of the mailbox's account in this process; an account that
// signed in anew gets another.
func (a *Activities) reader(ctx context.Context, m *models.Mailbox) (*mailReader, error) {
	account, err := a.Store.LoadMailAccount(ctx, m.AccountID)
	if err != nil {
		return nil, err
	}
	a.Mail.mu.Lock()
	defer a.Mail.mu.Unlock()
	known := a.Mail.readers[account.ID]
	if known != nil && same(&known.account, &account) {
		return &mailReader{account: account, client: known.client, syncer: known.syncer}, nil
	}
	client, err := a.Mail.Client(account)
	if err != nil {
		return nil, err
	}
	rows := &ledger{store: a.Store, intake: a.Mail.Intake, promised: a.promised, now: a.Now, tenant: account.TenantID}
	r := &mailReader{account: account, client: client, syncer: mailbox.NewSyncer(client, rows, rows, a.Mail.Graph, a.Now)}
	if a.Mail.readers == nil {
		a.Mail.readers = map[string]*mailReader{}
	}
	a.Mail.readers[account.ID] = r
	return r, nil
}

func same(a, b *models.MailAccount) bool {
	return a.Write == b.Write && a.MicrosoftTenantID == b.MicrosoftTenantID && a.ObjectID == b.ObjectID
}

// sourceOf is a mailbox as the mailbox package knows it.
func sourceOf(m *models.Mailbox) mailbox.Source {
	src := mailbox.Source{ID: m.ID, Account: m.AccountID, Mailbox: m.Address, Folder: m.FolderID, Archives: m.Archives, SkipDuplicates: m.SkipDuplicates}
	if m.StartFrom != nil {
		src.StartFrom = *m.StartFrom
	}
	for _, r := range m.Rules {
		src.Rules = append(src.Rules, mailbox.Rule{
			Name: r.Name, Sender: r.Sender, Subject: r.Subject, File: r.FileName, Types: r.FileTypes, Template: r.DocumentID, Ignore: r.Ignore,
		})
	}
	return src
}
