package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

type onboardRequest struct {
	OrganizationName string   `json:"organizationName"`
	FirstName        string   `json:"firstName"`
	LastName         string   `json:"lastName"`
	Email            string   `json:"email"`
	APIKeyName       string   `json:"apiKeyName"`
	AllowedDomains   []string `json:"allowedDomains"`
	HasExpiry        bool     `json:"hasExpiry"`
	ExpiryDays       int      `json:"expiryDays"`
	AppName          string   `json:"appName"`
}

func (r *onboardRequest) validate() error {
	for _, field := range []struct {
		name  string
		value *string
	}{
		{"organizationName", &r.OrganizationName}, {"firstName", &r.FirstName}, {"lastName", &r.LastName}, {"email", &r.Email},
	} {
		if *field.value = strings.TrimSpace(*field.value); *field.value == "" {
			return models.Invalid("%s is required", field.name)
		}
		if len(*field.value) > models.MaxNameLength {
			return models.Invalid("%s is longer than %d characters", field.name, models.MaxNameLength)
		}
	}
	r.Email = strings.ToLower(r.Email)
	if !validEmail(r.Email) {
		return models.Invalid("Invalid email format")
	}
	if r.HasExpiry && (r.ExpiryDays < 1 || r.ExpiryDays > 365) {
		return models.Invalid("expiryDays must be a whole number from 1 to 365")
	}
	if r.APIKeyName = strings.TrimSpace(r.APIKeyName); r.APIKeyName == "" {
		r.APIKeyName = r.OrganizationName + " - Embed API Key"
	}
	if r.AllowedDomains == nil {
		r.AllowedDomains = []string{}
	}
	return nil
}

func (s *server) onboard(c *gin.Context) {
	answer, err := s.onboardTenant(c)
	if err != nil {
		s.respondError(c, err)
		return
	}
	c.PureJSON(http.StatusCreated, envelope{Data: answer})
}

func (s *server) onboardTenant(c *gin.Context) (gin.H, error) {
	if err := s.checkSetupKey(c); err != nil {
		return nil, err
	}
	var r onboardRequest
	if err := decode(c, &r); err != nil {
		return nil, err
	}
	if err := r.validate(); err != nil {
		return nil, err
	}
	key := secret.NewAPIKey()
	o := s.newOnboarding(r, key)
	existing, err := s.Store.Onboard(c.Request.Context(), &o)
	if err != nil {
		return nil, err
	}
	var expires any
	if o.APIKey.ExpiresAt != nil {
		expires = models.FormatTime(*o.APIKey.ExpiresAt)
	}
	return gin.H{
		"message": "Successfully onboarded. Store the API key securely - it won't be shown again.",
		"tenant":  gin.H{"id": o.Tenant.ID, "name": o.Tenant.Name},
		"user": gin.H{
			"id": o.User.ID, "firstName": o.User.FirstName, "lastName": o.User.LastName, "email": o.User.Email,
			"role": models.RoleOwner, "isExistingUser": existing,
		},
		"apiKey": gin.H{
			"id": o.APIKey.ID, "name": o.APIKey.Name, "key": key, "expiresAt": expires, "allowedDomains": o.APIKey.AllowedDomains,
		},
	}, nil
}

func (s *server) newOnboarding(r onboardRequest, key string) models.Onboarding {
	now := s.Now()
	tenant := models.Tenant{ID: models.NewID(now), Name: r.OrganizationName, Status: models.TenantActive, CreatedAt: now, UpdatedAt: now}
	user := models.User{ID: models.NewID(now), Email: r.Email, FirstName: r.FirstName, LastName: r.LastName, CreatedAt: now, UpdatedAt: now}
	apiKey := models.APIKey{
		ID: models.NewID(now), TenantID: tenant.ID, Name: r.APIKeyName, Hash: s.Keys.HashAPIKey(key), Prefix: secret.APIKeyPrefix(key),
		IsActive: true, AllowedDomains: r.AllowedDomains, CreatedAt: now, UpdatedAt: now,
	}
	if r.HasExpiry {
		expires := now.AddDate(0, 0, r.ExpiryDays)
		apiKey.ExpiresAt = &expires
	}
	return models.Onboarding{Tenant: tenant, User: user, APIKey: apiKey}
}
