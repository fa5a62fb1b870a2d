package api

import (
	"context"
	"time"

	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

// apiKeyView masks the key: the key itself is known at its creation alone.
func apiKeyView(k *models.APIKey) APIKey {
	return APIKey{
		ID: k.ID, UnderscoreID: k.ID, Name: k.Name, Key: k.Prefix + "...", IsActive: k.IsActive, ExpiresAt: timeOrNull(k.ExpiresAt),
		AllowedDomains: k.AllowedDomains, UsageCount: k.UsageCount, LastUsedAt: timeOrNull(k.LastUsedAt),
		CreatedAt: models.FormatTime(k.CreatedAt), UpdatedAt: models.FormatTime(k.UpdatedAt),
	}
}

// ListAPIKeys answers GET /api-keys.
func (s *Server) ListAPIKeys(ctx context.Context, _ ListAPIKeysRequestObject) (ListAPIKeysResponseObject, error) {
	ctx, caller := requestOf(ctx)
	rows, err := s.Store.ListAPIKeys(ctx, caller)
	if err != nil {
		return nil, err
	}
	return ListAPIKeys200JSONResponse{Data: views(rows, apiKeyView)}, nil
}

// CreateAPIKey answers POST /api-keys.
func (s *Server) CreateAPIKey(ctx context.Context, r CreateAPIKeyRequestObject) (CreateAPIKeyResponseObject, error) {
	ctx, caller := requestOf(ctx)
	row, key := s.newAPIKey(r.Body.Name, list(r.Body.AllowedDomains))
	if err := s.validateAPIKey(&row, r.Body.ExpiresAt); err != nil {
		return nil, err
	}
	if err := s.Store.CreateAPIKey(ctx, caller, &row); err != nil {
		return nil, err
	}
	view := apiKeyView(&row)
	view.Key = key
	return CreateAPIKey201JSONResponse{Data: view}, nil
}

// newAPIKey makes a key and its row.
func (s *Server) newAPIKey(name string, domains []string) (row models.APIKey, key string) {
	now := s.Now()
	key = secret.NewAPIKey()
	return models.APIKey{
		ID: models.NewID(now), Name: name, Hash: s.Keys.HashAPIKey(key), Prefix: secret.APIKeyPrefix(key), IsActive: true,
		AllowedDomains: domains, CreatedAt: now, UpdatedAt: now,
	}, key
}

// validateAPIKey checks name and domains, and sets the expiry where one is given.
func (s *Server) validateAPIKey(k *models.APIKey, expiresAt *string) error {
	var err error
	if k.Name, err = models.RequiredText("name", k.Name, models.MaxNameLength); err != nil {
		return err
	}
	if k.AllowedDomains, err = models.NormalDomains(k.AllowedDomains); err != nil || expiresAt == nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, *expiresAt)
	if err != nil || !at.After(s.Now()) || at.Year() > 9999 {
		return models.Invalid("expiresAt must be a time in the future, like 2026-12-31T00:00:00Z")
	}
	at = at.UTC()
	k.ExpiresAt = &at
	return nil
}

// UpdateAPIKey answers PUT /api-keys/:id.
func (s *Server) UpdateAPIKey(ctx context.Context, r UpdateAPIKeyRequestObject) (UpdateAPIKeyResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "API key"); err != nil {
		return nil, err
	}
	key, err := s.Store.GetAPIKey(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	if r.Body.IsActive != nil && !*r.Body.IsActive && r.ID == caller.APIKeyID {
		return nil, models.Invalid("isActive: you cannot deactivate the key you are currently using for authentication")
	}
	set(&key.Name, r.Body.Name)
	set(&key.IsActive, r.Body.IsActive)
	set(&key.AllowedDomains, r.Body.AllowedDomains)
	expires := r.Body.ExpiresAt
	if expires.IsNull() {
		key.ExpiresAt = nil
	}
	var at *string
	if value, err := expires.Get(); err == nil {
		at = &value
	}
	if err := s.validateAPIKey(&key, at); err != nil {
		return nil, err
	}
	if err := s.Store.UpdateAPIKey(ctx, caller, &key); err != nil {
		return nil, err
	}
	s.callers.forget()
	return UpdateAPIKey200JSONResponse{Data: apiKeyView(&key)}, nil
}

// DeleteAPIKey answers DELETE /api-keys/:id.
func (s *Server) DeleteAPIKey(ctx context.Context, r DeleteAPIKeyRequestObject) (DeleteAPIKeyResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "API key"); err != nil {
		return nil, err
	}
	if r.ID == caller.APIKeyID {
		return nil, models.Invalid("id: you cannot delete the key you are currently using for authentication")
	}
	if err := s.Store.DeleteAPIKey(ctx, caller, r.ID); err != nil {
		return nil, err
	}
	s.callers.forget()
	return DeleteAPIKey200JSONResponse{Data: DeletedID{Message: "API key deleted successfully", DeletedID: r.ID}}, nil
}
