package store

import (
	"testing"
	"time"

	"decoded.digital/extractor/models"
)

func testTakeOver(t *testing.T, b *bundle) {
	t.Helper()
	request := func() *models.IdempotentRequest {
		return &models.IdempotentRequest{TenantID: b.caller.TenantID, Route: "POST /x", Key: "k", Fingerprint: "f"}
	}
	claim := func(r *models.IdempotentRequest) bool {
		t.Helper()
		_, mine, err := b.System().ClaimRequest(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return mine
	}
	first, second := request(), request()
	if !claim(first) || claim(second) {
		t.Fatal("two have it, or none")
	}
	late := b.db.Model(&models.IdempotentRequest{}).Where("key = ?", "k").Update("locked_until", b.now().Add(-time.Second))
	if late.Error != nil {
		t.Fatal(late.Error)
	}
	other := request()
	other.Fingerprint = "another body"
	if claim(other) {
		t.Error("another body took it over")
	}
	if !claim(second) || second.SubjectID != first.SubjectID {
		t.Errorf("it makes %q, the first %q", second.SubjectID, first.SubjectID)
	}
	if claim(request()) {
		t.Error("a third has it too")
	}
	second.Status, second.Answer = 200, []byte("done")
	if err := b.System().FinishRequest(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	answered, mine, err := b.System().ClaimRequest(t.Context(), request())
	if err != nil || mine || answered.Status != 200 || string(answered.Answer) != "done" {
		t.Errorf("got %+v, %v, %v", answered, mine, err)
	}
}
