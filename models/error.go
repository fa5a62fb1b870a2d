package models

import (
	"errors"
	"fmt"
	"time"
)

// Code says what kind of failure an Error is. The API maps each code to one
// HTTP status, the activities map it to "retry" or "do not retry".
type Code string

// The codes, with the HTTP status that api/respond.go answers.
const (
	CodeInvalid      Code = "invalid"      // 400: the request names something that cannot be
	CodeUnauthorized Code = "unauthorized" // 401: no key, or not a valid one
	CodeForbidden    Code = "forbidden"    // 403: a valid key that may not do this
	CodeNotFound     Code = "not_found"    // 404: does not exist, or belongs to another tenant
	CodeConflict     Code = "conflict"     // 409: the row is not in the state that the change needs
	CodeReused       Code = "reused"       // 422: the Idempotency-Key was used for another request
	CodeTooMany      Code = "too_many"     // 429: more requests than the tenant may make
	CodeUnavailable  Code = "unavailable"  // 503: a part that this needs is away; trying again helps
	CodeInternal     Code = "internal"     // 500: our fault; the message is never shown
)

// Error is the one error type of the product. Message is a sentence for the
// client and never holds a cause, a key or text of a document; Cause goes to
// the log, once, at the edge.
type Error struct {
	Code    Code
	Type    FailureType // set for failures of an extraction, empty else
	Message string
	// Final says that trying again does not help until an operator has done
	// something, whatever the type says.
	Final bool
	// RetryAfter is how long to wait before trying again, where the other side
	// said so; else 0.
	RetryAfter time.Duration
	Cause      error
}

func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.Cause.Error()
}

func (e *Error) Unwrap() error { return e.Cause }

// Invalid is a request that can't be served as it stands; the message names
// the field and its valid values.
func Invalid(format string, args ...any) *Error {
	return &Error{Code: CodeInvalid, Message: fmt.Sprintf(format, args...)}
}

// Unauthorized is a request without valid credentials.
func Unauthorized(message string) *Error {
	return &Error{Code: CodeUnauthorized, Message: message}
}

// Forbidden is a request whose credentials are valid and not enough.
func Forbidden(message string) *Error {
	return &Error{Code: CodeForbidden, Message: message}
}

// NotFound says that noun does not exist for this caller.
func NotFound(noun string) *Error {
	return &Error{Code: CodeNotFound, Message: noun + " not found"}
}

// Conflict is a change that the row's present state refuses.
func Conflict(format string, args ...any) *Error {
	return &Error{Code: CodeConflict, Message: fmt.Sprintf(format, args...)}
}

// Unavailable is a part of the product that is away for now.
func Unavailable(message string, cause error) *Error {
	return &Error{Code: CodeUnavailable, Message: message, Cause: cause}
}

// Internal wraps a failure of our own; only doing, what was being done, and
// the cause reach the log.
func Internal(doing string, cause error) *Error {
	return &Error{Code: CodeInternal, Message: doing, Cause: cause}
}

// CodeOf is the code of the first Error in err's chain, CodeInternal for an
// error that has none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}
