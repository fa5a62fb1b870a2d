package graphfake

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// notification waits until Notify sends it.
type notification struct {
	subscription subscription
	body         map[string]any
}

// enqueue tells a folder's subscribers of a message; the caller holds mu.
func (s *Server) enqueue(b *mailbox, m *message, kind string) {
	for _, id := range slices.Sorted(maps.Keys(s.subscriptions)) {
		sub := s.subscriptions[id]
		if sub.box != b.id || sub.folder != m.folder || !strings.Contains(sub.ChangeType, kind) || !sub.expires.After(s.now()) {
			continue
		}
		resource := "Users/" + b.id + "/Messages/" + m.id
		s.queue = append(s.queue, notification{*sub, map[string]any{
			"subscriptionId": sub.ID, "subscriptionExpirationDateTime": sub.expires.Format(stamp), "changeType": kind,
			"resource": resource, "clientState": sub.ClientState, "tenantId": TenantID,
			"resourceData": map[string]any{"@odata.type": "#Microsoft.Graph.Message", "@odata.id": resource, "@odata.etag": `W/"` + m.id + `"`, "id": m.id},
		}})
	}
}

// Mischief is group 10: what happens to notifications on their way. Late ones
// are those that Notify is called for late.
type Mischief struct {
	Twice, Reverse, Lost bool
	ClientState          string // instead of the right one
	Subscription         string // likewise
	Tenant               string // likewise
	Repeat               int    // each comes so often, to fill a POST; 0: once
}

// tries is how often a notification is sent that is not taken; the real one
// goes on for 4 hours, at growing intervals.
const tries = 3

// Notify sends the notifications that wait, 1,000 in a POST at most, and answers
// the status of every POST, 0 for one without an answer. What is not taken with
// a 2xx is sent again.
func (s *Server) Notify(ctx context.Context, m Mischief) []int {
	s.mu.Lock()
	queue := s.queue
	s.queue = nil
	s.mu.Unlock()
	if m.Lost {
		return nil
	}
	byURL, order := map[string][]map[string]any{}, []string{}
	for _, n := range queue {
		n.distort(m)
		if byURL[n.subscription.URL] == nil {
			order = append(order, n.subscription.URL)
		}
		for range max(1, m.Repeat) {
			byURL[n.subscription.URL] = append(byURL[n.subscription.URL], n.body)
		}
	}
	var statuses []int
	for _, to := range order {
		list := byURL[to]
		if m.Reverse {
			slices.Reverse(list)
		}
		for part := range slices.Chunk(list, maxPerPost) {
			body := marshal(part)
			statuses = append(statuses, s.send(ctx, to, body)...)
			if m.Twice {
				statuses = append(statuses, s.send(ctx, to, body)...)
			}
		}
	}
	return statuses
}

func (n notification) distort(m Mischief) {
	for name, value := range map[string]string{"clientState": m.ClientState, "subscriptionId": m.Subscription, "tenantId": m.Tenant} {
		if value != "" {
			n.body[name] = value
		}
	}
}

func (s *Server) send(ctx context.Context, to string, body []byte) (statuses []int) {
	for range tries {
		status, _, _, err := s.post(ctx, to, "application/json", body)
		if err != nil {
			status = 0
		}
		statuses = append(statuses, status)
		if status >= http.StatusOK && status < http.StatusMultipleChoices {
			break
		}
	}
	return statuses
}

// The lifecycle events.
const (
	Reauthorize         = "reauthorizationRequired"
	SubscriptionRemoved = "subscriptionRemoved"
	Missed              = "missed"
)

// Lifecycle sends a lifecycle event of a subscription (group 11), and answers the
// status of every POST. SubscriptionRemoved ends the subscription.
func (s *Server) Lifecycle(ctx context.Context, id, event string) []int {
	s.mu.Lock()
	sub := s.subscriptions[id]
	if event == SubscriptionRemoved {
		delete(s.subscriptions, id)
	}
	s.mu.Unlock()
	if sub == nil || sub.LifecycleURL == "" {
		return nil
	}
	return s.send(ctx, sub.LifecycleURL, marshal([]map[string]any{{
		"lifecycleEvent": event, "subscriptionId": sub.ID, "subscriptionExpirationDateTime": sub.expires.Format(stamp),
		"resource": sub.Resource, "clientState": sub.ClientState, "tenantId": TenantID,
	}}))
}
