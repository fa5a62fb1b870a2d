package models

import (
	"maps"
	"slices"
)

// FailureType is the stable name of why an extraction failed. It is what
// operators filter by in the Temporal UI (search attribute FailureType) and
// what clients decide by, so a type is added, never renamed.
type FailureType string

// The failure types.
const (
	FailureDocumentBroken      FailureType = "DocumentBroken"      // the bytes are not a readable document
	FailureDocumentEncrypted   FailureType = "DocumentEncrypted"   // a password is needed to open it
	FailureDocumentEmpty       FailureType = "DocumentEmpty"       // it opens and holds no text
	FailureDocumentUnsupported FailureType = "DocumentUnsupported" // a kind that this server can't read
	FailureDocumentTooLarge    FailureType = "DocumentTooLarge"    // more pages or memory than a reader may take
	FailureReaderMissing       FailureType = "ReaderMissing"       // this server lacks the programs that read such a document
	FailureFileMissing         FailureType = "FileMissing"         // the stored file is gone
	FailureProviderLimited     FailureType = "ProviderLimited"     // the model's provider answered 429 until the tries were used up
	FailureProviderUnavailable FailureType = "ProviderUnavailable" // the model's provider is away, or refuses our credentials
	FailureTimedOut            FailureType = "TimedOut"            // a step took longer than it may, or no worker took it
	FailureCancelled           FailureType = "Cancelled"           // an operator cancelled the run
	FailureRunLost             FailureType = "RunLost"             // the run was terminated or timed out
	FailureUnknown             FailureType = "Unknown"             // anything else
)

// failures says of every type whether trying again helps.
func failures() map[FailureType]bool {
	return map[FailureType]bool{
		FailureDocumentBroken: false, FailureDocumentEncrypted: false, FailureDocumentEmpty: false,
		FailureDocumentUnsupported: false, FailureDocumentTooLarge: false, FailureFileMissing: false,
		FailureReaderMissing: true, FailureProviderLimited: true, FailureProviderUnavailable: true, FailureTimedOut: true,
		FailureCancelled: true, FailureRunLost: true, FailureUnknown: true,
	}
}

// FailureTypes lists every failure type.
func FailureTypes() []FailureType { return slices.Sorted(maps.Keys(failures())) }

// Valid says whether t is one of the failure types.
func (t FailureType) Valid() bool {
	_, ok := failures()[t]
	return ok
}

// RetryHelps says whether trying again may end otherwise. Where the document is
// to blame it does not, whoever tries.
func (t FailureType) RetryHelps() bool { return failures()[t] }

// Failed is why an extraction fails: message is shown to the user. Whether the
// step is tried again before is the type's to say.
func Failed(kind FailureType, message string, cause error) *Error {
	return &Error{Code: CodeInvalid, Type: kind, Message: message, Cause: cause}
}
