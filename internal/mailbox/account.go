package mailbox

import "context"

// Mode is on whose behalf an account's mail is read.
type Mode string

// The modes.
const (
	// ModeDelegated reads what one user may read.
	ModeDelegated Mode = "delegated"
	// ModeApplication reads what an organisation's administrator lets the
	// application read, without a user.
	ModeApplication Mode = "application"
)

// Account is one connection to Microsoft 365.
type Account struct {
	ID     string
	Tenant string // of ours, to whom the account belongs
	Mode   Mode
	// EntraTenant is the organisation's id at Microsoft. An application's token is
	// asked for there; empty for a user's whose organisation is not known.
	EntraTenant string
	EntraUser   string // the user's id; empty for an application
	Email       string // the user's; empty for an application
	// Actions says that messages may be marked and moved, which takes a permission
	// more than reading.
	Actions bool
}

// Identity is who signed in.
type Identity struct{ EntraTenant, EntraUser, Email, Name string }

// TokenSource has an account's access token.
type TokenSource interface {
	// Token is one that is good for some minutes more. refused is the token that
	// Graph refused with 401, empty for none: it is replaced, once, however many
	// requests were refused with it.
	Token(ctx context.Context, refused string) (string, error)
}

// SubscriptionResource is what a Subscription to a folder's new messages names.
func SubscriptionResource(mailbox, folder string) string {
	return "users/" + mailbox + "/mailFolders/" + folder + "/messages"
}
