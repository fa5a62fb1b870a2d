package store

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"gorm.io/gorm"
)

// tracing is what begin leaves for end.
type tracing struct {
	span   trace.Span
	before context.Context
}

const tracingKey = "extractor:tracing"

// trace makes a span of each query whose context belongs to a trace; those of
// loops, twice a second, do not. A span says operation and table, never values.
func (s *Store) trace(tracer trace.Tracer) error {
	system := attribute.String("db.system.name", "sqlite")
	if s.postgres() {
		system = attribute.String("db.system.name", "postgresql")
	}
	begin := func(operation string) func(*gorm.DB) {
		return func(db *gorm.DB) {
			ctx := db.Statement.Context
			if !trace.SpanContextFromContext(ctx).IsValid() {
				return
			}
			within, span := tracer.Start(ctx, "database "+operation, trace.WithSpanKind(trace.SpanKindClient),
				trace.WithAttributes(system, attribute.String("db.operation.name", operation)))
			db.Statement.Context = within
			db.InstanceSet(tracingKey, tracing{span, ctx})
		}
	}
	on := s.db.Callback()
	return errors.Join(
		on.Create().Before("*").Register("extractor:begin", begin("insert")),
		on.Create().After("*").Register("extractor:end", endSpan),
		on.Query().Before("*").Register("extractor:begin", begin("select")),
		on.Query().After("*").Register("extractor:end", endSpan),
		on.Update().Before("*").Register("extractor:begin", begin("update")),
		on.Update().After("*").Register("extractor:end", endSpan),
		on.Delete().Before("*").Register("extractor:begin", begin("delete")),
		on.Delete().After("*").Register("extractor:end", endSpan),
		on.Row().Before("*").Register("extractor:begin", begin("select")),
		on.Row().After("*").Register("extractor:end", endSpan),
		on.Raw().Before("*").Register("extractor:begin", begin("raw")),
		on.Raw().After("*").Register("extractor:end", endSpan),
	)
}

// endSpan ends the span of a query. Its error's text may quote values and stays
// out; no row found is an answer.
func endSpan(db *gorm.DB) {
	kept, _ := db.InstanceGet(tracingKey)
	t, ok := kept.(tracing)
	if !ok {
		return
	}
	t.span.SetAttributes(attribute.String("db.collection.name", db.Statement.Table))
	if db.Error != nil && !errors.Is(db.Error, gorm.ErrRecordNotFound) {
		t.span.SetStatus(codes.Error, "")
	}
	t.span.End()
	db.Statement.Context = t.before
}
