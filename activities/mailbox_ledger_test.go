package activities

import (
	"testing"

	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/internal/testkit/graphfake"
	"decoded.digital/extractor/models"
)

func TestTheSameFileOfTheSameMailInAnotherMailboxIsKnown(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t)
	boxes := map[string]string{}
	for user, skip := range map[string]bool{"u1": false, "u2": true, "u3": false} {
		w.graph.AddMailbox(user, user+"@acme.test")
		m := w.watch(t, user+"@acme.test", func(m *models.Mailbox) { m.SkipDuplicates = skip })
		boxes[user] = m.ID
	}
	w.sweep(t.Context(), t)
	bring := func(user, id string) (models.MailAttachment, int64) {
		w.graph.Deliver(user, "inbox", graphfake.Mail{
			From: "a@b.test", InternetID: id, Attachments: []graphfake.Attachment{{Name: "a.pdf", Content: graphfake.PDF(1)}, {Name: "b.pdf", Content: graphfake.PDF(2)}},
		})
		if err := w.Store.WakeMailboxes(t.Context(), []string{boxes[user]}, false); err != nil {
			t.Fatal(err)
		}
		w.sweep(t.Context(), t)
		rows, _, err := w.tenant.ListMessages(t.Context(), w.caller, boxes[user], models.MessageFilter{}, models.Page{Number: 1, Limit: 10})
		if err != nil || len(rows) == 0 || len(rows[0].Attachments) != 2 {
			t.Fatalf("the ledger of %s shows %+v, %v", user, rows, err)
		}
		_, total := w.extractions(t)
		return rows[0].Attachments[0], total
	}
	first, total := bring("u1", "<1@b.test>")
	if !first.Taken || first.DuplicateOf != nil || total != 2 {
		t.Fatalf("the first: %+v, %d extractions", first, total)
	}
	left, total := bring("u2", "<1@b.test>")
	if left.Taken || left.Reason != string(mailbox.ReasonDuplicate) || left.DuplicateOf == nil || total != 2 {
		t.Errorf("where duplicates are left out: %+v, %d extractions", left, total)
	}
	shown, total := bring("u3", "<1@b.test>")
	if !shown.Taken || shown.DuplicateOf == nil || total != 4 {
		t.Errorf("where they are taken: %+v, %d extractions", shown, total)
	}
	other, total := bring("u2", "<2@b.test>")
	if !other.Taken || other.DuplicateOf != nil || total != 6 {
		t.Errorf("the same file of another mail: %+v, %d extractions", other, total)
	}
}
