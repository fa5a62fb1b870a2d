package api

import (
	"context"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/internal/logs"
	"decoded.digital/extractor/models"
)

const (
	requestIDHeader = "X-Request-Id"
	// maxBody is the most that a JSON body may have.
	maxBody = 1 << 20
	// maxUpload leaves room for what stands around the file.
	maxUpload = intake.MaxFileSize + 64<<10
)

// identityKey is where authenticate puts who asks.
type identityKey struct{}

// requestOf unpacks what the generated code hands to an operation: the
// request's own context (gin's is used again for other requests) and who asks.
func requestOf(ctx context.Context) (context.Context, models.Caller) {
	ctx, who := identityOf(ctx)
	return ctx, who.caller
}

func identityOf(ctx context.Context) (context.Context, identity) {
	if c, ok := ctx.(*gin.Context); ok {
		ctx = c.Request.Context()
	}
	who, _ := ctx.Value(identityKey{}).(identity) // none for onboarding
	return ctx, who
}

func (s *Server) requestID(c *gin.Context) {
	id := models.NewID(s.Now())
	c.Header(requestIDHeader, id)
	ctx := logs.Begin(c.Request.Context())
	logs.Add(ctx, logs.RequestID, id)
	c.Request = c.Request.WithContext(ctx)
}

// logRequests writes a line a request: the route, never the query, which may
// hold a key.
func (s *Server) logRequests(c *gin.Context) {
	begun := s.Now()
	c.Next()
	s.Logger.InfoContext(c.Request.Context(), "request", "method", c.Request.Method, "route", c.FullPath(),
		"status", c.Writer.Status(), "duration", s.Now().Sub(begun).Round(time.Microsecond).String())
}

// recoverPanics answers 500. gin's own recovery would log the request with its
// key.
func (s *Server) recoverPanics(c *gin.Context) {
	defer func() {
		if cause := recover(); cause != nil {
			s.Logger.ErrorContext(c.Request.Context(), "panic", "cause", cause, "stack", string(debug.Stack()))
			s.respondError(c, models.Internal("panic", nil))
		}
	}()
	c.Next()
}

// limitBody ends the reading of a body that is larger than its route allows.
func (s *Server) limitBody(c *gin.Context) {
	limit := int64(maxBody)
	if isUpload(c) {
		limit = maxUpload
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limit)
}

// checkQuery refuses text that no part behind could hold.
func (s *Server) checkQuery(c *gin.Context) {
	for name, values := range c.Request.URL.Query() {
		shown := name
		if _, err := models.Text("", name, models.MaxNameLength); err != nil {
			shown = "a query parameter's name"
		}
		for _, value := range values {
			if _, err := models.Text(shown, name+value, maxBody); err != nil {
				s.respondError(c, err)
				return
			}
		}
	}
}
