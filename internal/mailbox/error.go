package mailbox

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Failure is what kind of thing went wrong between us and Microsoft.
type Failure string

// The failures.
const (
	GoneCursor    Failure = "gone_cursor"    // the delta link is no longer known: begin a new round
	Throttled     Failure = "throttled"      // wait for Error.RetryAfter
	NeedsConsent  Failure = "needs_consent"  // an administrator must approve
	Reconnect     Failure = "reconnect"      // the user must sign in again
	NoMailbox     Failure = "no_mailbox"     // the user has no mailbox in Exchange Online
	NoAccess      Failure = "no_access"      // the right to read was withdrawn
	FolderMissing Failure = "folder_missing" // the watched folder was deleted
	NotFound      Failure = "not_found"      // the message, attachment or subscription is not there
	Conflict      Failure = "conflict"       // it is there already, or changed meanwhile
	Transient     Failure = "transient"      // trying again helps
	Operator      Failure = "operator"       // our own registration is at fault, never the user
	ForeignLink   Failure = "foreign_link"   // a page's link leads away from Graph: the token must not follow
	Refused       Failure = "refused"        // Graph says that our request is wrong
)

// Error is what a Client answers. Message and link texts of Graph are in it for
// the log, never for the user: State has the user's sentence.
type Error struct {
	Failure    Failure
	Status     int           // HTTP status, 0 without an answer
	Code       string        // Graph's, or AADSTS and its number
	RequestID  string        // Graph's request-id, for Microsoft's support
	RetryAfter time.Duration // of Throttled; 0: nothing was said
	Cause      error
}

func (e *Error) Error() string {
	text := "graph: " + string(e.Failure)
	if e.Status != 0 {
		text += fmt.Sprintf(" (%d %s)", e.Status, e.Code)
	} else if e.Code != "" {
		text += " (" + e.Code + ")"
	}
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Cause }

// Unanswered is the error of a request that got no answer. The request's address
// names a mailbox and is not in it, nor are its parameters: errors are logged.
func Unanswered(err error) *Error {
	if request, ok := errors.AsType[*url.Error](err); ok {
		err = request.Err
	}
	return &Error{Failure: Transient, Cause: err}
}

// FailureOf is the failure of the first Error in err's chain, Transient for
// another error, empty for none.
func FailureOf(err error) Failure {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Failure
	}
	return Transient
}

// Resource is what a request was for, which decides what its 404 means.
type Resource string

// The resources.
const (
	OfFolder  Resource = "folder"
	OfMessage Resource = "message" // or attachment
	OfOther   Resource = "other"
)

// Answered is the error of an answer of Graph that is none of success: status,
// the code of its body ("error"."code", "" where the body was no JSON) and its
// headers. now serves a Retry-After that is a date.
func Answered(of Resource, status int, code string, header http.Header, now time.Time) *Error {
	e := &Error{Failure: failure(of, status, code), Status: status, Code: code, RequestID: header.Get("request-id")}
	if e.Failure == Throttled || e.Failure == Transient {
		e.RetryAfter, _ = RetryAfter(header, now)
	}
	return e
}

func failure(of Resource, status int, code string) Failure {
	// syncStateNotFound, syncStateInvalid, ErrorInvalidSyncStateData, resyncRequired
	lost := strings.Contains(strings.ToLower(code), "syncstate") || strings.EqualFold(code, "resyncRequired")
	switch {
	case status == http.StatusGone, status >= 400 && status < 500 && lost:
		return GoneCursor
	case status == http.StatusTooManyRequests:
		return Throttled
	case status >= 500 || status == http.StatusRequestTimeout:
		return Transient
	case code == "MailboxNotEnabledForRESTAPI" || code == "MailboxNotSupportedForRESTAPI":
		return NoMailbox
	case status == http.StatusUnauthorized:
		// The transport has refreshed once by now: a token that is refused twice
		// needs its user.
		return Reconnect
	case status == http.StatusForbidden:
		return NoAccess
	case status == http.StatusNotFound && of == OfFolder:
		return FolderMissing
	case status == http.StatusNotFound:
		return NotFound
	case status == http.StatusConflict || status == http.StatusPreconditionFailed:
		return Conflict
	}
	return Refused
}

// RetryAfter reads the header of that name, seconds or a date; false: there is
// none that can be read.
func RetryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now)), true
	}
	return 0, false
}

// TokenRefused is the error of an answer of the token endpoint that is none of
// success: the body's "error" and "error_description".
func TokenRefused(status int, code, description string) *Error {
	e := &Error{Failure: Refused, Status: status, Code: code}
	if number := aadsts().FindStringSubmatch(description); number != nil {
		e.Code = "AADSTS" + number[1]
		if known, ok := tokenFailures()[number[1]]; ok {
			e.Failure = known
			return e
		}
	}
	switch {
	case status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout:
		e.Failure = Transient
	case code == "invalid_grant" || code == "interaction_required" || code == "login_required":
		e.Failure = Reconnect
	case code == "consent_required" || code == "access_denied":
		e.Failure = NeedsConsent
	case code == "invalid_client" || code == "unauthorized_client":
		e.Failure = Operator
	case code == "temporarily_unavailable":
		e.Failure = Transient
	}
	return e
}

func aadsts() *regexp.Regexp { return regexp.MustCompile(`AADSTS(\d+)`) }

// tokenFailures says what the numbers of Entra mean, where "error" alone does
// not tell; the same "invalid_grant" stands for each of the first three kinds.
func tokenFailures() map[string]Failure {
	return map[string]Failure{
		"65001": NeedsConsent, "90093": NeedsConsent, "90094": NeedsConsent,
		"50105": NoAccess,
		"53003": Reconnect, "50076": Reconnect, "50173": Reconnect, "700082": Reconnect,
		"7000215": Operator, "7000222": Operator,
	}
}
