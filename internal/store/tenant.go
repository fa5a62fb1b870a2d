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
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var known models.User
		err := tx.Where("email = ?", o.User.Email).Take(&known).Error
		switch {
		case err == nil:
			existing, o.User = true, known
		case errors.Is(err, gorm.ErrRecordNotFound):
			if err := tx.Create(&o.User).Error; err != nil {
				return err
			}
		default:
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
