package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"html"
	"io/fs"
	"net/http"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/internal/logs"
	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

// pageRoutes are the pages that hosts embed, by their addresses.
func pageRoutes() map[string]string {
	return map[string]string{
		"/embed": "upload", "/embed/documents": "documents", "/embed/extractions": "extractions", "/embed/settings": "settings",
	}
}

// pageConfig is what a page is told of its session. The API key is no part of it.
type pageConfig struct {
	Token     string `json:"token"`
	ExpiresAt string `json:"expiresAt"`
	// Origin is the host's, null where the browser did not tell it.
	Origin *string `json:"origin"`
	// AllowedOrigins are the sources of frame-ancestors.
	AllowedOrigins []string    `json:"allowedOrigins"`
	Page           string      `json:"page"`
	Role           models.Role `json:"role"`
	AppName        string      `json:"appName"`
}

// servePage answers the address of an embedded page, for who has a key of the
// tenant (and a user) or a session in the query.
func (s *Server) servePage(page string) gin.HandlerFunc {
	return func(c *gin.Context) {
		pageHeaders(c, nil)
		who, token, err := s.identifyPage(c.Request)
		if who.key.ID == "" {
			s.refusePage(c, err)
			return
		}
		host := framedBy(c.GetHeader("Sec-Fetch-Dest"), c.GetHeader("Referer"))
		if foreign := s.checkDomain(&who, host); foreign != nil {
			s.refusePage(c, foreign)
			return
		}
		pageHeaders(c, s.frameAncestors(&who))
		if err != nil {
			s.refusePage(c, err)
			return
		}
		s.usage.count(who.key.ID, s.Now())
		logs.Add(c.Request.Context(), logs.TenantID, who.caller.TenantID)
		c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), identityKey{}, who))
		if s.limitRate(c); c.IsAborted() {
			return
		}
		s.sendPage(c, page, &who, token, host)
	}
}

// identifyPage finds who opens a page, and the session's token if that is what
// the address has.
func (s *Server) identifyPage(r *http.Request) (identity, string, error) {
	query := r.URL.Query()
	token := query.Get("token")
	if token == "" {
		who, err := s.identify(r, false)
		return who, "", err
	}
	if !secret.ValidSessionToken(token) {
		return identity{}, "", models.Unauthorized("Invalid session token")
	}
	who, err := s.bySession(r.Context(), token)
	if err != nil {
		return who, "", err
	}
	who.caller.AppName, err = models.Text("appName", query.Get("appName"), models.MaxNameLength)
	return who, token, err
}

// sendPage writes the page with its session. One that came by a key gets a
// session of its own, bound to its host where that is known, so that the key
// never reaches a script.
func (s *Server) sendPage(c *gin.Context, page string, who *identity, token, host string) {
	if token == "" {
		origin := host
		if origin == "" {
			origin = s.origin
		}
		made, session, err := s.newSession(c.Request.Context(), who.caller, origin)
		if err != nil {
			s.refusePage(c, err)
			return
		}
		token, who.session = made, session
	}
	config := pageConfig{
		Token: token, ExpiresAt: models.FormatTime(who.session.ExpiresAt), AllowedOrigins: s.frameAncestors(who),
		Page: page, Role: who.caller.Role, AppName: who.caller.AppName,
	}
	if origin := who.session.Origin; origin != s.origin {
		config.Origin = &origin
	}
	content, err := s.renderPage(config)
	if err != nil {
		s.refusePage(c, err)
		return
	}
	c.Data(http.StatusOK, "text/html; charset=utf-8", content)
}

// renderPage puts the session into the page as JSON, which no browser runs.
// encoding/json escapes what could end the element.
func (s *Server) renderPage(config pageConfig) ([]byte, error) {
	content, err := fs.ReadFile(s.Pages, "index.html")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, models.Unavailable("The pages were not built into this program: run make web, then build it again", err)
	}
	if err != nil {
		return nil, models.Internal("read the page", err)
	}
	block, err := json.Marshal(config)
	if err != nil {
		return nil, models.Internal("write the page's session", err)
	}
	element := append([]byte(`<script type="application/json" id="extractor-config">`), block...)
	return bytes.Replace(content, []byte("</head>"), append(element, "</script></head>"...), 1), nil
}

// refusePage shows what is wrong, as a page.
func (s *Server) refusePage(c *gin.Context, err error) {
	code, message := s.explain(c, err)
	c.Abort()
	c.Data(code, "text/html; charset=utf-8", []byte(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Extractor</title>`+
		`<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"></head>`+
		`<body><main><h1>Extractor</h1><p role="alert">`+html.EscapeString(message)+`</p></main></body></html>`))
}

// pageHeaders keep a page and its address to itself.
func pageHeaders(c *gin.Context, ancestors []string) {
	c.Header("Content-Security-Policy", pagePolicy(ancestors))
	c.Header("Cache-Control", "no-store")
	c.Header("Referrer-Policy", "no-referrer")
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("Permissions-Policy", "camera=(self), clipboard-write=(self), geolocation=(), microphone=()")
}
