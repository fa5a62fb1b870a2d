package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/internal/logs"
	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

const (
	missingKey  = "API key is required. Provide it via X-API-Key, Authorization: Bearer, or the apiKey query parameter"
	invalidKey  = "Invalid API key"
	missingUser = "User email is required. Provide it via X-User-Email or the userEmail query parameter"
)

// identity is who asks, and by what.
type identity struct {
	caller  models.Caller
	key     models.APIKey
	session models.Session // empty where the key itself was sent
	// browser says that the request comes from a page, where the key may be in
	// anyone's hands.
	browser bool
}

// credentials are what a request says of its caller.
type credentials struct {
	key     string // an API key or a session's token
	email   string // lower case
	appName string
}

// readCredentials takes any of the guide's three ways.
func readCredentials(r *http.Request) (credentials, error) {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	query := r.URL.Query()
	given := credentials{
		key:     firstOf(r.Header.Get("X-API-Key"), bearer, query.Get("apiKey")),
		email:   strings.ToLower(firstOf(r.Header.Get("X-User-Email"), query.Get("userEmail"))),
		appName: firstOf(r.Header.Get("X-App-Name"), query.Get("appName")),
	}
	var err error
	if given.appName, err = models.Text("X-App-Name", given.appName, models.MaxNameLength); err != nil {
		return given, err
	}
	_, err = models.Text("X-User-Email", given.email, models.MaxNameLength)
	return given, err
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}

// authenticate finds who asks and whether they may: by setup key, by signature
// (the operation checks it), or by API key or session.
func (s *Server) authenticate(c *gin.Context) {
	switch c.FullPath() {
	case "/api/embed/onboard":
		if err := s.checkSetupKey(c.Request); err != nil {
			s.respondError(c, err)
		}
		return
	case "/api/embed/files/:id/content":
		if c.Request.URL.Query().Has("token") {
			return
		}
	case "", "/healthz", "/readyz", "/openapi.json", "/docs", MicrosoftCallback, MicrosoftNotifications:
		return
	}
	if strings.HasPrefix(c.FullPath(), "/embed") { // a page refuses with a page
		return
	}
	who, err := s.identify(c.Request, c.Request.Method+" "+c.FullPath() == "POST /api/embed/users")
	switch {
	case who.key.ID != "": // a page may read why its key or its session is refused
		if refused := s.checkBrowser(c, &who); err == nil {
			err = refused
		}
	case models.CodeOf(err) == models.CodeUnauthorized: // and that there is none, as of a session that ended and was deleted
		allowOrigin(c, c.GetHeader("Origin"))
	}
	if err != nil {
		s.respondError(c, err)
		return
	}
	s.usage.count(who.key.ID, s.Now())
	logs.Add(c.Request.Context(), logs.TenantID, who.caller.TenantID)
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), identityKey{}, who))
}

// identify finds the caller. An invented key fails by its checksum, without a
// query; disabled and expired are told only to who has the key.
func (s *Server) identify(r *http.Request, userOptional bool) (identity, error) {
	given, err := readCredentials(r)
	if err != nil {
		return identity{}, err
	}
	var who identity
	switch {
	case given.key == "":
		return who, models.Unauthorized(missingKey)
	case secret.ValidSessionToken(given.key):
		who, err = s.bySession(r.Context(), given.key)
	case secret.ValidAPIKey(given.key):
		who, err = s.byKey(r.Context(), given, userOptional)
	default:
		return who, models.Unauthorized(invalidKey)
	}
	who.caller.AppName = given.appName
	return who, err
}

func (s *Server) byKey(ctx context.Context, given credentials, userOptional bool) (identity, error) {
	hash := s.Keys.HashAPIKey(given.key)
	who, err := s.callers.find(hash+given.email, s.Now(), func() (identity, error) { return s.loadCaller(ctx, hash, given.email) })
	switch {
	case models.CodeOf(err) == models.CodeNotFound && err != nil && who.key.ID == "":
		return who, models.Unauthorized(invalidKey)
	case who.key.ID == "" && err != nil:
		return who, err
	case !who.key.IsActive:
		return who, models.Unauthorized("API key is disabled")
	case who.key.Expired(s.Now()):
		return who, models.Unauthorized("API key has expired")
	case err != nil:
		return who, err
	case given.email == "" && !userOptional:
		return who, models.Unauthorized(missingUser)
	}
	return who, nil
}

// loadCaller reads key and user; without an e-mail address the key alone.
func (s *Server) loadCaller(ctx context.Context, hash, email string) (identity, error) {
	key, err := s.Store.System().FindAPIKey(ctx, hash)
	if err != nil {
		return identity{}, err
	}
	who := identity{key: key, caller: models.Caller{TenantID: key.TenantID, APIKeyID: key.ID}}
	if email == "" {
		return who, nil
	}
	user, role, err := s.Store.System().FindMember(ctx, key.TenantID, email)
	who.caller.UserID, who.caller.Email, who.caller.Role = user.ID, user.Email, role
	return who, err
}

// checkSetupKey compares hashes, so that neither content nor length of the key
// shows in the time that it takes.
func (s *Server) checkSetupKey(r *http.Request) error {
	given := sha256.Sum256([]byte(r.Header.Get("X-Setup-Key")))
	if subtle.ConstantTimeCompare(given[:], s.setupKeyHash[:]) != 1 {
		return models.Unauthorized("Invalid or missing setup key")
	}
	return nil
}

// Verify answers GET /verify.
func (s *Server) Verify(ctx context.Context, _ VerifyRequestObject) (VerifyResponseObject, error) {
	_, who := identityOf(ctx)
	return Verify200JSONResponse{Data: Verification{
		Valid: true, TenantID: who.caller.TenantID, APIKeyName: who.key.Name, UserEmail: who.caller.Email, Message: "API key is valid",
	}}, nil
}
