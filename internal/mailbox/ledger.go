package mailbox

import (
	"context"
	"io"
	"slices"
	"time"
)

// Source is a folder that feeds a tenant.
type Source struct {
	ID, Account, Mailbox, Folder string

	// StartFrom leaves out what was in the folder before; zero: nothing is left out.
	// It counts in the first round alone, so that old mail which is moved in later
	// is taken.
	StartFrom time.Time
	Rules     Rules
	Archives  bool // .zip files are opened
	// SkipDuplicates leaves out files that the same mail brought by another mailbox.
	SkipDuplicates bool
}

// Ledger remembers what was read. Every method is one transaction, and every
// one may be repeated.
type Ledger interface {
	// Cursor is where the source's reading goes on; zero: it never began.
	Cursor(ctx context.Context, s Source) (Cursor, error)
	// SavePage stores a page's items, leaving those that it knows as they are, and
	// the next cursor, at once. It stores nothing and answers no error when the
	// cursor is not from any more: another run was faster. added counts new items.
	SavePage(ctx context.Context, s Source, from, next Cursor, items []Item) (added int, err error)
	// Pending are items that are neither settled nor Baseline nor put off until
	// later than now, the oldest first.
	Pending(ctx context.Context, s Source, now time.Time, limit int) ([]Item, error)
	// Mail stores a message under (account, mailbox, immutable id), if it is not
	// there, and says what is known of it.
	Mail(ctx context.Context, s Source, m Message) (Known, error)
	// Seen counts the other messages of m's sender that had a picture with this
	// SHA-256.
	Seen(ctx context.Context, s Source, m Message, sha256 string) (int, error)
	// Settle ends an item: its state, its message's and the decisions.
	Settle(ctx context.Context, s Source, item Item, o Outcome) error
	// Postpone puts an item off and counts the attempt. Of o, Message is set where
	// it was learned, and Cause always.
	Postpone(ctx context.Context, s Source, item Item, o Outcome, until time.Time) error
}

// Intake is how a file becomes an extraction.
type Intake interface {
	// Take stores a file and starts its extraction. (account, mailbox, immutable
	// id, path) is its key: a file that was taken before is not taken again. An error
	// of reading content must come back as one. models.CodeInvalid: the file is
	// refused for good. *DuplicateError: the source leaves out what came before.
	Take(ctx context.Context, s Source, m Message, f File, content io.Reader) error
}

// Cursor is where the reading of a folder stands.
type Cursor struct {
	Link string // nextLink or deltaLink; empty: begin a round
	// Based says that the first round is over: what appears from now on is new,
	// however old it is.
	Based bool
	// Over says that the round is over, and Link reads what changed since then.
	Over bool
}

// Item is a message of a page that waits to be read, keyed by source and ID.
type Item struct {
	ID       string // default id
	Received time.Time
	Baseline bool // it was there before the source's start: never read
	Attempts int  // that failed
}

// Known is what the ledger knows of a message.
type Known struct {
	// Settled says that an Outcome that is Final was stored, under another id or in
	// another folder.
	Settled bool
	Taken   map[string]bool // paths that an earlier try gave to Intake
}

// OutcomeState is how the reading of a message ended.
type OutcomeState string

// The outcomes.
const (
	OutcomeDone     OutcomeState = "done"
	OutcomeFiltered OutcomeState = "filtered" // the rules leave it out
	OutcomeDraft    OutcomeState = "draft"
	OutcomeGone     OutcomeState = "gone"  // moved or deleted before it was read
	OutcomeKnown    OutcomeState = "known" // settled before, under another default id
	OutcomeFailed   OutcomeState = "failed"
)

// Outcome is how the reading of a message ended, and what was decided.
type Outcome struct {
	State     OutcomeState
	Message   string // immutable id; empty where it was not learned
	Rule      string // of Filtered: the rule that left it out; empty: none took it
	Decisions []Decision
	Cause     error // of Failed, and of what is put off
}

// Final says that no other source would decide otherwise. What one folder's
// rules leave out is still taken when the mail is moved into a folder that takes
// it; what was taken already is not taken again either way.
func (o Outcome) Final() bool {
	return o.State == OutcomeDone && !slices.ContainsFunc(o.Decisions, func(d Decision) bool {
		return d.Reason == ReasonFiltered || d.Reason == ReasonArchive
	})
}
