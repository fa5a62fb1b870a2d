package api

import (
	"context"

	"decoded.digital/extractor/models"
)

// GetTenant answers GET /tenants/:id.
func (s *Server) GetTenant(ctx context.Context, r GetTenantRequestObject) (GetTenantResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "tenant"); err != nil {
		return nil, err
	}
	t, err := s.Store.GetTenant(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	accounts, err := s.tenantAccounts(ctx, caller)
	if err != nil {
		return nil, err
	}
	return GetTenant200JSONResponse{Data: Tenant{
		ID: t.ID, UnderscoreID: t.ID, Name: t.Name, Status: TenantStatus(t.Status),
		Integrations: Integrations{Microsoft: MicrosoftIntegration{Accounts: accounts}},
		CreatedAt:    models.FormatTime(t.CreatedAt), UpdatedAt: models.FormatTime(t.UpdatedAt),
	}}, nil
}
