package activities

import (
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"decoded.digital/extractor/models"
)

func TestAFailureSaysWhetherItIsTriedAgainAndWhen(t *testing.T) {
	t.Parallel()
	limited := models.Failed(models.FailureProviderLimited, "The model is busy.", nil)
	limited.RetryAfter = 40 * time.Second
	for name, tc := range map[string]struct {
		err   error
		final bool
		after time.Duration
	}{
		"a bad document":          {models.Failed(models.FailureDocumentBroken, "It is damaged.", nil), true, 0},
		"a provider's limit":      {limited, false, 40 * time.Second},
		"a provider that is away": {models.Failed(models.FailureProviderUnavailable, "The model is away.", nil), false, 0},
	} {
		e := applicationError(t, classify(tc.err))
		if e.NonRetryable() != tc.final || e.NextRetryDelay() != tc.after || e.Category() != temporal.ApplicationErrorCategoryBenign {
			t.Errorf("%s: final %v, after %s, category %v", name, e.NonRetryable(), e.NextRetryDelay(), e.Category())
		}
		if !models.FailureType(e.Type()).Valid() {
			t.Errorf("%s: %q is no failure type", name, e.Type())
		}
	}
	if plain := errors.New("connection refused"); !errors.Is(classify(plain), plain) {
		t.Error("an error of no type is changed")
	}
}
