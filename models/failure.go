package models

// FailureType is the stable name of why an extraction failed. It is what
// operators filter by in the Temporal UI (search attribute FailureType), so a
// type is added, never renamed.
type FailureType string

// The failure types.
const (
	FailureDocumentBroken      FailureType = "DocumentBroken"      // the bytes are not a readable document
	FailureDocumentEncrypted   FailureType = "DocumentEncrypted"   // a password is needed to open it
	FailureDocumentEmpty       FailureType = "DocumentEmpty"       // it opens and holds no text
	FailureDocumentUnsupported FailureType = "DocumentUnsupported" // a kind that this server can't read
	FailureDocumentTooLarge    FailureType = "DocumentTooLarge"    // more pages or memory than a reader may take
	FailureFileMissing         FailureType = "FileMissing"         // the stored file is gone
	FailureRunLost             FailureType = "RunLost"             // the run was terminated or timed out
	FailureUnknown             FailureType = "Unknown"             // anything else
)

// Failed is a document that can't be processed, whoever tries: message is
// shown to the user, and trying again does not help.
func Failed(kind FailureType, message string, cause error) *Error {
	return &Error{Code: CodeInvalid, Type: kind, Message: message, Cause: cause}
}
