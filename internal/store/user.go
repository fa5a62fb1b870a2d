package store

import (
	"context"

	"gorm.io/gorm"

	"decoded.digital/extractor/models"
)

// CreateUser makes a user a member of the caller's tenant. One whom another
// tenant has already is taken as it stands (u is set to it): existing is true.
// One who is a member already is a Conflict.
func (s *Store) CreateUser(ctx context.Context, caller models.Caller, u *models.User, role models.Role) (existing bool, err error) {
	err = s.twice(ctx, func(tx *gorm.DB) error {
		if existing, err = takeUser(tx, u); err != nil {
			return err
		}
		var members int64
		err := tx.Model(&models.Membership{}).Where("tenant_id = ? AND user_id = ?", caller.TenantID, u.ID).Count(&members).Error
		if err != nil {
			return err
		}
		if members > 0 {
			return models.Conflict("User with this email already exists in this tenant")
		}
		return tx.Create(&models.Membership{TenantID: caller.TenantID, UserID: u.ID, Role: role, CreatedAt: s.now()}).Error
	})
	return existing, translate(err, "User")
}

// ListUsers reads a page of the tenant's users, newest members first, and how
// many there are in all. CreatedAt is when the user became a member.
func (s *Store) ListUsers(ctx context.Context, caller models.Caller, f models.UserFilter, p models.Page) ([]models.Member, int64, error) {
	query := s.db.WithContext(ctx).Table("memberships").Joins("JOIN users ON users.id = memberships.user_id").
		Where("memberships.tenant_id = ?", caller.TenantID)
	if f.Search != "" {
		like := pattern(f.Search)
		query = query.Where(`(LOWER(users.email) LIKE ? ESCAPE '\' OR LOWER(users.first_name || ' ' || users.last_name) LIKE ? ESCAPE '\')`, like, like)
	}
	query = asOf(query, p, "memberships.created_at").Session(&gorm.Session{})
	var total int64
	if err := query.Count(&total).Error; err != nil {
		return nil, 0, translate(err, "User")
	}
	var rows []models.Member
	err := query.Select("users.id, users.email, users.first_name, users.last_name, memberships.created_at, users.updated_at, memberships.role").
		Order("memberships.created_at DESC, users.id DESC").Offset(p.Offset()).Limit(p.Limit).Find(&rows).Error
	return rows, total, translate(err, "User")
}

// FindMember finds the user with this e-mail address (lower case) in a tenant:
// NotFound if there is no such user, Forbidden if it is not a member.
func (s *System) FindMember(ctx context.Context, tenantID, email string) (models.User, models.Role, error) {
	var user models.User
	if err := s.db.WithContext(ctx).Where("email = ?", email).Take(&user).Error; err != nil {
		return user, "", translate(err, "User with email "+email)
	}
	role, err := s.roleOf(ctx, tenantID, user.ID)
	return user, role, err
}

// LoadMember reads a user of a tenant: as FindMember, by its id.
func (s *System) LoadMember(ctx context.Context, tenantID, userID string) (models.User, models.Role, error) {
	var user models.User
	if err := s.db.WithContext(ctx).Where("id = ?", userID).Take(&user).Error; err != nil {
		return user, "", translate(err, "User")
	}
	role, err := s.roleOf(ctx, tenantID, user.ID)
	return user, role, err
}

func (s *System) roleOf(ctx context.Context, tenantID, userID string) (models.Role, error) {
	var members []models.Membership
	err := s.db.WithContext(ctx).Where("tenant_id = ? AND user_id = ?", tenantID, userID).Limit(1).Find(&members).Error
	if err != nil {
		return "", translate(err, "membership")
	}
	if len(members) == 0 {
		return "", models.Forbidden("User is not a member of this organization")
	}
	return members[0].Role, nil
}
