package mailbox

import (
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

const scope = "decoded.digital/extractor/internal/mailbox"

// How a request to Microsoft ended, as the metric has it.
const (
	answered    = "answered"    // 2xx and 3xx
	throttled   = "throttled"   // 429
	refused4xx  = "refused"     // any other 4xx
	failed5xx   = "failed"      // 5xx
	unreachable = "unreachable" // no answer
)

// Observe is base, the network, with a count of each request, tries included. No
// label names a mailbox or a path.
func Observe(base http.RoundTripper, meters metric.MeterProvider) (http.RoundTripper, error) {
	requests, err := meters.Meter(scope).Int64Counter("extractor_graph_requests",
		metric.WithDescription("Requests to Microsoft, by outcome."))
	if err != nil {
		return nil, fmt.Errorf("measure the mailboxes: %w", err)
	}
	o := counted{next: base, requests: requests}
	for _, outcome := range []string{answered, throttled, refused4xx, failed5xx, unreachable} {
		o.count(&http.Request{}, outcome, 0)
	}
	return o, nil
}

type counted struct {
	next     http.RoundTripper
	requests metric.Int64Counter
}

// RoundTrip sends r.
func (c counted) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := c.next.RoundTrip(r)
	outcome := answered
	switch {
	case err != nil:
		outcome = unreachable
	case response.StatusCode == http.StatusTooManyRequests:
		outcome = throttled
	case response.StatusCode >= http.StatusInternalServerError:
		outcome = failed5xx
	case response.StatusCode >= http.StatusBadRequest:
		outcome = refused4xx
	}
	c.count(r, outcome, 1)
	return response, err
}

func (c counted) count(r *http.Request, outcome string, n int64) {
	c.requests.Add(r.Context(), n, metric.WithAttributes(attribute.String("outcome", outcome)))
}
