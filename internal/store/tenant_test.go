package store

import (
	"testing"

	"decoded.digital/extractor/models"
)

func testOnboarding(t *testing.T, b *bundle) {
	t.Helper()
	now := b.now()
	tenant := models.Tenant{ID: models.NewID(now), Name: "Second", Status: models.TenantActive}
	o := models.Onboarding{
		Tenant: tenant, User: models.User{ID: models.NewID(now), Email: "a@acme.test"},
		APIKey: models.APIKey{ID: models.NewID(now), TenantID: tenant.ID, Hash: "a@acme.test", AllowedDomains: []string{}},
	}
	_, err := b.Onboard(t.Context(), &o) // the hash is another key's
	wantCode(t, err, models.CodeConflict)
	var tenants int64
	if err := b.db.Model(&models.Tenant{}).Count(&tenants).Error; err != nil || tenants != 2 {
		t.Errorf("a failed onboarding left its tenant: %d, %v", tenants, err)
	}
	o.APIKey.Hash, o.User = "another", models.User{ID: models.NewID(now), Email: "a@acme.test"}
	existing, err := b.Onboard(t.Context(), &o)
	if err != nil || !existing || o.User.ID != b.caller.UserID {
		t.Errorf("the known user was not taken: %v, %+v, %v", existing, o.User, err)
	}
	_, role, err := b.System().FindMember(t.Context(), tenant.ID, "a@acme.test")
	if err != nil || role != models.RoleOwner {
		t.Errorf("got role %q, %v", role, err)
	}
	_, _, err = b.System().FindMember(t.Context(), tenant.ID, "b@other.test")
	wantCode(t, err, models.CodeForbidden)
	_, _, err = b.System().FindMember(t.Context(), tenant.ID, "nobody@acme.test")
	wantCode(t, err, models.CodeNotFound)
}
