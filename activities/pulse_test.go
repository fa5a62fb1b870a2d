package activities

import (
	"context"
	"testing"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"decoded.digital/extractor/internal/testkit"
)

func TestAStepTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	env := testkit.NewActivityEnvironment(t)
	told := make(chan string, 10)
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		var text string
		if err := details.Get(&text); err != nil {
			t.Error(err)
		}
		told <- text
	})
	step := func(ctx context.Context) error {
		p := startPulse(ctx)
		defer p.stop()
		p.page(7, 12)
		for text := range told {
			if text == "page 7 of 12" {
				return nil
			}
		}
		return nil
	}
	env.RegisterActivity(step)
	if _, err := env.ExecuteActivity(step); err != nil {
		t.Error(err)
	}
}
