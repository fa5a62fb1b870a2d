package mailbox

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

func TestEachRequestToMicrosoftIsCountedByItsOutcomeAlone(t *testing.T) {
	t.Parallel()
	graph := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		w.WriteHeader(status)
	}))
	defer graph.Close()
	measured := sdkmetric.NewManualReader()
	network, err := Observe(&http.Transport{DisableKeepAlives: true}, sdkmetric.NewMeterProvider(sdkmetric.WithReader(measured)))
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{graph.URL + "/200", graph.URL + "/429", graph.URL + "/404", graph.URL + "/503", "http://127.0.0.1:1/"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if response, err := network.RoundTrip(r); err == nil {
			_ = response.Body.Close()
		}
	}
	var got metricdata.ResourceMetrics
	if err := measured.Collect(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	sum, ok := got.ScopeMetrics[0].Metrics[0].Data.(metricdata.Sum[int64])
	if !ok || len(sum.DataPoints) != 5 {
		t.Fatalf("got %+v", got)
	}
	for _, point := range sum.DataPoints {
		if point.Value != 1 || point.Attributes.Len() != 1 {
			t.Errorf("%v: %d", point.Attributes.ToSlice(), point.Value)
		}
	}
}
