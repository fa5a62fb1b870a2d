package store

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/models"
)

// news writes n events of the bundle's extraction to a webhook.
func (b *bundle) news(t *testing.T, hook models.Webhook, n int) []models.Delivery {
	t.Helper()
	rows := make([]models.Delivery, n)
	for i := range rows {
		rows[i] = b.newDelivery(t.Context(), &hook, &b.x, models.EventExtractionFailed)
		rows[i].Attempt, rows[i].Sequence, rows[i].CreatedAt = i+1, i+1, b.x.CreatedAt.Add(time.Duration(i)*time.Millisecond)
		if err := b.promise(b.db.WithContext(t.Context()), rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	return rows
}

func (b *bundle) take(t *testing.T, hook models.Webhook) Line {
	t.Helper()
	line, err := b.System().TakeLine(t.Context(), hook.ID, lease)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// leave ends the first calls of a line's first n deliveries, all taken, and gives it
// back.
func (b *bundle) leave(t *testing.T, line Line, n int) {
	t.Helper()
	var taken []FirstCall
	for _, d := range line.Deliveries[:n] {
		taken = append(taken, FirstCall{Delivery: d, Call: Call{Attempt: models.DeliveryAttempt{ID: models.NewID(b.now()), StatusCode: http.StatusOK, CreatedAt: b.now()}}})
	}
	if err := b.System().EndCalls(t.Context(), &line, taken, b.now()); err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) lines(t *testing.T, limit int) []string {
	t.Helper()
	ids, err := b.System().ListLines(t.Context(), limit)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func (b *bundle) openBreaker(t *testing.T, hook models.Webhook, probe time.Time) {
	t.Helper()
	if err := b.db.Model(&models.Webhook{}).Where("id = ?", hook.ID).UpdateColumn("probe_at", probe).Error; err != nil {
		t.Fatal(err)
	}
}

func testFirstCalls(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	rows := b.news(t, hook, lineBatch+1)
	line := b.take(t, hook)
	if line.Webhook.ID != hook.ID || line.Places() != callsAtOnce || len(line.Deliveries) != lineBatch || line.Deliveries[0].ID != rows[0].ID {
		t.Fatalf("got %+v", line)
	}
	b.leave(t, line, lineBatch)
	d, attempts, err := b.GetDelivery(t.Context(), b.caller, hook.ID, rows[0].ID)
	if err != nil || d.State != models.DeliverySucceeded || d.Tries != 1 || len(attempts) != 1 || attempts[0].Number != 1 || attempts[0].StatusCode != http.StatusOK {
		t.Errorf("got %+v, attempts %+v, %v", d, attempts, err)
	}
	if line := b.take(t, hook); len(line.Deliveries) != 1 || line.Deliveries[0].ID != rows[lineBatch].ID {
		t.Errorf("got %+v", line)
	}
}

func testLineIsOnes(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	b.news(t, hook, 3)
	lines := make([]Line, 4)
	var group errgroup.Group
	for i := range lines {
		group.Go(func() (err error) {
			lines[i], err = b.System().TakeLine(t.Context(), hook.ID, lease)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	lines = slices.DeleteFunc(lines, func(l Line) bool { return len(l.Deliveries) == 0 })
	if len(lines) != 1 || len(lines[0].Deliveries) != 3 {
		t.Fatalf("%d call one line", len(lines))
	}
	if ids := b.lines(t, 10); len(ids) != 0 {
		t.Errorf("lines that are called: %v", ids)
	}
	b.pass(lease + time.Second) // who called it has died
	second := b.take(t, hook)
	if len(b.lines(t, 10)) != 0 || len(second.Deliveries) != 3 {
		t.Errorf("got %+v", second)
	}
	b.leave(t, lines[0], 1) // too late to give anything back
	if line := b.take(t, hook); len(line.Deliveries) != 0 {
		t.Error("a line was given back by somebody who had lost it")
	}
	b.leave(t, second, 3)
	if ids := b.lines(t, 10); len(ids) != 0 {
		t.Errorf("empty lines: %v", ids)
	}
}

func testLinePlaces(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	b.news(t, hook, 3)
	retried := b.tests(t, hook, callsAtOnce)
	b.turn(t, retried[0])
	line := b.take(t, hook)
	if line.Places() != callsAtOnce-1 {
		t.Fatalf("%d places beside one call", line.Places())
	}
	if turn := b.turn(t, retried[1]); turn.Wait != busyWait {
		t.Error("more calls are made than there are places")
	}
	b.leave(t, line, 0)
	for _, d := range retried[1:] {
		b.turn(t, d)
	}
	line = b.take(t, hook)
	if line.Places() != 1 {
		t.Errorf("%d places beside %d calls", line.Places(), callsAtOnce)
	}
	b.leave(t, line, 0)
	b.pass(lease + 5*time.Minute)
	if line := b.take(t, hook); line.Places() != callsAtOnce {
		t.Errorf("%d places beside calls that were lost", line.Places())
	}
}

func testLineBehindBreaker(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	b.news(t, hook, 3)
	b.openBreaker(t, hook, b.now().Add(time.Second))
	if line := b.take(t, hook); len(line.Deliveries) != 0 || len(b.lines(t, 10)) != 0 {
		t.Errorf("got %+v", line)
	}
	b.pass(2 * time.Second)
	line := b.take(t, hook)
	if len(line.Deliveries) != 1 {
		t.Fatalf("%d probe an open breaker", len(line.Deliveries))
	}
	if err := b.System().EndFirstCall(t.Context(), &line.Deliveries[0], b.attempted(failed(time.Minute))); err != nil {
		t.Fatal(err)
	}
	b.leave(t, line, 0)
	b.pass(models.ProbeEvery)
	if line := b.take(t, hook); len(line.Deliveries) != 0 {
		t.Error("a first call takes the probe from a retry that is due")
	}
	b.pass(time.Hour)
	if line := b.take(t, hook); len(line.Deliveries) != 1 {
		t.Error("a retry that never came keeps the probe from the others")
	}
}

func (b *bundle) attempted(c Call) Call {
	c.Attempt.ID, c.Attempt.CreatedAt = models.NewID(b.now()), b.now()
	return c
}

func testLineSwitchedOff(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	rows := b.news(t, hook, 2)
	b.openBreaker(t, hook, b.now())
	if err := b.db.Model(&models.Webhook{}).Where("id = ?", hook.ID).UpdateColumn("is_active", false).Error; err != nil {
		t.Fatal(err)
	}
	if line := b.take(t, hook); len(line.Deliveries) != 0 {
		t.Errorf("a webhook that is switched off is called: %+v", line)
	}
	d, attempts, err := b.GetDelivery(t.Context(), b.caller, hook.ID, rows[1].ID)
	if err != nil || d.State != models.DeliveryFailed || len(attempts) != 1 || attempts[0].Error != switchedOff {
		t.Errorf("got %+v, attempts %+v, %v", d, attempts, err)
	}
}

func testFirstCallFails(t *testing.T, b *bundle) {
	t.Helper()
	b.claimUpload(t)
	hook := b.createWebhook(t, models.ScopeAll)
	b.news(t, hook, 2)
	line := b.take(t, hook)
	for i, next := range []time.Duration{time.Minute, 0} {
		if err := b.System().EndFirstCall(t.Context(), &line.Deliveries[i], b.attempted(failed(next))); err != nil {
			t.Fatal(err)
		}
	}
	entries := b.claimAll(t)
	if len(entries) != 1 || entries[0].SubjectID != line.Deliveries[0].ID || entries[0].Kind != models.OutboxStartDelivery {
		t.Errorf("promised are %+v", entries)
	}
	if d := b.deliveries(t); d[0].State != models.DeliveryPending || d[0].NextAttemptAt == nil || d[1].State != models.DeliveryFailed {
		t.Errorf("got %+v", d)
	}
}

func testLinesInTurn(t *testing.T, b *bundle) {
	t.Helper()
	var hooks []models.Webhook
	for range 15 { // a tenant with many webhooks
		hook := b.createWebhook(t, models.ScopeAll)
		b.tests(t, hook, 2)
		hooks = append(hooks, hook)
	}
	quiet := models.Webhook{ID: models.NewID(b.now()), Scope: models.ScopeAll, DocumentIDs: []string{}, IsActive: true, Secret: []byte("sealed")}
	if err := b.CreateWebhook(t.Context(), b.other, &quiet); err != nil {
		t.Fatal(err)
	}
	b.tests(t, quiet, 3)
	if ids := b.lines(t, 2); len(ids) != 2 || !slices.Contains(ids, quiet.ID) {
		t.Errorf("a tenant with one webhook waits for one with many: %v", ids)
	}
	b.leave(t, b.take(t, hooks[0]), 1)
	if ids := b.lines(t, 15); len(ids) != 15 || slices.Contains(ids, hooks[0].ID) {
		t.Errorf("the webhook that was called last is called first: %v", ids)
	}
}

func testLinesOfATenant(t *testing.T, b *bundle) {
	t.Helper()
	for range linesOfATenant + 1 {
		b.tests(t, b.createWebhook(t, models.ScopeAll), 1)
	}
	ids := b.lines(t, 2*linesOfATenant)
	if len(ids) != linesOfATenant {
		t.Fatalf("%d of a tenant's lines are called at a time", len(ids))
	}
	b.take(t, models.Webhook{ID: ids[0]})
	if ids := b.lines(t, 2*linesOfATenant); len(ids) != linesOfATenant-1 {
		t.Errorf("%d more beside one", len(ids))
	}
}

func testEventBodies(t *testing.T, b *bundle) {
	t.Helper()
	one, other := b.createWebhook(t, models.ScopeAll), b.createWebhook(t, models.ScopeAll)
	rows := append(b.news(t, one, 2), b.news(t, other, 1)...)
	rows = append(rows, b.tests(t, other, 1)...)
	rendered := 0
	render := func(_ context.Context, d *models.Delivery, x *models.ExtractionDetail) ([]byte, error) {
		rendered++
		if (x == nil) != (d.EventType == models.EventWebhookTest) || (x != nil && (x.ID != b.x.ID || x.File.Name == "")) {
			t.Errorf("%s is of %+v", d.EventType, x)
		}
		return []byte("body of " + d.ID), nil
	}
	for range 2 {
		fixed, err := b.System().FixBodies(t.Context(), slices.Clone(rows), render)
		if err != nil || len(fixed) != 4 {
			t.Fatalf("got %+v, %v", fixed, err)
		}
		for i, of := range []int{0, 1, 0, 3} {
			if want := "body of " + rows[of].ID; string(fixed[i].Payload) != want {
				t.Errorf("delivery %d sends the %s, want the %s", i, fixed[i].Payload, want)
			}
		}
	}
	if rendered != 3 {
		t.Errorf("%d bodies were written for 3 events", rendered)
	}
	if d, _, err := b.GetDelivery(t.Context(), b.caller, one.ID, rows[0].ID); err != nil || string(d.Payload) != "body of "+rows[0].ID {
		t.Errorf("got %q, %v", d.Payload, err)
	}
	if _, err := b.System().FixBodies(t.Context(), b.news(t, b.createWebhook(t, models.ScopeAll), 3)[2:], func(context.Context, *models.Delivery, *models.ExtractionDetail) ([]byte, error) {
		return nil, errors.New("no")
	}); err == nil {
		t.Error("a body that can't be written is no error")
	}
}

func testBodiesGo(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	rows := append(b.news(t, hook, 1), b.tests(t, hook, 1)...)
	render := func(context.Context, *models.Delivery, *models.ExtractionDetail) ([]byte, error) {
		return []byte("body"), nil
	}
	fix := func() int {
		b.Store.bodies.Purge() // as another process knows none
		fixed, err := b.System().FixBodies(t.Context(), slices.Clone(rows), render)
		if err != nil {
			t.Fatal(err)
		}
		return len(fixed)
	}
	if n := fix(); n != 2 {
		t.Fatalf("%d of 2 have bodies", n)
	}
	if _, err := b.DeleteExtraction(t.Context(), b.caller, b.x.ID); err != nil {
		t.Fatal(err)
	}
	if left := b.bodies(t); left != 1 || fix() != 1 {
		t.Errorf("%d bodies are left once their extraction is deleted", left)
	}
	if err := b.DeleteWebhook(t.Context(), b.caller, hook.ID); err != nil {
		t.Fatal(err)
	}
	if left := b.bodies(t); left != 0 || fix() != 0 || b.bodies(t) != 0 {
		t.Errorf("%d bodies are left once their webhook is deleted", left)
	}
}

func (b *bundle) bodies(t *testing.T) int {
	t.Helper()
	var left int64
	if err := b.db.Model(&models.EventBody{}).Count(&left).Error; err != nil {
		t.Fatal(err)
	}
	return int(left)
}

func testBodiesAtOnce(t *testing.T, b *bundle) {
	t.Helper()
	var lines [4][]models.Delivery
	for i := range lines {
		lines[i] = b.news(t, b.createWebhook(t, models.ScopeAll), lineBatch)
		if i%2 == 1 {
			slices.Reverse(lines[i])
		}
	}
	var group errgroup.Group
	for _, rows := range lines {
		process, err := Open(t.Context(), b.address, b.now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = process.Close() })
		group.Go(func() error {
			_, err := process.System().FixBodies(t.Context(), rows, func(_ context.Context, d *models.Delivery, _ *models.ExtractionDetail) ([]byte, error) {
				return bytes.Repeat([]byte(d.ID), 4096), nil // 100 kB: time to meet
			})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, rows := range lines {
		slices.SortFunc(rows, func(a, b models.Delivery) int { return a.Event().Compare(b.Event()) })
		if !slices.EqualFunc(rows, lines[0], func(a, b models.Delivery) bool { return string(a.Payload) == string(b.Payload) && len(a.Payload) > 0 }) {
			t.Error("two webhooks are told of one event by two bodies")
		}
	}
}
