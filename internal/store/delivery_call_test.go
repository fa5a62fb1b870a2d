package store

import (
	"slices"
	"testing"
	"time"

	"decoded.digital/extractor/models"
)

const lease = 20 * time.Second

// pass lets the store's clock go on.
func (b *bundle) pass(d time.Duration) {
	clock := b.now
	b.now = func() time.Time { return clock().Add(d) }
}

// deliveries are the tenant's, oldest first.
func (b *bundle) deliveries(t *testing.T) []models.Delivery {
	t.Helper()
	var rows []models.Delivery
	if err := b.db.Order("created_at, id").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	return rows
}

// tests writes n test events to a webhook, which wait their turn like any other.
func (b *bundle) tests(t *testing.T, hook models.Webhook, n int) []models.Delivery {
	t.Helper()
	rows := make([]models.Delivery, n)
	for i := range rows {
		rows[i] = b.newEvent(t.Context(), &hook, models.EventWebhookTest)
		if err := b.promise(b.db.WithContext(t.Context()), rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	return rows
}

func (b *bundle) turn(t *testing.T, d models.Delivery) Turn {
	t.Helper()
	turn, err := b.System().BeginCall(t.Context(), d.ID, d.Round, lease)
	if err != nil {
		t.Fatal(err)
	}
	return turn
}

// call makes a call that ends as given.
func (b *bundle) call(t *testing.T, d models.Delivery, call Call) {
	t.Helper()
	turn := b.turn(t, d)
	if turn.Over || turn.Wait > 0 {
		t.Fatalf("the call may not be made: %+v", turn)
	}
	b.end(t, turn, call)
}

func (b *bundle) end(t *testing.T, turn Turn, call Call) {
	t.Helper()
	call.Attempt.ID, call.Attempt.CreatedAt = models.NewID(b.now()), b.now()
	if err := b.System().EndCall(t.Context(), &turn.Delivery, call); err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) hook(t *testing.T, id string) models.Webhook {
	t.Helper()
	hook, err := b.GetWebhook(t.Context(), b.caller, id)
	if err != nil {
		t.Fatal(err)
	}
	return hook
}

func failed(next time.Duration) Call {
	return Call{Attempt: models.DeliveryAttempt{Error: "no", StatusCode: 500}, Next: next}
}

func testPlaces(t *testing.T, b *bundle) {
	t.Helper()
	rows := b.tests(t, b.createWebhook(t, models.ScopeAll), callsAtOnce+1)
	var turns []Turn
	for _, d := range rows {
		turns = append(turns, b.turn(t, d))
	}
	last := turns[callsAtOnce]
	if taken := slices.IndexFunc(turns, func(turn Turn) bool { return turn.Wait > 0 }); taken != callsAtOnce || last.Wait != busyWait {
		t.Fatalf("call %d had to wait for %s", taken, last.Wait)
	}
	if again := b.turn(t, rows[0]); again.Wait != 0 {
		t.Error("a call that its worker lost stands in its own way")
	}
	b.end(t, turns[0], Call{})
	if b.turn(t, rows[callsAtOnce]).Wait != 0 {
		t.Error("a place that was given back is not free")
	}
	if turn := b.turn(t, rows[0]); !turn.Over {
		t.Error("a delivery that has succeeded is called again")
	}
	other := b.tests(t, b.createWebhook(t, models.ScopeAll), 1)
	if b.turn(t, other[0]).Wait != 0 {
		t.Error("one webhook waits for another's places")
	}
	b.pass(lease + time.Second)
	if b.turn(t, b.tests(t, turns[0].Webhook, 1)[0]).Wait != 0 {
		t.Error("places are held longer than their lease")
	}
}

func testBreaker(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	rows := b.tests(t, hook, 12)
	for _, d := range rows[:10] {
		b.call(t, d, failed(time.Hour))
	}
	if got := b.hook(t, hook.ID); got.Status() != models.WebhookFailing {
		t.Fatalf("got %s after 10 failures", got.Status())
	}
	if turn := b.turn(t, rows[10]); turn.Wait < 50*time.Second || turn.Wait > models.ProbeEvery {
		t.Errorf("a call waits for %s behind an open breaker", turn.Wait)
	}
	asked, err := b.CreateTest(t.Context(), b.caller, hook.ID)
	if err != nil || b.turn(t, asked).Wait != 0 {
		t.Errorf("a test that a user asks for waits: %v", err)
	}
	b.pass(models.ProbeEvery)
	probe := b.turn(t, rows[10])
	if probe.Wait != 0 || b.turn(t, rows[11]).Wait == 0 {
		t.Fatal("an open breaker lets through none, or more than one")
	}
	b.end(t, probe, Call{})
	if got := b.hook(t, hook.ID); got.Status() != models.WebhookActive || b.turn(t, rows[11]).Wait != 0 {
		t.Errorf("got %s after a success", got.Status())
	}
}

func testDisabled(t *testing.T, b *bundle) {
	t.Helper()
	hook, other := b.createWebhook(t, models.ScopeAll), b.createWebhook(t, models.ScopeAll)
	rows := b.tests(t, hook, 17)
	for i, d := range rows[:16] { // every 8 hours: from the first to the 16th it is 5 days
		if got := b.hook(t, hook.ID); !got.IsActive {
			t.Fatalf("switched off after %d failures: %s", i, got.StopReason)
		}
		b.pass(8 * time.Hour)
		b.call(t, d, failed(time.Hour))
	}
	if got := b.hook(t, hook.ID); got.Status() != models.WebhookDisabled || got.StopReason != models.StopFailing {
		t.Fatalf("got %s, %q after 5 days", got.Status(), got.StopReason)
	}
	told := b.deliveries(t)[17:]
	if len(told) != 1 || told[0].WebhookID != other.ID || told[0].EventType != models.EventWebhookDisabled || told[0].SubjectID != hook.ID {
		t.Errorf("told %+v", told)
	}
	if turn := b.turn(t, rows[16]); !turn.Over || turn.Delivery.State != models.DeliveryFailed {
		t.Error("a delivery goes on after its webhook was switched off")
	}
}

func testFlapping(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	for i, d := range b.tests(t, hook, 60) { // 20 days, each third call succeeds
		b.pass(8 * time.Hour)
		call := failed(time.Hour)
		if i%3 == 0 {
			call = Call{}
		}
		b.call(t, d, call)
	}
	if got := b.hook(t, hook.ID); got.Status() != models.WebhookActive {
		t.Errorf("a flapping endpoint is %s", got.Status())
	}
}

func testGone(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	b.call(t, b.tests(t, hook, 1)[0], Call{Attempt: models.DeliveryAttempt{Error: "410", StatusCode: 410}, Gone: true})
	if got := b.hook(t, hook.ID); got.Status() != models.WebhookDisabled || got.StopReason != models.StopGone {
		t.Errorf("got %s, %q", got.Status(), got.StopReason)
	}
}

func testSilenceIsNoFailure(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	for _, d := range b.tests(t, hook, 12) { // a call every two days says little of the days between
		b.pass(48 * time.Hour)
		b.call(t, d, failed(time.Hour))
	}
	if got := b.hook(t, hook.ID); !got.IsActive {
		t.Errorf("switched off: %s", got.StopReason)
	}
}

// claimUpload takes the promise to run the bundle's extraction out of the way.
func (b *bundle) claimUpload(t *testing.T) {
	t.Helper()
	if err := b.db.Where("kind = ?", models.OutboxStartExtraction).Delete(&models.OutboxEntry{}).Error; err != nil {
		t.Fatal(err)
	}
}

func testLateCall(t *testing.T, b *bundle) {
	t.Helper()
	hook := b.createWebhook(t, models.ScopeAll)
	d := b.tests(t, hook, 1)[0]
	lost, second := b.turn(t, d), b.turn(t, d)
	b.end(t, second, Call{})
	b.end(t, lost, failed(0))
	got, attempts, err := b.GetDelivery(t.Context(), b.caller, hook.ID, d.ID)
	if err != nil || got.State != models.DeliverySucceeded || len(attempts) != 2 {
		t.Errorf("got %s, %d attempts, %v", got.State, len(attempts), err)
	}
}
