package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"decoded.digital/extractor/api"
	"decoded.digital/extractor/models"
)

// notificationLimit is how long an answer to what is no genuine notification may take.
const notificationLimit = 200 * time.Millisecond

// BenchmarkNotifications measures the longest answer to what is sent to make work:
// a thousand wrong client states of one subscription, a thousand subscriptions
// that nobody knows, 5 MB. None of the longest/limit may reach 1.
func BenchmarkNotifications(b *testing.B) {
	s := newServer(b, offerMail(b))
	a := s.onboard(b, "jo@acme.test")
	_, box, _ := s.mailbox(b, a)
	m, err := s.store.GetMailbox(b.Context(), models.Caller{TenantID: a.id}, box)
	if err != nil {
		b.Fatal(err)
	}
	m.SubscriptionID, m.ClientStateHash = "sub", strings.Repeat("0", 64)
	if err := s.store.System().KeepSubscription(b.Context(), &m); err != nil {
		b.Fatal(err)
	}
	var wrong, unknown []string
	for n := range 1000 {
		wrong = append(wrong, fmt.Sprintf(`{"subscriptionId":"sub","clientState":"%d"}`, n))
		unknown = append(unknown, fmt.Sprintf(`{"subscriptionId":"%d","clientState":"x"}`, n))
	}
	listener := httptest.NewServer(s)
	b.Cleanup(listener.Close)
	for name, body := range map[string]string{
		"WrongClientStates":    `{"value":[` + strings.Join(wrong, ",") + `]}`,
		"UnknownSubscriptions": `{"value":[` + strings.Join(unknown, ",") + `]}`,
		"5MB":                  `{"value":[{"subscriptionId":"sub","x":"` + strings.Repeat("x", 5<<20) + `"}]}`,
	} {
		b.Run(name, func(b *testing.B) {
			var times []time.Duration
			for b.Loop() {
				begun := time.Now()
				notify(b, listener.URL+api.MicrosoftNotifications, body)
				times = append(times, time.Since(begun))
			}
			longest := slices.Max(times)
			b.ReportMetric(float64(longest)/float64(time.Millisecond), "longest-ms")
			b.ReportMetric(float64(longest)/float64(notificationLimit), "longest/limit")
		})
	}
}

func notify(b *testing.B, address, body string) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusAccepted {
		b.Fatalf("got %s", response.Status)
	}
}
