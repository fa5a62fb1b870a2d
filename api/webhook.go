package api

import (
	"context"
	"net/url"

	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

func webhookView(w *models.Webhook) Webhook {
	return Webhook{
		ID: w.ID, UnderscoreID: w.ID, Name: w.Name, URL: w.URL, Scope: w.Scope, DocumentIds: w.DocumentIDs, IsActive: w.IsActive,
		Status: w.Status(), DisabledReason: textOrNull(w.StopReason.Sentence()), TenantID: w.TenantID, CreatedAt: models.FormatTime(w.CreatedAt), UpdatedAt: models.FormatTime(w.UpdatedAt),
	}
}

// ListWebhooks answers GET /webhooks.
func (s *Server) ListWebhooks(ctx context.Context, _ ListWebhooksRequestObject) (ListWebhooksResponseObject, error) {
	ctx, caller := requestOf(ctx)
	rows, err := s.Store.ListWebhooks(ctx, caller)
	if err != nil {
		return nil, err
	}
	return ListWebhooks200JSONResponse{Data: views(rows, webhookView)}, nil
}

// CreateWebhook answers POST /webhooks.
func (s *Server) CreateWebhook(ctx context.Context, r CreateWebhookRequestObject) (CreateWebhookResponseObject, error) {
	ctx, caller := requestOf(ctx)
	now, key := s.Now(), secret.NewWebhookSecret()
	hook := models.Webhook{
		ID: models.NewID(now), Name: r.Body.Name, URL: r.Body.URL, Scope: or(r.Body.Scope), DocumentIDs: list(r.Body.DocumentIds),
		IsActive: true, CreatedAt: now, UpdatedAt: now,
	}
	hook.Secret = s.Keys.Seal([]byte(key), hook.ID)
	if err := s.validWebhook(&hook, ""); err != nil {
		return nil, err
	}
	if err := s.Store.CreateWebhook(ctx, caller, &hook); err != nil {
		return nil, err
	}
	view := webhookView(&hook)
	view.Secret = &key
	return CreateWebhook201JSONResponse{Data: view}, nil
}

// GetWebhook answers GET /webhooks/:id.
func (s *Server) GetWebhook(ctx context.Context, r GetWebhookRequestObject) (GetWebhookResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "webhook"); err != nil {
		return nil, err
	}
	hook, err := s.Store.GetWebhook(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	return GetWebhook200JSONResponse{Data: webhookView(&hook)}, nil
}

// UpdateWebhook answers PUT /webhooks/:id.
func (s *Server) UpdateWebhook(ctx context.Context, r UpdateWebhookRequestObject) (UpdateWebhookResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "webhook"); err != nil {
		return nil, err
	}
	hook, err := s.Store.GetWebhook(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	before := hook
	set(&hook.Name, r.Body.Name)
	set(&hook.URL, r.Body.URL)
	set(&hook.Scope, r.Body.Scope)
	set(&hook.DocumentIDs, r.Body.DocumentIds)
	if err := s.validWebhook(&hook, before.URL); err != nil {
		return nil, err
	}
	switched := r.Body.IsActive != nil && *r.Body.IsActive != before.IsActive
	switch {
	case switched && *r.Body.IsActive, hook.IsActive && hook.URL != before.URL: // what failed before says nothing of it
		hook.SwitchOn()
	case switched:
		hook.SwitchOff("")
	}
	if err := s.Store.UpdateWebhook(ctx, caller, &hook, switched || hook.URL != before.URL); err != nil {
		return nil, err
	}
	return UpdateWebhook200JSONResponse{Data: webhookView(&hook)}, nil
}

// DeleteWebhook answers DELETE /webhooks/:id.
func (s *Server) DeleteWebhook(ctx context.Context, r DeleteWebhookRequestObject) (DeleteWebhookResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "webhook"); err != nil {
		return nil, err
	}
	if err := s.Store.DeleteWebhook(ctx, caller, r.ID); err != nil {
		return nil, err
	}
	return DeleteWebhook200JSONResponse{Data: DeletedID{Message: "Webhook deleted successfully", DeletedID: r.ID}}, nil
}

// RotateWebhookSecret answers POST /webhooks/:id/rotate-secret.
func (s *Server) RotateWebhookSecret(ctx context.Context, r RotateWebhookSecretRequestObject) (RotateWebhookSecretResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "webhook"); err != nil {
		return nil, err
	}
	key := secret.NewWebhookSecret()
	hook, err := s.Store.RotateSecret(ctx, caller, r.ID, s.Keys.Seal([]byte(key), r.ID))
	if err != nil {
		return nil, err
	}
	view := webhookView(&hook)
	view.Secret = &key
	return RotateWebhookSecret200JSONResponse{Data: view}, nil
}

// validWebhook checks what a client sent; an address that it has already is not
// judged again, so that the rest can be changed.
func (s *Server) validWebhook(hook *models.Webhook, before string) error {
	if err := hook.Validate(s.AllowPrivateWebhooks); err != nil {
		return err
	}
	u, err := url.Parse(hook.URL)
	if err != nil || s.CheckAddress == nil || hook.URL == before {
		return err
	}
	return s.CheckAddress(u)
}

// set changes a value where the request has one.
func set[T any](value, to *T) {
	if to != nil {
		*value = *to
	}
}

// list is what a list parameter points to; none is an empty one, never null.
func list[T any](values *[]T) []T {
	if values == nil || *values == nil {
		return []T{}
	}
	return *values
}
