package llm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"decoded.digital/extractor/models"
)

// ErrTooLong says that the request is longer than the model takes: a smaller
// piece of the document may fit.
var ErrTooLong = errors.New("the request is longer than the model takes")

// ErrSchema says that the provider does not follow the schema strictly: it may
// without.
var ErrSchema = errors.New("the provider refuses the schema")

// unsaidWait is how long to wait where a provider that is out of quota does not
// say: quotas are counted by the minute.
const unsaidWait = 20 * time.Second

// refusal is what a provider answered instead of a completion.
type refusal struct {
	provider string
	status   int
	code     string // the provider's name for it
	param    string // the request's field that it is about
	message  string // read, never kept: it may hold a piece of the request or of the key
	header   http.Header
	now      time.Time
}

// maxRetryAfter is the longest that a provider may make an extraction wait
// between two tries.
const maxRetryAfter = 10 * time.Minute

// failure is the refusal as the workflow understands it.
func (r *refusal) failure() error {
	cause := r.cause()
	switch {
	case r.status == http.StatusTooManyRequests:
		e := models.Failed(models.FailureProviderLimited, "The model's provider takes no more requests for now. Please retry later.", cause)
		e.RetryAfter = retryAfter(r.header, r.now)
		if e.RetryAfter == 0 {
			e.RetryAfter = unsaidWait
		}
		return e
	case r.isAbout("content_filter", "content_policy_violation", "responsibleaipolicyviolation"):
		return refused(cause)
	case r.status == http.StatusRequestEntityTooLarge, r.saysTooLong():
		return fmt.Errorf("%w: %w", ErrTooLong, cause)
	case r.status == http.StatusBadRequest && r.saysSchema():
		return fmt.Errorf("%w: %w", ErrSchema, cause)
	case slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden}, r.status):
		return misconfigured("The model's provider refuses this server's credentials. Please tell your administrator.", "EXTRACTOR_LLM_API_KEY", cause)
	case r.status == http.StatusNotFound:
		return misconfigured("The model's provider does not know the configured model. Please tell your administrator.", "EXTRACTOR_LLM_MODEL or EXTRACTOR_LLM_BASE_URL", cause)
	case r.status < 500 && r.status != http.StatusRequestTimeout && r.status != http.StatusConflict:
		return Misconfigured(cause)
	}
	e := models.Failed(models.FailureProviderUnavailable, "The model's provider is not available. Please retry later.", cause)
	e.RetryAfter = retryAfter(r.header, r.now) // 503 and 529 may say it, too
	return e
}

// misconfigured is what no repetition mends, and no user; variable is where an
// operator looks.
func misconfigured(message, variable string, cause error) error {
	e := models.Failed(models.FailureProviderUnavailable, message, fmt.Errorf("look at %s: %w", variable, cause))
	e.Final = true
	return e
}

// Misconfigured is a request that the provider does not take, as it is
// configured.
func Misconfigured(cause error) error {
	return misconfigured("The model's provider refuses this server's request. Please tell your administrator.", "EXTRACTOR_LLM_MODEL", cause)
}

// refused is a document that a model won't read, or a filter keeps from it.
func refused(cause error) error {
	return models.Failed(models.FailureDocumentUnsupported, "The model's provider refuses to read this document's content.", cause)
}

// Refused is the failure of an answer that stopped with StopRefused.
func Refused() error { return refused(errors.New("the model refused to answer")) }

var codeLike = regexp.MustCompile(`^[A-Za-z0-9_.\[\]-]{1,80}$`)

// cause is what an operator sees: names and numbers, never a provider's prose.
func (r *refusal) cause() error {
	words := []string{r.provider, "answered", strconv.Itoa(r.status)}
	for _, detail := range []string{r.code, r.param} {
		if codeLike.MatchString(detail) {
			words = append(words, detail)
		}
	}
	text := strings.Join(words, " ")
	for _, name := range []string{"Request-Id", "X-Request-Id", "Apim-Request-Id"} {
		if id := r.header.Get(name); codeLike.MatchString(id) {
			return fmt.Errorf("%s (request %s)", text, id)
		}
	}
	return errors.New(text)
}

func (r *refusal) isAbout(codes ...string) bool {
	return slices.Contains(codes, strings.ToLower(r.code))
}

// saysTooLong knows the ways in which providers and local servers say that a
// prompt does not fit.
func (r *refusal) saysTooLong() bool {
	if r.status != http.StatusBadRequest {
		return false
	}
	message := strings.ToLower(r.message)
	return r.isAbout("context_length_exceeded", "exceed_context_size_error", "request_too_large") ||
		strings.Contains(message, "maximum context length") || strings.Contains(message, "prompt is too long") ||
		strings.Contains(message, "context size")
}

// saysSchema knows the ways in which they say that a schema is too much for
// them, or that they follow none.
func (r *refusal) saysSchema() bool {
	message := strings.ToLower(r.message)
	return r.isAbout("invalid_json_schema") || strings.HasPrefix(r.param, "response_format") ||
		strings.Contains(message, "response_format") || strings.Contains(message, "output_config") ||
		strings.Contains(message, "json schema") || strings.Contains(message, "grammar") ||
		strings.Contains(message, "schema is too complex") || strings.Contains(message, "union types")
}

// retryAfter is how long the provider asks to wait: milliseconds, seconds or a
// date (RFC 9110, section 10.2.3); 0 where it does not say.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil {
		return boundedWait(ms * float64(time.Millisecond))
	}
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		return boundedWait(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return boundedWait(float64(at.Sub(now)))
	}
	return 0
}

// boundedWait is also right for what is no number.
func boundedWait(ns float64) time.Duration {
	if !(ns > 0) {
		return 0
	}
	return time.Duration(min(ns, float64(maxRetryAfter)))
}

// unreachable is a call that got no answer. ctx is the caller's, not the call's:
// where that ended, it is the step that was stopped.
func unreachable(ctx context.Context, provider string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // without the address
	}
	cause := fmt.Errorf("call %s: %w", provider, err)
	if errors.Is(err, context.DeadlineExceeded) {
		return models.Failed(models.FailureProviderUnavailable, "The model's provider did not answer in time. Please retry later.", cause)
	}
	return models.Failed(models.FailureProviderUnavailable, "The model's provider can't be reached. Please retry later.", cause)
}
