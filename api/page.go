package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"

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
		if err := s.overRate(c); err != nil {
			s.refusePage(c, err)
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
	content, err := s.renderPage(config, viewOf(c.Request))
	if err != nil {
		s.refusePage(c, err)
		return
	}
	s.writePage(c, http.StatusOK, content)
}

// renderPage puts the session into the page as JSON, which no browser runs.
// encoding/json escapes what could end the element. The page is the one that
// the build prerendered: it is painted before its scripts are there.
func (s *Server) renderPage(config pageConfig, view pageView) ([]byte, error) {
	name := config.Page
	if name == "settings" && config.Role == models.RoleMember {
		name = "settings-member"
	}
	content, err := fs.ReadFile(s.Pages, "pages/"+name+"."+view.language+".html")
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
	content = bytes.Replace(content, []byte("</head>"), append(element, "</script></head>"...), 1)
	return view.apply(content), nil
}

// writePage sends a page, packed where the browser takes that: it then comes in
// one round trip. What it holds of the caller, only who knows its key or its
// token can ask for again, so its size tells nobody anything.
func (s *Server) writePage(c *gin.Context, code int, content []byte) {
	allowStyle(c.Writer.Header(), content)
	c.Header("Content-Type", "text/html; charset=utf-8")
	c.Header("Vary", "Accept-Encoding")
	c.Status(code)
	var out io.WriteCloser = nopCloser{c.Writer}
	if strings.Contains(c.GetHeader("Accept-Encoding"), "gzip") {
		c.Header("Content-Encoding", "gzip")
		out = gzip.NewWriter(c.Writer)
	}
	_, err := out.Write(content)
	if err = errors.Join(err, out.Close()); err != nil { // the browser has gone
		s.Logger.DebugContext(c.Request.Context(), "page not sent", "error", err)
	}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// pageHeaders keep a page and its address to itself.
func pageHeaders(c *gin.Context, ancestors []string) {
	c.Header("Content-Security-Policy", pagePolicy(ancestors))
	c.Header("Cache-Control", "no-store")
	c.Header("Referrer-Policy", "no-referrer")
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("Permissions-Policy", "camera=(self), clipboard-write=(self), geolocation=(), microphone=()")
}
