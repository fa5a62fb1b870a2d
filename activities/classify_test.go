package activities

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/models"
)

func TestAFailureSaysWhetherItIsTriedAgainAndWhen(t *testing.T) {
	t.Parallel()
	limited := models.Failed(models.FailureProviderLimited, "The model is busy.", nil)
	limited.RetryAfter = 40 * time.Second
	refused := models.Failed(models.FailureProviderUnavailable, "The key is refused.", nil)
	refused.Final = true
	benign, pages := temporal.ApplicationErrorCategoryBenign, temporal.ApplicationErrorCategoryUnspecified
	for name, tc := range map[string]struct {
		err      error
		final    bool
		after    time.Duration // at least, and at most a fifth more
		category temporal.ApplicationErrorCategory
	}{
		"a bad document":              {models.Failed(models.FailureDocumentBroken, "It is damaged.", nil), true, 0, benign},
		"a provider's limit":          {limited, false, 40 * time.Second, benign},
		"a provider that is away":     {models.Failed(models.FailureProviderUnavailable, "The model is away.", nil), false, 0, benign},
		"what only an operator mends": {refused, true, 0, pages},
	} {
		e := applicationError(t, classify(t.Context(), tc.err))
		late := e.NextRetryDelay() - tc.after
		if e.NonRetryable() != tc.final || late < 0 || late > tc.after/5 || e.Category() != tc.category {
			t.Errorf("%s: final %v, after %s, category %v", name, e.NonRetryable(), e.NextRetryDelay(), e.Category())
		}
		if !models.FailureType(e.Type()).Valid() {
			t.Errorf("%s: %q is no failure type", name, e.Type())
		}
	}
	if plain := errors.New("connection refused"); !errors.Is(classify(t.Context(), plain), plain) {
		t.Error("an error of no type is changed")
	}
}

func TestAProviderIsGivenUpAfterSomeMinutes(t *testing.T) {
	t.Parallel()
	env := testkit.NewWorkflowEnvironment(t)
	asked := 0
	asking := func(ctx context.Context) error {
		asked++
		return classify(ctx, models.Failed(models.FailureProviderUnavailable, "The model is away.", nil))
	}
	env.RegisterActivity(asking)
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		options := workflow.ActivityOptions{StartToCloseTimeout: time.Minute, ScheduleToCloseTimeout: time.Hour, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 99}}
		return workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), asking).Get(ctx, nil)
	})
	e, ok := errors.AsType[*temporal.ApplicationError](env.GetWorkflowError())
	if !ok || e.Type() != string(models.FailureProviderUnavailable) || asked != providerTries {
		t.Errorf("asked %d times, then %v", asked, env.GetWorkflowError())
	}
}
