package msgraph

import (
	"context"
	"time"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/subscriptions"

	"decoded.digital/extractor/internal/mailbox"
)

// Subscribe implements mailbox.Subscriber.
func (c *Client) Subscribe(ctx context.Context, s mailbox.Subscription) (mailbox.Subscription, error) {
	want := models.NewSubscription()
	want.SetResource(&s.Resource)
	want.SetChangeType(new("created"))
	want.SetNotificationUrl(&s.URL)
	if s.LifecycleURL != "" {
		want.SetLifecycleNotificationUrl(&s.LifecycleURL)
	}
	want.SetClientState(&s.ClientState)
	want.SetExpirationDateTime(utc(s.Expires))
	ctx = of(ctx, mailbox.OfOther)
	made, err := c.subscriptions.Post(ctx, want, nil)
	if err != nil {
		return mailbox.Subscription{}, failed(ctx, err)
	}
	return plain(made), nil
}

// Renew implements mailbox.Subscriber.
func (c *Client) Renew(ctx context.Context, id string, expires time.Time) (mailbox.Subscription, error) {
	change := models.NewSubscription()
	change.SetExpirationDateTime(utc(expires))
	ctx = of(ctx, mailbox.OfOther)
	renewed, err := c.subscriptions.BySubscriptionId(id).Patch(ctx, change, nil)
	if err != nil {
		return mailbox.Subscription{}, failed(ctx, err)
	}
	return plain(renewed), nil
}

// Unsubscribe implements mailbox.Subscriber.
func (c *Client) Unsubscribe(ctx context.Context, id string) error {
	ctx = of(ctx, mailbox.OfOther)
	return failed(ctx, c.subscriptions.BySubscriptionId(id).Delete(ctx, nil))
}

// Subscriptions implements mailbox.Subscriber.
func (c *Client) Subscriptions(ctx context.Context) ([]mailbox.Subscription, error) {
	ctx = of(ctx, mailbox.OfOther)
	var list []mailbox.Subscription
	var config *subscriptions.SubscriptionsRequestBuilderGetRequestConfiguration
	for builder := c.subscriptions; ; {
		answer, err := builder.Get(ctx, config)
		if err != nil {
			return nil, failed(ctx, err)
		}
		for _, s := range answer.GetValue() {
			list = append(list, plain(s))
		}
		next := value(answer.GetOdataNextLink())
		if next == "" {
			return list, nil
		}
		if err := mailbox.CheckLink(c.graph, next); err != nil {
			return nil, err
		}
		builder = builder.WithUrl(next)
	}
}

func plain(s models.Subscriptionable) mailbox.Subscription {
	return mailbox.Subscription{
		ID: value(s.GetId()), Resource: value(s.GetResource()), URL: value(s.GetNotificationUrl()),
		LifecycleURL: value(s.GetLifecycleNotificationUrl()), Expires: value(s.GetExpirationDateTime()),
	}
}
