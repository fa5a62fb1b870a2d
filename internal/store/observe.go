package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"decoded.digital/extractor/models"
)

const scope = "decoded.digital/extractor/internal/store"

// gaugeTimeout is how long a scrape waits for the database.
const gaugeTimeout = 2 * time.Second

// counters count what ended; those of a store that is not observed are nil.
type counters struct{ extractions, deliveries, mails, swept metric.Int64Counter }

// Observe makes a span of each query that belongs to a trace, counts what ends,
// and shows the outbox and the connections whenever metrics are read. It is
// called once, before the store is used.
func (s *Store) Observe(ctx context.Context, traces trace.TracerProvider, meters metric.MeterProvider) error {
	err := s.trace(traces.Tracer(scope))
	meter := meters.Meter(scope)
	var errs [6]error
	s.counters.extractions, errs[0] = meter.Int64Counter("extractor_extractions_finished",
		metric.WithDescription("Extractions that ended, by status and, where they failed, type of failure."))
	s.counters.deliveries, errs[1] = meter.Int64Counter("extractor_webhook_deliveries_finished",
		metric.WithDescription("Webhook deliveries that ended, by state; failed: the last attempt was in vain."))
	s.counters.mails, errs[2] = meter.Int64Counter("extractor_mails_settled",
		metric.WithDescription("Mails whose reading ended, by state; known: they were read before."))
	s.counters.swept, errs[3] = meter.Int64Counter("extractor_mails_swept",
		metric.WithDescription("Mails that were found by the daily look through a folder alone."))
	errs[4], errs[5] = s.showGauges(meter), s.showMail(meter)
	if err = errors.Join(err, errors.Join(errs[:]...)); err != nil {
		return fmt.Errorf("observe the database: %w", err)
	}
	// From 0 on, so that the first of its kind is an increase.
	s.countExtraction(ctx, models.StatusCompleted, "", 0)
	for _, kind := range models.FailureTypes() {
		for _, status := range failedStatuses() {
			s.countExtraction(ctx, status, kind, 0)
		}
	}
	for _, state := range []models.DeliveryState{models.DeliverySucceeded, models.DeliveryFailed} {
		s.countDelivery(ctx, state, 0)
	}
	for _, state := range []models.MessageState{models.MessageDone, models.MessageFiltered, models.MessageDraft, models.MessageGone, models.MessageFailed} {
		s.countMail(ctx, string(state), 0)
	}
	s.System().CountSwept(ctx, 0)
	return nil
}

func (s *Store) countExtraction(ctx context.Context, to models.Status, kind models.FailureType, n int64) {
	if s.counters.extractions == nil {
		return
	}
	labels := []attribute.KeyValue{attribute.String("status", string(to))}
	if kind != "" {
		labels = append(labels, attribute.String("failure_type", string(kind)))
	}
	s.counters.extractions.Add(ctx, n, metric.WithAttributes(labels...))
}

func (s *Store) countDelivery(ctx context.Context, state models.DeliveryState, n int64) {
	if s.counters.deliveries != nil {
		s.counters.deliveries.Add(ctx, n, metric.WithAttributes(attribute.String("state", string(state))))
	}
}

// showGauges reads what is to be seen at each scrape.
func (s *Store) showGauges(meter metric.Meter) error {
	var errs [7]error
	var entries, open, limit metric.Int64ObservableGauge
	var age metric.Float64ObservableGauge
	var waits metric.Int64ObservableCounter
	var waited metric.Float64ObservableCounter
	entries, errs[0] = meter.Int64ObservableGauge("extractor_outbox_entries",
		metric.WithDescription("Promises in the outbox that are not kept yet."))
	age, errs[1] = meter.Float64ObservableGauge("extractor_outbox_age", metric.WithUnit("s"),
		metric.WithDescription("How long the oldest promise in the outbox has waited; 0: none does."))
	open, errs[2] = meter.Int64ObservableGauge("extractor_database_connections",
		metric.WithDescription("Open connections to the database, by state."))
	limit, errs[3] = meter.Int64ObservableGauge("extractor_database_connections_max",
		metric.WithDescription("How many connections this process may open."))
	waits, errs[4] = meter.Int64ObservableCounter("extractor_database_waits",
		metric.WithDescription("Times that a query found no free connection."))
	waited, errs[5] = meter.Float64ObservableCounter("extractor_database_wait", metric.WithUnit("s"),
		metric.WithDescription("Time that queries waited for a free connection."))
	_, errs[6] = meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		c := s.connectionsNow()
		o.ObserveInt64(open, c.busy, metric.WithAttributes(attribute.String("state", "busy")))
		o.ObserveInt64(open, c.idle, metric.WithAttributes(attribute.String("state", "idle")))
		o.ObserveInt64(limit, c.limit)
		o.ObserveInt64(waits, c.waits)
		o.ObserveFloat64(waited, c.waited.Seconds())
		ctx, cancel := context.WithTimeout(ctx, gaugeTimeout)
		defer cancel()
		number, oldest, err := s.outboxNow(ctx)
		if err == nil {
			o.ObserveInt64(entries, number)
			o.ObserveFloat64(age, oldest.Seconds())
		}
		return err
	}, entries, age, open, limit, waits, waited)
	return errors.Join(errs[:]...)
}

// outboxNow is how many promises are not kept, with the first calls that nobody
// makes, and how old the oldest is. Its
// age counts from when it was made: each try in vain moves when it is due.
func (s *Store) outboxNow(ctx context.Context) (number int64, oldest time.Duration, err error) {
	if err := s.db.WithContext(ctx).Model(&models.OutboxEntry{}).Count(&number).Error; err != nil {
		return 0, 0, translate(err, "Outbox")
	}
	idle, created, err := s.idleLines(ctx, s.now().Add(-time.Minute))
	if err != nil || number+idle == 0 {
		return 0, 0, err
	}
	var first []models.OutboxEntry
	if err := s.db.WithContext(ctx).Order("created_at").Limit(1).Find(&first).Error; err != nil {
		return number, 0, translate(err, "Outbox")
	}
	if len(first) > 0 && (idle == 0 || first[0].CreatedAt.Before(created)) {
		created = first[0].CreatedAt
	}
	return number + idle, max(0, s.now().Sub(created)), nil
}

// pool is the state of the connections.
type pool struct {
	busy, idle, limit, waits int64
	waited                   time.Duration
}

func (s *Store) connectionsNow() pool {
	if s.pool != nil {
		now := s.pool.Stat()
		return pool{
			busy: int64(now.AcquiredConns()), idle: int64(now.IdleConns()), limit: int64(now.MaxConns()),
			waits: now.EmptyAcquireCount(), waited: now.EmptyAcquireWaitTime(),
		}
	}
	now := s.connections.Stats()
	return pool{
		busy: int64(now.InUse), idle: int64(now.Idle), limit: int64(now.MaxOpenConnections),
		waits: now.WaitCount, waited: now.WaitDuration,
	}
}

// traceParent is the trace of what is done now, as W3C writes it: a promise
// carries it, so that what is done later belongs to the same trace.
func traceParent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier["traceparent"]
}
