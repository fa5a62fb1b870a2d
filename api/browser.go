package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/models"
)

// checkBrowser holds for requests that come from a page: its domain must be
// one of the key's, a session works for its own origin alone, and what a user
// may do is a matter of its role. A server's requests have neither Origin nor
// Referer, and the key alone decides.
func (s *Server) checkBrowser(c *gin.Context, who *identity) error {
	origin := c.GetHeader("Origin")
	page := origin
	if page == "" {
		page = models.NormalOrigin(c.GetHeader("Referer"))
	}
	who.browser = origin != "" || c.GetHeader("Sec-Fetch-Site") != "" || who.session.ID != ""
	if err := s.checkDomain(who, page); err != nil {
		return err
	}
	allowOrigin(c, origin)
	if !who.browser || who.caller.Role.AtLeast(models.RoleAdmin) || !managed(c.FullPath()) {
		return nil
	}
	if who.caller.UserID == "" {
		return models.Unauthorized(missingUser)
	}
	return models.Forbidden("Only owners and admins can manage API keys, users, webhooks and connections")
}

// checkDomain checks the page that a request comes from. Our own pages are
// allowed everywhere: who may frame them is checked where they are served.
func (s *Server) checkDomain(who *identity, page string) error {
	switch {
	case page == "" || (s.origin != "" && models.NormalOrigin(page) == s.origin):
		return nil
	case who.session.ID != "" && models.NormalOrigin(page) != who.session.Origin:
		return models.Forbidden("Domain not allowed: this session was made for another origin")
	case !models.DomainAllowed(who.key.AllowedDomains, page):
		return models.Forbidden("Domain not allowed: the page's domain is not in the API key's allowedDomains")
	}
	return nil
}

// managed says whether a route is for those who manage the organisation.
func managed(route string) bool {
	for _, prefix := range []string{"/api/embed/api-keys", "/api/embed/users", "/api/embed/webhooks", "/api/embed/connections", "/api/embed/mailboxes"} {
		if strings.HasPrefix(route, prefix) {
			return true
		}
	}
	return false
}

const (
	corsMethods = "GET, POST, PUT, DELETE"
	corsHeaders = "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-API-Key, X-App-Name, X-User-Email"
	corsExposed = "Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
)

// allowOrigin lets a page whose domain was checked read the answer (Fetch
// standard, "CORS protocol"). Credentials are never allowed: there are no cookies.
func allowOrigin(c *gin.Context, origin string) {
	c.Writer.Header().Add("Vary", "Origin")
	if models.NormalOrigin(origin) != "" {
		c.Header("Access-Control-Allow-Origin", origin)
		c.Header("Access-Control-Expose-Headers", corsExposed)
	}
}

// preflight answers a browser that asks whether it may ask. It does not know
// the key yet, so any page may; the request that follows is checked before it
// does anything, and its answer is readable by allowed pages alone.
func (s *Server) preflight(c *gin.Context) {
	if c.Request.Method != http.MethodOptions || c.GetHeader("Access-Control-Request-Method") == "" {
		return
	}
	if who, err := s.identify(c.Request, true); err == nil { // a key in the query is known here already
		if err := s.checkDomain(&who, c.GetHeader("Origin")); err != nil {
			s.respondError(c, err)
			return
		}
	}
	allowOrigin(c, c.GetHeader("Origin"))
	c.Header("Access-Control-Allow-Methods", corsMethods)
	c.Header("Access-Control-Allow-Headers", corsHeaders)
	c.Header("Access-Control-Max-Age", "600")
	c.AbortWithStatus(http.StatusNoContent)
}
