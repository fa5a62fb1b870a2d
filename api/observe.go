package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	nometric "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	notrace "go.opentelemetry.io/otel/trace/noop"

	"decoded.digital/extractor/internal/logs"
	"decoded.digital/extractor/models"
)

const scope = "decoded.digital/extractor/api"

// requests is what requests are traced and measured with.
type requests struct {
	tracer   trace.Tracer
	duration metric.Float64Histogram
}

func newRequests(traces trace.TracerProvider, meters metric.MeterProvider) requests {
	if traces == nil {
		traces = notrace.NewTracerProvider()
	}
	if meters == nil {
		meters = nometric.NewMeterProvider()
	}
	duration, err := meters.Meter(scope).Float64Histogram("extractor_http_request_duration", metric.WithUnit("s"),
		metric.WithDescription("Time from a request's header to the end of its answer."))
	if err != nil {
		otel.Handle(err)
	}
	return requests{tracer: traces.Tracer(scope), duration: duration}
}

// observe makes a span of a request, within the caller's trace if it has one,
// and measures it. Path, query and headers stay out of both: they may hold keys,
// addresses and names of files. The probes of a platform are no one's requests.
func (s *Server) observe(c *gin.Context) {
	route, method := c.FullPath(), knownMethod(c.Request.Method)
	if route == "/healthz" || route == "/readyz" {
		return
	}
	ctx := propagation.TraceContext{}.Extract(c.Request.Context(), propagation.HeaderCarrier(c.Request.Header))
	if id := c.Param("id"); strings.HasPrefix(route, "/api/embed/extractions/:id") && models.ValidID(id) {
		logs.Add(ctx, logs.ExtractionID, id)
	}
	begun := s.Now()
	ctx, span := s.requests.tracer.Start(ctx, strings.TrimSpace(method+" "+route), trace.WithSpanKind(trace.SpanKindServer))
	defer span.End()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
	status := c.Writer.Status()
	labels := []attribute.KeyValue{attribute.String("http.request.method", method), attribute.String("http.route", route)}
	span.SetAttributes(append(labels,
		attribute.Int("http.response.status_code", status),
		attribute.String("extractor.request_id", logs.ID(ctx, logs.RequestID)),
		attribute.String("extractor.tenant_id", logs.ID(ctx, logs.TenantID)),
		attribute.String("extractor.extraction_id", logs.ID(ctx, logs.ExtractionID)),
	)...)
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
	s.requests.duration.Record(ctx, s.Now().Sub(begun).Seconds(), metric.WithAttributes(
		attribute.String("method", method), attribute.String("route", route), attribute.String("status", strconv.Itoa(status/100)+"xx"),
	))
}

// knownMethod keeps what a client invents out of names and labels.
func knownMethod(method string) string {
	known := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}
	if slices.Contains(known, method) {
		return method
	}
	return "OTHER"
}
