package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/models"
)

// status is the one table from error code to HTTP status.
func status(code models.Code) int {
	switch code {
	case models.CodeInvalid:
		return http.StatusBadRequest
	case models.CodeUnauthorized:
		return http.StatusUnauthorized
	case models.CodeForbidden:
		return http.StatusForbidden
	case models.CodeNotFound:
		return http.StatusNotFound
	case models.CodeConflict:
		return http.StatusConflict
	case models.CodeReused:
		return http.StatusUnprocessableEntity
	case models.CodeTooMany:
		return http.StatusTooManyRequests
	case models.CodeUnavailable:
		return http.StatusServiceUnavailable
	case models.CodeInternal:
	}
	return http.StatusInternalServerError
}

// respond writes an error's sentence.
func (s *Server) respond(c *gin.Context, status int, sentence string) {
	if asPage(c.Request) {
		s.sendRefusal(c, status, sentence)
		return
	}
	c.Abort()
	c.PureJSON(status, ErrorEnvelope{Error: sentence})
}

// respondError writes the error's sentence.
func (s *Server) respondError(c *gin.Context, err error) {
	code, message := s.explain(c, err)
	s.respond(c, code, message)
}

// explain is the status and the sentence of an error; what is our own fault is
// logged, here and nowhere else, and not shown.
func (s *Server) explain(c *gin.Context, err error) (int, string) {
	code := models.CodeOf(err)
	message := "Internal server error. Retry, or contact support with the X-Request-Id."
	if e, ok := errors.AsType[*models.Error](err); ok && code != models.CodeInternal {
		message = e.Message
	}
	if code == models.CodeInternal || code == models.CodeUnavailable {
		s.Logger.ErrorContext(c.Request.Context(), "request failed", "error", err, "route", c.FullPath())
	}
	return status(code), message
}

// respondBadBody says what is wrong with a body that can't be decoded.
func (s *Server) respondBadBody(c *gin.Context, err error) {
	s.respondError(c, badBody(err))
}

func badBody(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return models.Invalid("%s must be %s", wrong.Field, typeWord(wrong.Type))
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return models.Invalid("the body is larger than 1 MB")
	}
	switch {
	case errors.Is(err, http.ErrNotMultipart), errors.Is(err, http.ErrMissingBoundary):
		return models.Invalid("the body must be multipart/form-data with a part named file")
	case errors.Is(err, io.EOF):
		return models.Invalid("the body is missing; it must be a JSON object")
	}
	if _, wrong := errors.AsType[*json.UnmarshalTypeError](err); wrong {
		return models.Invalid("the body must be a JSON object")
	}
	return models.Invalid("the body is not valid JSON")
}

// typeWord is how a client calls the type of a value.
func typeWord(t reflect.Type) string {
	switch t.Kind() { //nolint:exhaustive // the kinds that JSON has
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	case reflect.Pointer:
		return typeWord(t.Elem())
	}
	return "an object"
}

// respondBadParameter says which parameter of the path or the query can't be
// read: the generated code names it in its error's text.
func (s *Server) respondBadParameter(c *gin.Context, err error, _ int) {
	_, rest, _ := strings.Cut(err.Error(), "parameter ")
	name, _, _ := strings.Cut(rest, ":")
	switch name {
	case "page", "limit":
		s.respondError(c, models.Invalid("%s must be a whole number", name))
	default:
		s.respondError(c, models.Invalid("%s must be given once, as text", name))
	}
}

// respondBroken is for an answer that could not be written: mostly the client
// went away.
func (s *Server) respondBroken(c *gin.Context, err error) {
	if !c.Writer.Written() {
		s.respondError(c, models.Internal("write the answer", err))
		return
	}
	s.Logger.WarnContext(c.Request.Context(), "an answer ended early", "route", c.FullPath(), "error", err)
}
