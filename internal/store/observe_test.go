package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"gorm.io/gorm"

	"decoded.digital/extractor/models"
)

// observed is what an observed store says of itself.
type observed struct {
	traces  *sdktrace.TracerProvider
	spans   *tracetest.InMemoryExporter
	metrics sdkmetric.Reader
}

func observe(t *testing.T, b *bundle) *observed {
	t.Helper()
	o := &observed{spans: tracetest.NewInMemoryExporter(), metrics: sdkmetric.NewManualReader()}
	o.traces = sdktrace.NewTracerProvider(sdktrace.WithSyncer(o.spans))
	if err := b.Observe(t.Context(), o.traces, sdkmetric.NewMeterProvider(sdkmetric.WithReader(o.metrics))); err != nil {
		t.Fatal(err)
	}
	return o
}

// read answers the value of each metric by name and labels, "name{a=b}".
func (o *observed) read(t *testing.T) map[string]float64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := o.metrics.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, m := range all.ScopeMetrics[0].Metrics {
		switch data := m.Data.(type) {
		case metricdata.Gauge[int64]:
			take(values, m.Name, data.DataPoints)
		case metricdata.Gauge[float64]:
			take(values, m.Name, data.DataPoints)
		case metricdata.Sum[int64]:
			take(values, m.Name, data.DataPoints)
		case metricdata.Sum[float64]:
			take(values, m.Name, data.DataPoints)
		}
	}
	return values
}

func take[N int64 | float64](values map[string]float64, name string, points []metricdata.DataPoint[N]) {
	for _, p := range points {
		var labels []string
		for _, a := range p.Attributes.ToSlice() {
			labels = append(labels, string(a.Key)+"="+a.Value.String())
		}
		values[name+"{"+strings.Join(labels, ",")+"}"] = float64(p.Value)
	}
}

func testSpans(t *testing.T, b *bundle) {
	t.Helper()
	o := observe(t, b)
	if _, err := b.GetExtraction(t.Context(), b.caller, b.x.ID); err != nil {
		t.Fatal(err)
	}
	if spans := o.spans.GetSpans(); len(spans) != 0 {
		t.Errorf("a query of no trace has spans: %+v", spans)
	}
	ctx, root := o.traces.Tracer("t").Start(t.Context(), "root")
	if _, _, err := b.ListExtractions(ctx, b.caller, models.ExtractionFilter{Search: "secret"}, models.Page{Number: 1, Limit: 5}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.GetExtraction(ctx, b.caller, "of nobody"); err == nil {
		t.Error("it was found")
	}
	if err := b.db.WithContext(ctx).Exec("SELECT secret FROM nowhere").Error; err == nil {
		t.Error("a broken query is none")
	}
	root.End()
	failed := 0
	for _, span := range o.spans.GetSpans() {
		if span.SpanContext.TraceID() != root.SpanContext().TraceID() {
			t.Errorf("%s is of another trace", span.Name)
		}
		for _, a := range span.Attributes {
			if strings.Contains(a.Value.String(), "secret") || strings.Contains(a.Value.String(), b.x.ID) {
				t.Errorf("a value stands in a span: %v", a)
			}
		}
		if span.Status.Code != 0 {
			failed++
		}
	}
	if failed != 1 || len(o.spans.GetSpans()) < 4 {
		t.Errorf("got %d spans, %d of them failed", len(o.spans.GetSpans()), failed)
	}
}

func testPromisesJoinTheTrace(t *testing.T, b *bundle) {
	t.Helper()
	b.createWebhook(t, models.ScopeAll)
	o := observe(t, b)
	ctx, span := o.traces.Tracer("t").Start(t.Context(), "upload")
	b.begin(t, "run", 1)
	if err := b.System().Fail(ctx, b.x.ID, "run", models.StatusFailed, models.FailureUnknown, "no"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.RetryExtraction(ctx, b.caller, b.x.ID); err != nil {
		t.Fatal(err)
	}
	span.End()
	joined := map[models.OutboxKind]bool{}
	var entries []models.OutboxEntry
	if err := b.db.Find(&entries).Error; err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		joined[entry.Kind] = strings.Contains(entry.TraceParent, span.SpanContext().TraceID().String())
	}
	told := b.deliveries(t)
	if len(told) != 1 || !strings.Contains(told[0].TraceParent, span.SpanContext().TraceID().String()) {
		t.Errorf("told %+v", told)
	}
	if !joined[models.OutboxRetryExtraction] || joined[models.OutboxStartExtraction] {
		t.Errorf("got %v", joined) // the upload was before the trace
	}
}

func testMetrics(t *testing.T, b *bundle) {
	t.Helper()
	o := observe(t, b)
	clock := b.now
	b.now = func() time.Time { return clock().Add(time.Minute) }
	if got := o.read(t); got["extractor_outbox_entries{}"] != 1 || got["extractor_outbox_age{}"] < 60 ||
		got["extractor_extractions_finished{status=failed}"] != 0 || got["extractor_database_connections_max{}"] < 1 {
		t.Errorf("before: got %v", got)
	}
	b.createWebhook(t, models.ScopeAll)
	b.begin(t, "run", 1)
	for range 2 { // a step that is repeated is no second failure
		if err := b.System().Fail(t.Context(), b.x.ID, "run", models.StatusFailed, models.FailureUnknown, "no"); err != nil {
			t.Fatal(err)
		}
	}
	b.call(t, b.deliveries(t)[0], Call{Attempt: models.DeliveryAttempt{Error: "no"}})
	if err := b.db.Session(&gorm.Session{AllowGlobalUpdate: true}).Delete(&models.OutboxEntry{}).Error; err != nil {
		t.Fatal(err)
	}
	got := o.read(t)
	for name, want := range map[string]float64{
		"extractor_outbox_entries{}": 0, "extractor_outbox_age{}": 0, "extractor_database_connections{state=busy}": 0,
		"extractor_extractions_finished{failure_type=Unknown,status=failed}": 1, "extractor_extractions_finished{status=completed}": 0,
		"extractor_webhook_deliveries_finished{state=failed}": 1, "extractor_webhook_deliveries_finished{state=succeeded}": 0,
	} {
		if value, found := got[name]; !found || value != want {
			t.Errorf("%s: got %v (%v), want %v", name, value, found, want)
		}
	}
	if err := errors.Join(b.Close(), o.metrics.Collect(t.Context(), &metricdata.ResourceMetrics{})); err == nil {
		t.Error("an outbox that can't be read looks empty")
	}
}

func TestATraceIsWrittenAsTheHeaderHasIt(t *testing.T) {
	t.Parallel()
	if got := traceParent(t.Context()); got != "" {
		t.Errorf("got %s without a trace", got)
	}
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled})
	want := "00-01000000000000000000000000000000-0200000000000000-01"
	if got := traceParent(trace.ContextWithSpanContext(t.Context(), span)); got != want {
		t.Errorf("got %s", got)
	}
}

func testMailMetrics(t *testing.T, b *bundle) {
	t.Helper()
	o := observe(t, b)
	a, m := b.connectMail(t, b.caller)
	if got := o.read(t); got["extractor_mail_accounts{failure=none}"] != 1 || got["extractor_mailboxes{failure=none}"] != 1 || got["extractor_mailboxes_late{}"] != 0 {
		t.Errorf("all is well: %v", got)
	}
	item := models.MailItem{MailboxID: m.ID, ItemID: "i", TenantID: m.TenantID, ReceivedAt: b.now(), DueAt: b.now(), CreatedAt: b.now()}
	if _, err := b.System().SaveMailPage(t.Context(), m.ID, MailCursor{}, MailCursor{Link: "l"}, []models.MailItem{item}); err != nil {
		t.Fatal(err)
	}
	if err := b.System().KeepAccountHealth(t.Context(), a.ID, models.MailHealth{Failure: "operator"}); err != nil {
		t.Fatal(err)
	}
	clock := b.now
	b.now = func() time.Time { return clock().Add(time.Hour) }
	got := o.read(t)
	for name, want := range map[string]float64{
		"extractor_mail_accounts{failure=operator}": 1, "extractor_mail_accounts{failure=none}": 0, "extractor_mailboxes_late{}": 1, "extractor_mails{state=waiting}": 1,
	} {
		if got[name] != want {
			t.Errorf("%s: %v, want %v", name, got[name], want)
		}
	}
	if got["extractor_mailbox_due_age{}"] < 3600 {
		t.Errorf("due for %v s", got["extractor_mailbox_due_age{}"])
	}
	if err := b.System().SettleMail(t.Context(), MailEnd{MailboxID: m.ID, ItemID: "i", State: "gone", Message: models.MailMessage{State: models.MessageGone}}); err != nil {
		t.Fatal(err)
	}
	b.System().CountSwept(t.Context(), 2)
	if got := o.read(t); got["extractor_mails_settled{state=gone}"] != 1 || got["extractor_mails{state=waiting}"] != 0 || got["extractor_mails_swept{}"] != 2 {
		t.Errorf("after it was read: %v", got)
	}
}
