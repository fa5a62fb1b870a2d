package store

import (
	"testing"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/models"
)

// testDeleteWhileCalled deletes a webhook while its calls are made and an
// extraction that it is to be told of ends.
func testDeleteWhileCalled(t *testing.T, b *bundle) {
	t.Helper()
	for range 10 {
		hook := b.createWebhook(t, models.ScopeAll)
		var group errgroup.Group
		for _, d := range b.tests(t, hook, callsAtOnce) {
			group.Go(func() error {
				turn, err := b.System().BeginCall(t.Context(), d.ID, 1, lease)
				if err == nil && !turn.Over && turn.Wait == 0 {
					err = b.System().EndCall(t.Context(), &turn.Delivery, Call{Attempt: models.DeliveryAttempt{ID: models.NewID(b.now()), CreatedAt: b.now()}})
				}
				if code := models.CodeOf(err); err != nil && code != models.CodeNotFound && code != models.CodeConflict {
					return err
				}
				return nil
			})
		}
		x := b.upload(t, "x.pdf")
		if _, err := b.System().Begin(t.Context(), x.ID, "run", 1); err != nil {
			t.Fatal(err)
		}
		group.Go(func() error {
			return b.System().Fail(t.Context(), x.ID, "run", models.StatusFailed, models.FailureUnknown, "no")
		})
		group.Go(func() error { return b.DeleteWebhook(t.Context(), b.caller, hook.ID) })
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}
