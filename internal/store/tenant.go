package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"decoded.digital/extractor/models"
)

// Onboard writes tenant, owner and key as one. A user whose e-mail address is
// known already is taken as it stands (o.User is set to it): existing is true.
func (s *Store) Onboard(ctx context.Context, o *models.Onboarding) (existing bool, err error) {
	err = s.twice(ctx, func(tx *gorm.DB) error {
		if existing, err = takeUser(tx, &o.User); err != nil {
			return err
		}
		if err := tx.Create(&o.Tenant).Error; err != nil {
			return err
		}
		member := models.Membership{TenantID: o.Tenant.ID, UserID: o.User.ID, Role: models.RoleOwner, CreatedAt: s.now()}
		if err := tx.Create(&member).Error; err != nil {
			return err
		}
		return tx.Create(&o.APIKey).Error
	})
	return existing, translate(err, "tenant")
}

// takeUser sets user to the one with its e-mail address, or writes it: existing
// says which.
func takeUser(tx *gorm.DB, user *models.User) (existing bool, err error) {
	var known models.User
	err = tx.Where("email = ?", user.Email).Take(&known).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return false, tx.Create(user).Error
	}
	if err == nil {
		*user = known
	}
	return true, err
}

// twice runs a transaction, and again if another one wrote the same unique
// value meanwhile: the second time it finds that value.
func (s *Store) twice(ctx context.Context, run func(tx *gorm.DB) error) error {
	err := s.db.WithContext(ctx).Transaction(run)
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		err = s.db.WithContext(ctx).Transaction(run)
	}
	return err
}

// GetTenant reads the caller's own tenant; any other is not found.
func (s *Store) GetTenant(ctx context.Context, caller models.Caller, id string) (models.Tenant, error) {
	var t models.Tenant
	err := s.db.WithContext(ctx).Where("id = ? AND id = ?", id, caller.TenantID).Take(&t).Error
	return t, translate(err, "Tenant")
}
