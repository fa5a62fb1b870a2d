package mailbox

import (
	"errors"
	"time"
)

// State is how a connected account fares, in words that a user understands.
type State string

// The states.
const (
	StateOK            State = "ok"
	StateNeedsAdmin    State = "needs_admin"
	StateReconnect     State = "reconnect"
	StateNoMailbox     State = "no_mailbox"
	StateNoAccess      State = "no_access"
	StateFolderMissing State = "folder_missing"
	StateThrottled     State = "throttled"
	StateCatchingUp    State = "catching_up"
	StatePushDegraded  State = "push_degraded"
	StateDelayed       State = "delayed"
)

// delayedAfter is how long nothing may succeed before the user is told; worth
// telling is a wait of more than shortWait.
const (
	delayedAfter = 15 * time.Minute
	shortWait    = 10 * time.Second
)

// Health is what is known of an account, or of one of its folders.
type Health struct {
	LastOK      time.Time // of the last poll that succeeded; before the first one, of the connection
	LastError   error     // of the last poll; nil: it succeeded
	LastErrorAt time.Time
	CatchingUp  bool  // a first round, a round after GoneCursor, or a backlog
	PushFailed  error // why there is no subscription although there should be one
}

// Status is a State and what belongs to it.
type Status struct {
	State  State
	Reason string    // one sentence: what is the matter, and what to do
	Until  time.Time // of throttled: when it goes on
	// Operator says that the cause lies in this installation. The user is told
	// that mail is late, the operator why.
	Operator  bool
	RequestID string // of delayed: Graph's, for Microsoft's support
}

// Derive is the state of an account at a moment. What the user can mend comes
// before what mends itself.
func (h Health) Derive(now time.Time) Status {
	var cause *Error
	_ = errors.As(h.LastError, &cause)
	if s, blocked := blocking(FailureOf(h.LastError)); blocked {
		return s
	}
	if cause != nil && cause.RetryAfter > shortWait {
		if until := h.LastErrorAt.Add(cause.RetryAfter); until.After(now) {
			return Status{
				State: StateThrottled, Until: until,
				Reason: "Microsoft asked us to wait until " + until.UTC().Format("15:04") + " UTC; mail is read after that.",
			}
		}
	}
	operator := operators(FailureOf(h.LastError))
	if operator || (now.Sub(h.LastOK) > delayedAfter && !h.CatchingUp) || now.Sub(h.LastOK) > 4*delayedAfter {
		s := Status{State: StateDelayed, Operator: operator, Reason: "Mail is late; we keep trying, and nothing is lost."}
		if cause != nil {
			s.RequestID = cause.RequestID
		}
		return s
	}
	switch {
	case h.CatchingUp:
		return Status{State: StateCatchingUp, Reason: "Mail that is in the folder already is being read."}
	case h.PushFailed != nil:
		return Status{
			State: StatePushDegraded, Operator: operators(FailureOf(h.PushFailed)),
			Reason: "Instant delivery is off; the folder is checked every minute instead.",
		}
	}
	return Status{State: StateOK, Reason: "The folder is being watched."}
}

func operators(f Failure) bool { return f == Operator || f == ForeignLink || f == Refused }

// blocking are the failures that last until somebody does something.
func blocking(f Failure) (Status, bool) {
	switch f { //nolint:exhaustive // the others pass by themselves or are the operator's
	case NeedsConsent:
		return Status{State: StateNeedsAdmin, Reason: "Your administrator must approve this connection; send them the link, then check again or sign in again."}, true
	case Reconnect:
		return Status{State: StateReconnect, Reason: "Sign in to Microsoft again; mail that came meanwhile is caught up."}, true
	case NoMailbox:
		return Status{State: StateNoMailbox, Reason: "This user has no Exchange Online mailbox; pick another one."}, true
	case NoAccess:
		return Status{State: StateNoAccess, Reason: "Access to this mailbox was withdrawn; ask its owner or your administrator for it."}, true
	case FolderMissing:
		return Status{State: StateFolderMissing, Reason: "The folder was deleted; pick another one."}, true
	}
	return Status{}, false
}
