package mailbox

import "context"

// Action is what happens to a message once all its extractions have ended.
type Action struct {
	MarkRead bool
	Category string // empty: none is added
	Folder   string // id of the folder to move to; empty: it stays
}

// Do carries the action out, the move last. A message that is gone, or that
// somebody else is changing, is left alone. Repeating it does no harm, and a
// move into a watched folder does not bring the mail again: the ledger knows it
// by its immutable id.
func (a Action) Do(ctx context.Context, client Actor, mailbox, message string) error {
	var steps []func() error
	if a.MarkRead {
		steps = append(steps, func() error { return client.MarkRead(ctx, mailbox, message) })
	}
	if a.Category != "" {
		steps = append(steps, func() error { return client.Categorize(ctx, mailbox, message, a.Category) })
	}
	if a.Folder != "" {
		steps = append(steps, func() error { return client.Move(ctx, mailbox, message, a.Folder) })
	}
	for _, step := range steps {
		if err := step(); err != nil {
			if f := FailureOf(err); f == NotFound || f == Conflict {
				continue
			}
			return err
		}
	}
	return nil
}
