package api

import (
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

type webhookRequest struct {
	Name        string              `json:"name"`
	URL         string              `json:"url"`
	Scope       models.WebhookScope `json:"scope"`
	DocumentIDs []string            `json:"documentIds"`
}

type webhookView struct {
	ID          string              `json:"id"`
	LegacyID    string              `json:"_id"`
	Name        string              `json:"name"`
	URL         string              `json:"url"`
	Scope       models.WebhookScope `json:"scope"`
	DocumentIDs []string            `json:"documentIds"`
	IsActive    bool                `json:"isActive"`
	TenantID    string              `json:"tenantId"`
	Secret      string              `json:"secret,omitempty"` // at creation alone
	CreatedAt   string              `json:"createdAt"`
	UpdatedAt   string              `json:"updatedAt"`
}

func viewWebhook(w *models.Webhook) webhookView {
	return webhookView{
		ID: w.ID, LegacyID: w.ID, Name: w.Name, URL: w.URL, Scope: w.Scope, DocumentIDs: w.DocumentIDs, IsActive: w.IsActive,
		TenantID: w.TenantID, CreatedAt: models.FormatTime(w.CreatedAt), UpdatedAt: models.FormatTime(w.UpdatedAt),
	}
}

func (s *server) listWebhooks(c *gin.Context, caller models.Caller) ([]webhookView, error) {
	rows, err := s.Store.ListWebhooks(c.Request.Context(), caller)
	if err != nil {
		return nil, err
	}
	views := make([]webhookView, 0, len(rows))
	for i := range rows {
		views = append(views, viewWebhook(&rows[i]))
	}
	return views, nil
}

func (s *server) createWebhook(c *gin.Context, caller models.Caller) (webhookView, error) {
	var r webhookRequest
	if err := decode(c, &r); err != nil {
		return webhookView{}, err
	}
	if err := s.validateWebhook(c, caller, &r); err != nil {
		return webhookView{}, err
	}
	now, key := s.Now(), secret.NewWebhookSecret()
	id := models.NewID(now)
	hook := models.Webhook{
		ID: id, TenantID: caller.TenantID, Name: r.Name, URL: r.URL, Scope: r.Scope, DocumentIDs: r.DocumentIDs,
		IsActive: true, Secret: s.Keys.Seal([]byte(key), id), CreatedAt: now, UpdatedAt: now,
	}
	if err := s.Store.CreateWebhook(c.Request.Context(), caller, &hook); err != nil {
		return webhookView{}, err
	}
	view := viewWebhook(&hook)
	view.Secret = key
	return view, nil
}

func (s *server) validateWebhook(c *gin.Context, caller models.Caller, r *webhookRequest) error {
	if r.Name = strings.TrimSpace(r.Name); r.Name == "" || len(r.Name) > models.MaxNameLength {
		return models.Invalid("name is required and may have %d characters", models.MaxNameLength)
	}
	u, err := url.Parse(strings.TrimSpace(r.URL))
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && (u.Scheme != "http" || !s.AllowPrivateWebhooks)) {
		return models.Invalid("url must be an https URL without user name and password")
	}
	r.URL = u.String()
	switch r.Scope {
	case "":
		r.Scope = models.ScopeAll
	case models.ScopeAll, models.ScopeSelected:
	default:
		return models.Invalid(`scope must be "all" or "selected"`)
	}
	if r.DocumentIDs == nil {
		r.DocumentIDs = []string{}
	}
	if r.Scope == models.ScopeSelected && len(r.DocumentIDs) == 0 {
		return models.Invalid(`documentIds is required when scope is "selected"`)
	}
	for _, id := range r.DocumentIDs {
		if !models.ValidID(id) {
			return models.Invalid("Invalid document ID format")
		}
		if _, err := s.Store.GetDocument(c.Request.Context(), caller, id); err != nil {
			return err
		}
	}
	return nil
}
