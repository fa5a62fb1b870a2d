package models

import "testing"

func TestOnlyFailedExtractionsCanBeRetried(t *testing.T) {
	t.Parallel()
	for _, s := range Statuses() {
		want := s == StatusAnalysisFailed || s == StatusExtractionFailed || s == StatusFailed
		if s.CanRetry() != want {
			t.Errorf("%q.CanRetry() = %v", s, s.CanRetry())
		}
		if s.CanRetry() && s.InProgress() {
			t.Errorf("%q is failed and in progress at once", s)
		}
	}
}

func TestAStatusHasReachedWhatCameBeforeIt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		at, other Status
		want      bool
	}{
		{StatusExtracting, StatusAnalyzed, true},
		{StatusCompleted, StatusUploaded, true},
		{StatusAnalyzed, StatusAnalyzed, true},
		{StatusAnalysisFailed, StatusAnalysisFailed, true},
		{StatusUploaded, StatusAnalyzing, false},
		{StatusFailed, StatusUploaded, false},
		{StatusCompleted, StatusFailed, false},
		{StatusExtractionFailed, StatusAnalysisFailed, false},
	} {
		if got := tc.at.Reached(tc.other); got != tc.want {
			t.Errorf("%q.Reached(%q) = %v", tc.at, tc.other, got)
		}
	}
}
