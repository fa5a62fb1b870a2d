package mailbox

import (
	"context"
	"errors"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	batch        = 50 // items that a step reads
	maxAttempts  = 8  // of an item, over about an hour and a half
	firstBackoff = 5 * time.Second
	maxBackoff   = time.Hour
)

// Syncer reads folders. Every method may be stopped at any point and repeated:
// nothing is lost, nothing is doubled.
type Syncer struct {
	Reader Reader
	Ledger Ledger
	Intake Intake
	Graph  *url.URL // where links may lead
	Now    func() time.Time
	// Parallel is how many messages are read at once; Transport limits requests
	// besides. While a folder catches up it is half of that, so that the mailbox's
	// other folders get through.
	Parallel int

	// unpacking is held while an attachment is read that may have to be held whole;
	// it bounds memory, not requests.
	unpacking chan struct{}
}

// NewSyncer makes a Syncer.
func NewSyncer(reader Reader, ledger Ledger, intake Intake, graph *url.URL, now func() time.Time) *Syncer {
	return &Syncer{
		Reader: reader, Ledger: ledger, Intake: intake, Graph: graph, Now: now,
		Parallel: inFlight, unpacking: make(chan struct{}, 1),
	}
}

// Progress is what a step did.
type Progress struct {
	Added   int  // items that were new
	Settled int  // items that ended
	More    bool // a further step has something to do now
	// CatchingUp says that a round is under way that is not just of what is new.
	CatchingUp bool
}

// Step reads one page of the folder and then some of the items that wait. On
// Throttled it stops at once; the caller comes back after RetryAfter.
func (s *Syncer) Step(ctx context.Context, src Source) (Progress, error) {
	p, err := s.poll(ctx, src)
	if err != nil {
		return p, err
	}
	items, err := s.Ledger.Pending(ctx, src, s.Now(), batch)
	if err != nil {
		return p, err
	}
	group, ctx := errgroup.WithContext(ctx)
	parallel := s.Parallel
	if p.CatchingUp {
		parallel /= 2
	}
	group.SetLimit(max(1, parallel))
	for _, item := range items {
		group.Go(func() error { return s.read(ctx, src, item) })
	}
	if err := group.Wait(); err != nil {
		return p, err
	}
	p.Settled = len(items)
	p.More = p.More || len(items) == batch
	return p, nil
}

// poll stores one page and where the next one begins.
func (s *Syncer) poll(ctx context.Context, src Source) (Progress, error) {
	from, err := s.Ledger.Cursor(ctx, src)
	if err != nil {
		return Progress{}, err
	}
	if from.Link != "" {
		if err := CheckLink(s.Graph, from.Link); err != nil {
			return Progress{}, err
		}
	}
	page, err := s.Reader.Delta(ctx, src.Mailbox, src.Folder, from.Link)
	if FailureOf(err) == GoneCursor {
		if from.Link == "" { // a round that can't even begin must not begin for ever
			return Progress{}, &Error{Failure: Transient, Cause: err}
		}
		_, err := s.Ledger.SavePage(ctx, src, from, Cursor{Based: from.Based}, nil)
		return Progress{More: true, CatchingUp: true}, err
	}
	if FailureOf(err) == Refused && from.Link != "" {
		// Whatever Graph has against the link, the next reading begins anew.
		_, lost := s.Ledger.SavePage(ctx, src, from, Cursor{Based: from.Based}, nil)
		return Progress{}, errors.Join(err, lost)
	}
	if err != nil {
		return Progress{}, err
	}
	next, err := s.next(from, page)
	if err != nil {
		return Progress{}, err
	}
	added, err := s.Ledger.SavePage(ctx, src, from, next, items(src, from, page.Entries))
	return Progress{Added: added, More: !next.Over, CatchingUp: !next.Over || !from.Based}, err
}

func (s *Syncer) next(from Cursor, page Page) (Cursor, error) {
	if (page.Next == "") == (page.Delta == "") {
		return Cursor{}, &Error{Failure: Transient, Cause: errors.New("a page must have either a nextLink or a deltaLink")}
	}
	next := Cursor{Link: page.Next + page.Delta, Based: from.Based || page.Delta != "", Over: page.Delta != ""}
	return next, CheckLink(s.Graph, next.Link)
}

func items(src Source, from Cursor, entries []Entry) []Item {
	var list []Item
	for _, e := range entries {
		if !e.Removed {
			list = append(list, Item{ID: e.ID, Received: e.Received, Baseline: !from.Based && e.Received.Before(src.StartFrom)})
		}
	}
	return list
}

// Sweep looks through the newest messages of a folder, so that what delta
// forgot is found. found should be 0 where Step has just come to its end. It
// goes by default ids, as delta does: mail from before the start is known by
// these alone.
func (s *Syncer) Sweep(ctx context.Context, src Source, limit int) (found int, err error) {
	at, err := s.Ledger.Cursor(ctx, src)
	if err != nil || !at.Based {
		return 0, err // the first round is yet to find everything
	}
	for link, seen := "", 0; seen < limit; {
		page, err := s.Reader.Newest(ctx, src.Mailbox, src.Folder, link)
		if err != nil {
			return found, err
		}
		added, err := s.Ledger.SavePage(ctx, src, at, at, items(src, at, page.Entries))
		found += added
		if err != nil || page.Next == "" {
			return found, err
		}
		if err := CheckLink(s.Graph, page.Next); err != nil {
			return found, err
		}
		link, seen = page.Next, seen+max(1, len(page.Entries))
	}
	return found, nil
}

// read settles an item, or puts it off: one mail that can't be read must not
// hold up the others. What concerns the whole account comes back as an error.
func (s *Syncer) read(ctx context.Context, src Source, item Item) error {
	outcome, err := s.message(ctx, src, item)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return ctx.Err()
	case halts(err):
		return err
	case item.Attempts+1 < maxAttempts:
		wait := firstBackoff
		for range item.Attempts {
			wait = min(maxBackoff, 3*wait)
		}
		if e, ok := errors.AsType[*Error](err); ok {
			wait = max(wait, e.RetryAfter)
		}
		return s.Ledger.Postpone(ctx, src, item, Outcome{Message: outcome.Message, Cause: err}, s.Now().Add(wait))
	default:
		outcome.State, outcome.Cause = OutcomeFailed, err
	}
	return s.Ledger.Settle(ctx, src, item, outcome)
}

// ledgerError is one of the ledger: without it, nothing can go on.
type ledgerError struct{ error }

func (e ledgerError) Unwrap() error { return e.error }

func halts(err error) bool {
	if _, ours := errors.AsType[ledgerError](err); ours {
		return true
	}
	switch FailureOf(err) { //nolint:exhaustive // the others may be of one message alone
	case Throttled, NeedsConsent, Reconnect, NoMailbox, Operator, ForeignLink:
		return true
	}
	return false
}

func (s *Syncer) message(ctx context.Context, src Source, item Item) (Outcome, error) {
	m, err := s.Reader.Message(ctx, src.Mailbox, item.ID)
	switch {
	case FailureOf(err) == NotFound:
		return Outcome{State: OutcomeGone}, nil
	case err != nil:
		return Outcome{}, err
	case m.Draft:
		return Outcome{State: OutcomeDraft}, nil
	}
	known, err := s.Ledger.Mail(ctx, src, m)
	if err != nil {
		return Outcome{}, ledgerError{err}
	}
	o := Outcome{State: OutcomeDone, Message: m.ID}
	if known.Settled {
		o.State = OutcomeKnown
		return o, nil
	}
	if may, rule := src.Rules.Mail(m); !may {
		o.State, o.Rule = OutcomeFiltered, rule
		return o, nil
	}
	if !listAttachments(m) {
		return o, nil
	}
	o.Decisions, err = s.attachments(ctx, src, m, known)
	if FailureOf(err) == NotFound {
		o.State, err = OutcomeGone, nil
	}
	return o, err
}
