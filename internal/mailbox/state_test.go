package mailbox

import (
	"errors"
	"net/http"
	"testing"
	"time"
)

func TestDerive(t *testing.T) {
	t.Parallel()
	now := epoch
	fail := func(f Failure) error { return &Error{Failure: f, RequestID: "r1"} }
	for name, c := range map[string]struct {
		health Health
		want   State
	}{
		"all is well":                           {Health{LastOK: now}, StateOK},
		"an administrator is needed":            {Health{LastOK: now, LastError: fail(NeedsConsent)}, StateNeedsAdmin},
		"the token died, a while ago":           {Health{LastOK: now.Add(-time.Hour), LastError: fail(Reconnect)}, StateReconnect},
		"no mailbox":                            {Health{LastOK: now, LastError: fail(NoMailbox)}, StateNoMailbox},
		"access withdrawn":                      {Health{LastOK: now, LastError: fail(NoAccess)}, StateNoAccess},
		"the folder is gone, while catching up": {Health{LastOK: now, LastError: fail(FolderMissing), CatchingUp: true}, StateFolderMissing},
		"a long wait": {Health{
			LastOK: now, LastErrorAt: now, LastError: &Error{Failure: Throttled, RetryAfter: time.Minute},
		}, StateThrottled},
		"a short wait": {Health{
			LastOK: now, LastErrorAt: now, LastError: &Error{Failure: Throttled, RetryAfter: 10 * time.Second},
		}, StateOK},
		"a wait that is over": {Health{
			LastOK: now, LastErrorAt: now.Add(-time.Hour), LastError: &Error{Failure: Throttled, RetryAfter: time.Minute},
		}, StateOK},
		"a first round":                      {Health{LastOK: now, CatchingUp: true}, StateCatchingUp},
		"no notifications":                   {Health{LastOK: now, PushFailed: fail(Refused)}, StatePushDegraded},
		"no notifications and a first round": {Health{LastOK: now, PushFailed: fail(Refused), CatchingUp: true}, StateCatchingUp},
		"one failure":                        {Health{LastOK: now.Add(-15 * time.Minute), LastError: fail(Transient)}, StateOK},
		"failures for long":                  {Health{LastOK: now.Add(-16 * time.Minute), LastError: fail(Transient)}, StateDelayed},
		"nothing is known for long":          {Health{LastOK: now.Add(-16 * time.Minute)}, StateDelayed},
		"a round that stands still":          {Health{LastOK: now.Add(-2 * time.Hour), CatchingUp: true}, StateDelayed},
		"our own secret expired":             {Health{LastOK: now, LastError: fail(Operator)}, StateDelayed},
		"an error of somebody else's":        {Health{LastOK: now.Add(-time.Hour), LastError: errors.New("no route")}, StateDelayed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.health.Derive(now); got.State != c.want || got.Reason == "" {
				t.Errorf("got %+v, want %s", got, c.want)
			}
		})
	}
}

func TestOnlyTheOperatorIsToBlameForOurOwnRegistration(t *testing.T) {
	t.Parallel()
	for f, want := range map[Failure]bool{Operator: true, ForeignLink: true, Refused: true, Transient: false} {
		s := Health{LastOK: epoch.Add(-time.Hour), LastError: &Error{Failure: f, RequestID: "r1"}}.Derive(epoch)
		if s.Operator != want || s.RequestID != "r1" {
			t.Errorf("%s: %+v", f, s)
		}
	}
}

func TestAnswered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of     Resource
		status int
		code   string
		want   Failure
	}{
		{OfFolder, 410, "", GoneCursor},
		{OfFolder, 400, "SyncStateNotFound", GoneCursor},
		{OfFolder, 404, "syncStateInvalid", GoneCursor},
		{OfFolder, 400, "resyncRequired", GoneCursor},
		{OfFolder, 400, "ErrorInvalidSyncStateData", GoneCursor},
		{OfFolder, 429, "ApplicationThrottled", Throttled},
		{OfFolder, 500, "", Transient},
		{OfFolder, 503, "resyncRequired", Transient},
		{OfFolder, 504, "", Transient},
		{OfFolder, 404, "ErrorItemNotFound", FolderMissing},
		{OfMessage, 404, "ErrorItemNotFound", NotFound},
		{OfMessage, 404, "MailboxNotEnabledForRESTAPI", NoMailbox},
		{OfFolder, 403, "ErrorAccessDenied", NoAccess},
		{OfFolder, 401, "InvalidAuthenticationToken", Reconnect},
		{OfMessage, 412, "ErrorIrresolvableConflict", Conflict},
		{OfOther, 409, "", Conflict},
		{OfMessage, 405, "", Refused},
	} {
		header := http.Header{"Retry-After": {"7"}, "Request-Id": {"r1"}}
		got := Answered(c.of, c.status, c.code, header, epoch)
		if got.Failure != c.want || got.RequestID != "r1" {
			t.Errorf("%s %d %s: %+v, want %s", c.of, c.status, c.code, got, c.want)
		}
		if waits := c.want == Throttled || c.want == Transient; waits != (got.RetryAfter == 7*time.Second) {
			t.Errorf("%s %d %s waits %s", c.of, c.status, c.code, got.RetryAfter)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"0": 0, "120": 2 * time.Minute,
		epoch.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second,
		epoch.Add(-time.Hour).Format(http.TimeFormat):       0,
	} {
		if got, ok := RetryAfter(http.Header{"Retry-After": {value}}, epoch); !ok || got != want {
			t.Errorf("%q: %s, %v", value, got, ok)
		}
	}
	for _, value := range []string{"", "-1", "soon", "99999999999999999999"} {
		if _, ok := RetryAfter(http.Header{"Retry-After": {value}}, epoch); ok {
			t.Errorf("%q was read", value)
		}
	}
}

func TestTokenRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status            int
		code, description string
		want              Failure
	}{
		{400, "invalid_grant", "AADSTS700082: The refresh token has expired", Reconnect},
		{400, "invalid_grant", "AADSTS50173: revoked", Reconnect},
		{400, "invalid_grant", "AADSTS65001: The user or administrator has not consented", NeedsConsent},
		{400, "invalid_grant", "", Reconnect},
		{400, "interaction_required", "AADSTS50076: multi-factor", Reconnect},
		{400, "access_denied", "AADSTS90094: admin", NeedsConsent},
		{401, "invalid_client", "AADSTS7000222: The client secret expired", Operator},
		{401, "invalid_client", "", Operator},
		{500, "", "", Transient},
		{503, "temporarily_unavailable", "AADSTS90033", Transient},
		{400, "invalid_request", "", Refused},
	} {
		if got := TokenRefused(c.status, c.code, c.description); got.Failure != c.want {
			t.Errorf("%d %s %s: %s, want %s", c.status, c.code, c.description, got.Failure, c.want)
		}
	}
}
