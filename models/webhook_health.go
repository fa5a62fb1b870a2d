package models

import "time"

// The rules of a webhook's health. A breaker spares an endpoint that fails on
// and on, and all others what its calls would cost; switching it off is for
// those that nobody mends.
const (
	// breakerFailures is how many calls in a row fail before the breaker opens.
	breakerFailures = 10
	// ProbeEvery is how long an open breaker holds back calls; then it lets one
	// through.
	ProbeEvery = time.Minute
	// disableAfter is how long every call must have failed.
	disableAfter = 5 * 24 * time.Hour
	// failureGap is the longest silence within that time: where nothing was sent
	// for longer, nothing is known of it, and the time begins anew. It is twice
	// the longest delay of the schedule, which Retry-After can ask for, and some.
	failureGap = 25 * time.Hour
)

// StopReason is why the product switched a webhook off.
type StopReason string

// The reasons.
const (
	StopGone        StopReason = "gone"         // the receiver answered 410
	StopFailing     StopReason = "failing"      // every call failed for days
	StopNoDocuments StopReason = "no-documents" // the last document of its scope was deleted
)

// Sentence says why, to the owner; empty for no reason.
func (r StopReason) Sentence() string {
	switch r {
	case StopGone:
		return "The receiver answered 410 Gone: it wants no more calls."
	case StopFailing:
		return "Every call failed for 5 days."
	case StopNoDocuments:
		return "The last of the documents that it was for was deleted."
	}
	return ""
}

// WebhookStatus is how a webhook is doing.
type WebhookStatus string

// The statuses.
const (
	WebhookActive   WebhookStatus = "active"
	WebhookFailing  WebhookStatus = "failing"  // its calls fail: one a minute is made until one succeeds
	WebhookPaused   WebhookStatus = "paused"   // switched off by its owner, or for want of documents
	WebhookDisabled WebhookStatus = "disabled" // switched off because its calls failed
)

// Status is how the webhook is doing.
func (w *Webhook) Status() WebhookStatus {
	switch {
	case w.IsActive && w.ProbeAt != nil:
		return WebhookFailing
	case w.IsActive:
		return WebhookActive
	case w.StopReason == StopGone || w.StopReason == StopFailing:
		return WebhookDisabled
	}
	return WebhookPaused
}

// SwitchOn makes the webhook active as if no call had ever failed.
func (w *Webhook) SwitchOn() {
	w.IsActive, w.StopReason = true, ""
	w.CallSucceeded()
}

// SwitchOff makes the webhook inactive; reason is empty where its owner does it.
func (w *Webhook) SwitchOff(reason StopReason) { w.IsActive, w.StopReason = false, reason }

// CallSucceeded takes note of a call that its receiver took, and says whether
// that changed anything: one success is the end of every failure before.
func (w *Webhook) CallSucceeded() bool {
	changed := w.Failures > 0 || w.ProbeAt != nil
	w.Failures, w.FailingSince, w.LastFailureAt, w.ProbeAt = 0, nil, nil, nil
	return changed
}

// CallFailed takes note of a call that failed at now. It opens the breaker, and
// switches the webhook off where every call has failed for too long or gone says
// that the receiver wants no more of them.
func (w *Webhook) CallFailed(now time.Time, gone bool) {
	if w.FailingSince == nil || (w.LastFailureAt != nil && now.Sub(*w.LastFailureAt) > failureGap) {
		w.FailingSince = &now
	}
	w.Failures, w.LastFailureAt = w.Failures+1, &now
	if w.Failures >= breakerFailures {
		probe := now.Add(ProbeEvery)
		w.ProbeAt = &probe
	}
	switch {
	case !w.IsActive:
	case gone:
		w.SwitchOff(StopGone)
	case w.Failures >= breakerFailures && now.Sub(*w.FailingSince) >= disableAfter:
		w.SwitchOff(StopFailing)
	}
}
