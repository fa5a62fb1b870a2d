package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/mail"
	"strings"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

const (
	missingKey = "API key is required. Provide it via X-API-Key, Authorization: Bearer, or the apiKey query parameter"
	invalidKey = "Invalid API key"
)

// credentials are what a request says of its caller, by any of the guide's
// three ways.
func credentials(c *gin.Context) (key, email, appName string) {
	bearer, _ := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer ")
	return firstOf(c.GetHeader("X-API-Key"), bearer, c.Query("apiKey")),
		strings.ToLower(firstOf(c.GetHeader("X-User-Email"), c.Query("userEmail"))),
		firstOf(c.GetHeader("X-App-Name"), c.Query("appName"))
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}

// authenticate finds the caller. An invented key fails by its checksum, without
// a query; disabled and expired are told only to who has the key.
func (s *server) authenticate(c *gin.Context) (models.Caller, error) {
	ctx := c.Request.Context()
	key, email, appName := credentials(c)
	switch {
	case key == "":
		return models.Caller{}, models.Unauthorized(missingKey)
	case !secret.ValidAPIKey(key):
		return models.Caller{}, models.Unauthorized(invalidKey)
	}
	row, err := s.Store.System().FindAPIKey(ctx, s.Keys.HashAPIKey(key))
	if models.CodeOf(err) == models.CodeNotFound && err != nil {
		return models.Caller{}, models.Unauthorized(invalidKey)
	}
	if err != nil {
		return models.Caller{}, err
	}
	switch {
	case !row.IsActive:
		return models.Caller{}, models.Unauthorized("API key is disabled")
	case row.Expired(s.Now()):
		return models.Caller{}, models.Unauthorized("API key has expired")
	case email == "":
		return models.Caller{}, models.Unauthorized("User email is required. Provide it via X-User-Email or the userEmail query parameter")
	}
	user, role, err := s.Store.System().FindMember(ctx, row.TenantID, email)
	if err != nil {
		return models.Caller{}, err
	}
	return models.Caller{TenantID: row.TenantID, APIKeyID: row.ID, UserID: user.ID, Email: user.Email, Role: role, AppName: appName}, nil
}

// checkSetupKey compares hashes, so that neither content nor length of the key
// shows in the time that it takes.
func (s *server) checkSetupKey(c *gin.Context) error {
	given := sha256.Sum256([]byte(c.GetHeader("X-Setup-Key")))
	if subtle.ConstantTimeCompare(given[:], s.setupKeyHash[:]) != 1 {
		return models.Unauthorized("Invalid or missing setup key")
	}
	return nil
}

// verifyAnswer is the answer of GET /verify.
type verifyAnswer struct {
	Valid      bool   `json:"valid"`
	TenantID   string `json:"tenantId"`
	APIKeyName string `json:"apiKeyName"`
	UserEmail  string `json:"userEmail"`
	Message    string `json:"message"`
}

func (s *server) verify(c *gin.Context, caller models.Caller) (verifyAnswer, error) {
	key, _, _ := credentials(c)
	row, err := s.Store.System().FindAPIKey(c.Request.Context(), s.Keys.HashAPIKey(key))
	if err != nil {
		return verifyAnswer{}, err
	}
	return verifyAnswer{
		Valid: true, TenantID: caller.TenantID, APIKeyName: row.Name, UserEmail: caller.Email, Message: "API key is valid",
	}, nil
}

// validEmail says whether text is a bare e-mail address.
func validEmail(text string) bool {
	address, err := mail.ParseAddress(text)
	return err == nil && address.Address == text && len(text) <= 254
}
