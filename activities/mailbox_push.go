package activities

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/models"
)

const (
	// subscriptionLife is the longest that Microsoft allows for notifications
	// without content, with room for clocks that differ; shortLife what it allowed
	// before, where the first is refused.
	subscriptionLife = (10080 - 15) * time.Minute
	shortLife        = (4230 - 15) * time.Minute
	renewBefore      = 48 * time.Hour
	subscribeAgain   = time.Hour // after a failure
)

// push looks after a mailbox's subscription where it is time to. What goes wrong
// with it is kept and shown; mail is read all the same.
func (a *Activities) push(ctx context.Context, r *mailReader, m *models.Mailbox) error {
	now := a.Now()
	if m.SubscribeAt.After(now) {
		return nil
	}
	shared := r.account.Kind == models.ConnectionDelegated && !strings.EqualFold(m.Address, r.account.Email)
	if a.Mail.NotificationURL == "" || shared { // Microsoft tells nothing of mailboxes that others share
		m.SubscribeAt = now.Add(fullEvery)
		return a.Store.KeepSubscription(ctx, m)
	}
	s, err := a.subscribe(ctx, r.client, m)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		m.SubscribeAt, m.SubscribeFailure = now.Add(subscribeAgain), string(mailbox.FailureOf(err))
		a.Mail.Logger.WarnContext(ctx, "subscribe to a mailbox; it is polled", "mailboxId", m.ID, "error", err)
		return a.Store.KeepSubscription(ctx, m)
	}
	m.SubscriptionID, m.SubscribedUntil, m.SubscribeFailure = s.ID, &s.Expires, ""
	m.SubscribeAt = s.Expires.Add(-renewBefore)
	if m.SubscribeAt.Before(now.Add(subscribeAgain)) { // a short one is renewed at half of its life
		m.SubscribeAt = now.Add(s.Expires.Sub(now) / 2)
	}
	return a.Store.KeepSubscription(ctx, m)
}

// subscribe renews the mailbox's subscription, or makes one.
func (a *Activities) subscribe(ctx context.Context, client mailbox.Subscriber, m *models.Mailbox) (mailbox.Subscription, error) {
	now := a.Now()
	if m.SubscriptionID != "" {
		s, err := client.Renew(ctx, m.SubscriptionID, now.Add(subscriptionLife))
		if mailbox.FailureOf(err) == mailbox.Refused {
			s, err = client.Renew(ctx, m.SubscriptionID, now.Add(shortLife))
		}
		if err == nil || mailbox.FailureOf(err) != mailbox.NotFound {
			return s, err
		}
		m.SubscriptionID = ""
	}
	secret := rand.Text()
	m.ClientStateHash = ClientStateHash(secret)
	wanted := mailbox.Subscription{
		Resource: mailbox.SubscriptionResource(m.Address, m.FolderID),
		URL:      a.Mail.NotificationURL, LifecycleURL: a.Mail.NotificationURL, ClientState: secret, Expires: now.Add(subscriptionLife),
	}
	s, err := client.Subscribe(ctx, wanted)
	switch mailbox.FailureOf(err) { //nolint:exhaustive // nothing can be done about the others
	case mailbox.Refused:
		wanted.Expires = now.Add(shortLife)
		return client.Subscribe(ctx, wanted)
	case mailbox.Conflict: // one of ours that was lost; its client state is not known
		if err := a.unsubscribe(ctx, client, wanted); err != nil {
			return s, err
		}
		return client.Subscribe(ctx, wanted)
	}
	return s, err
}

func (a *Activities) unsubscribe(ctx context.Context, client mailbox.Subscriber, wanted mailbox.Subscription) error {
	there, err := client.Subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, s := range there {
		if s.URL != wanted.URL || !strings.EqualFold(s.Resource, wanted.Resource) {
			continue
		}
		if err := client.Unsubscribe(ctx, s.ID); err != nil && mailbox.FailureOf(err) != mailbox.NotFound {
			return err
		}
	}
	return nil
}

// ClientStateHash is how a subscription's client state is kept: a stolen row
// forges no notification.
func ClientStateHash(clientState string) string {
	sum := sha256.Sum256([]byte(clientState))
	return hex.EncodeToString(sum[:])
}
