package llm

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"decoded.digital/extractor/models"
)

// quota is a provider that takes one request and then none for a while.
type quota struct {
	calls int
	err   error
}

func (q *quota) Limits() Limits { return Limits{} }

func (q *quota) Complete(context.Context, *Request) (*Answer, error) {
	q.calls++
	if q.calls == 1 {
		return nil, q.err
	}
	return &Answer{}, nil
}

func TestAProviderOutOfQuotaIsLeftAloneUntilItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limited := models.Failed(models.FailureProviderLimited, "Later.", nil)
		limited.RetryAfter = time.Minute
		provider := &quota{err: limited}
		client := Pace(provider)
		begun := time.Now()
		if _, err := client.Complete(t.Context(), &Request{}); !errors.Is(err, limited) {
			t.Fatalf("got %v", err)
		}
		stopped, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := client.Complete(stopped, &Request{}); !errors.Is(err, context.DeadlineExceeded) || provider.calls != 1 {
			t.Errorf("got %v after %d calls", err, provider.calls)
		}
		if _, err := client.Complete(t.Context(), &Request{}); err != nil || time.Since(begun) != time.Minute {
			t.Errorf("got %v after %s", err, time.Since(begun))
		}
	})
}

func TestOtherFailuresHoldNobodyUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		away := models.Failed(models.FailureProviderUnavailable, "Away.", nil)
		away.RetryAfter = time.Minute
		client := Pace(&quota{err: away})
		begun := time.Now()
		for range 2 {
			_, _ = client.Complete(t.Context(), &Request{})
		}
		if time.Since(begun) != 0 {
			t.Errorf("it took %s", time.Since(begun))
		}
	})
}
