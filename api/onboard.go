package api

import (
	"context"
	"strings"

	"decoded.digital/extractor/models"
)

// Onboard answers POST /onboard: tenant, owner and key as one.
func (s *Server) Onboard(ctx context.Context, r OnboardRequestObject) (OnboardResponseObject, error) {
	ctx, _ = requestOf(ctx)
	o, key, err := s.newOnboarding(r.Body)
	if err != nil {
		return nil, err
	}
	existing, err := s.Store.Onboard(ctx, &o)
	if err != nil {
		return nil, err
	}
	return Onboard201JSONResponse{Data: Onboarded{
		Message: "Successfully onboarded. Store the API key securely - it won't be shown again.",
		Tenant:  OnboardedTenant{ID: o.Tenant.ID, UnderscoreID: o.Tenant.ID, Name: o.Tenant.Name},
		User: OnboardedUser{
			ID: o.User.ID, UnderscoreID: o.User.ID, FirstName: o.User.FirstName, LastName: o.User.LastName, Email: o.User.Email,
			Role: models.RoleOwner, IsExistingUser: existing,
		},
		APIKey: OnboardedAPIKey{
			ID: o.APIKey.ID, UnderscoreID: o.APIKey.ID, Name: o.APIKey.Name, Key: key,
			ExpiresAt: timeOrNull(o.APIKey.ExpiresAt), AllowedDomains: o.APIKey.AllowedDomains,
		},
	}}, nil
}

// newOnboarding checks the request and makes what is to be written.
func (s *Server) newOnboarding(r *OnboardRequest) (o models.Onboarding, key string, err error) {
	now := s.Now()
	o.Tenant = models.Tenant{ID: models.NewID(now), Status: models.TenantActive, CreatedAt: now, UpdatedAt: now}
	if o.Tenant.Name, err = models.RequiredText("organizationName", r.OrganizationName, models.MaxNameLength); err != nil {
		return o, "", err
	}
	if o.User, err = s.newUser(r.FirstName, r.LastName, r.Email); err != nil {
		return o, "", err
	}
	if _, err = models.Text("appName", or(r.AppName), models.MaxNameLength); err != nil {
		return o, "", err
	}
	name, err := models.Text("apiKeyName", or(r.APIKeyName), models.MaxNameLength)
	if err != nil {
		return o, "", err
	}
	if strings.TrimSpace(name) == "" {
		name = o.Tenant.Name + " - Embed API Key"
	}
	domains, err := models.NormalDomains(list(r.AllowedDomains))
	if err != nil {
		return o, "", err
	}
	o.APIKey, key = s.newAPIKey(name, domains)
	o.APIKey.TenantID = o.Tenant.ID
	if or(r.HasExpiry) {
		days := or(r.ExpiryDays)
		if days < 1 || days > 365 {
			return o, "", models.Invalid("expiryDays must be a whole number from 1 to 365")
		}
		expires := now.AddDate(0, 0, days)
		o.APIKey.ExpiresAt = &expires
	}
	return o, key, nil
}
