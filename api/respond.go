package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/models"
)

// maxBody is the most that a JSON body may have.
const maxBody = 1 << 20

// envelope is every answer's shape. It is written by PureJSON: nothing here is
// ever HTML, and an address with \u0026 in it can't be pasted.
type envelope struct {
	Data  any `json:"data"`
	Error any `json:"error"` // a sentence, or null
}

// handle finds the caller, runs fn and writes what it answers.
func handle[T any](s *server, status int, fn func(*gin.Context, models.Caller) (T, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		caller, err := s.authenticate(c)
		if err != nil {
			s.respondError(c, err)
			return
		}
		answer, err := fn(c, caller)
		if err != nil {
			s.respondError(c, err)
			return
		}
		c.PureJSON(status, envelope{Data: answer})
	}
}

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
	case models.CodeUnavailable:
		return http.StatusServiceUnavailable
	case models.CodeInternal:
	}
	return http.StatusInternalServerError
}

// respondError writes the error's sentence; what is our own fault is logged,
// here and nowhere else, and not shown.
func (s *server) respondError(c *gin.Context, err error) {
	code := models.CodeOf(err)
	message := "Internal server error. Retry, or contact support with the X-Request-Id."
	if e, ok := errors.AsType[*models.Error](err); ok && code != models.CodeInternal {
		message = e.Message
	}
	if code == models.CodeInternal || code == models.CodeUnavailable {
		s.Logger.ErrorContext(c.Request.Context(), "request failed", "error", err, "route", c.FullPath(), "requestId", c.Writer.Header().Get(requestIDHeader))
	}
	c.Abort()
	c.PureJSON(status(code), envelope{Error: message})
}

const requestIDHeader = "X-Request-Id"

func (s *server) requestID(c *gin.Context) {
	c.Header(requestIDHeader, models.NewID(s.Now()))
}

// logRequests writes a line a request: the route, never the query, which may
// hold a key.
func (s *server) logRequests(c *gin.Context) {
	begun := s.Now()
	c.Next()
	s.Logger.InfoContext(c.Request.Context(), "request", "method", c.Request.Method, "route", c.FullPath(),
		"status", c.Writer.Status(), "duration", s.Now().Sub(begun).Round(time.Microsecond),
		"requestId", c.Writer.Header().Get(requestIDHeader))
}

// recoverPanics answers 500. gin's own recovery would log the request with its
// key.
func (s *server) recoverPanics(c *gin.Context) {
	defer func() {
		if cause := recover(); cause != nil {
			s.Logger.ErrorContext(c.Request.Context(), "panic", "cause", cause, "stack", string(debug.Stack()))
			s.respondError(c, models.Internal("panic", nil))
		}
	}()
	c.Next()
}

// decode reads a JSON body into v.
func decode(c *gin.Context, v any) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	if err != nil {
		return models.Invalid("the body is larger than 1 MB or ended early")
	}
	if err := json.Unmarshal(body, v); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return models.Invalid("%s must be of type %s", wrong.Field, wrong.Type)
		}
		return models.Invalid("the body is not valid JSON")
	}
	return nil
}

// pathID is the :id of the route.
func pathID(c *gin.Context, noun string) (string, error) {
	id := c.Param("id")
	if !models.ValidID(id) {
		return "", models.Invalid("Invalid %s ID format", noun)
	}
	return id, nil
}

// list is a list answer.
type list[T any] struct {
	Items      []T        `json:"items"`
	Pagination pagination `json:"pagination"`
}

type pagination struct {
	Page        int   `json:"page"`
	Limit       int   `json:"limit"`
	TotalCount  int64 `json:"totalCount"`
	TotalPages  int64 `json:"totalPages"`
	HasNextPage bool  `json:"hasNextPage"`
	HasPrevPage bool  `json:"hasPrevPage"`
}

// queryPage reads page and limit.
func queryPage(c *gin.Context) (models.Page, error) {
	number, err := strconv.Atoi(c.DefaultQuery("page", "1"))
	if err != nil || number < 1 || number > 1_000_000 {
		return models.Page{}, models.Invalid("page must be a whole number from 1 to 1000000")
	}
	limit, err := strconv.Atoi(c.DefaultQuery("limit", "20"))
	if err != nil || limit < 1 || limit > models.MaxPageLimit {
		return models.Page{}, models.Invalid("limit must be a whole number from 1 to %d", models.MaxPageLimit)
	}
	return models.Page{Number: number, Limit: limit}, nil
}

// newList makes a list answer of the rows of one page.
func newList[Row, Item any](rows []Row, total int64, p models.Page, view func(*Row) Item) list[Item] {
	items := make([]Item, 0, len(rows))
	for i := range rows {
		items = append(items, view(&rows[i]))
	}
	pages := (total + int64(p.Limit) - 1) / int64(p.Limit)
	return list[Item]{Items: items, Pagination: pagination{
		Page: p.Number, Limit: p.Limit, TotalCount: total, TotalPages: pages,
		HasNextPage: int64(p.Number) < pages, HasPrevPage: p.Number > 1,
	}}
}
