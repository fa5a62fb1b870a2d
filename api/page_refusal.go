package api

import (
	"bytes"
	"html"
	"io/fs"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// asPage says whether a browser shows what is answered, so that an error must be a page.
func asPage(r *http.Request) bool {
	path := r.URL.Path
	return (path == "/embed" || strings.HasPrefix(path, "/embed/")) && !strings.HasPrefix(path, "/embed/assets/")
}

// refusePage shows what is wrong and what to do, as a page in the user's
// language. One that may be there later asks again by itself.
func (s *Server) refusePage(c *gin.Context, err error) {
	code, message := s.explain(c, err)
	s.sendRefusal(c, code, message)
}

func (s *Server) sendRefusal(c *gin.Context, code int, message string) {
	if c.Writer.Header().Get("Content-Security-Policy") == "" {
		pageHeaders(c, nil)
	}
	if wait := c.Writer.Header().Get("Retry-After"); wait != "" {
		c.Header("Refresh", wait)
	} else if code >= http.StatusInternalServerError {
		c.Header("Refresh", "15")
	}
	view := viewOf(c.Request)
	content, err := fs.ReadFile(s.Pages, "pages/problem-"+problem(code)+"."+view.language+".html")
	if err != nil { // the pages were not built, which may be what is told
		content = []byte(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Extractor</title>` +
			`<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"></head>` +
			`<body><main><h1>Extractor</h1><p role="alert">{{message}}</p></main></body></html>`)
	}
	content = bytes.Replace(view.apply(content), []byte("{{message}}"), []byte(html.EscapeString(message)), 1)
	c.Abort()
	s.writePage(c, code, content)
}

// problem is the kind of an error, by its status, for which the build made a page.
func problem(code int) string {
	switch {
	case code == http.StatusUnauthorized:
		return "unauthorized"
	case code == http.StatusForbidden:
		return "forbidden"
	case code == http.StatusTooManyRequests:
		return "limited"
	case code >= http.StatusInternalServerError:
		return "server"
	}
	return "refused"
}
