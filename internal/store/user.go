package store

import (
	"context"

	"decoded.digital/extractor/models"
)

// FindMember finds the user with this e-mail address (lower case) in a tenant:
// NotFound if there is no such user, Forbidden if it is not a member.
func (s *System) FindMember(ctx context.Context, tenantID, email string) (models.User, models.Role, error) {
	var user models.User
	db := s.db.WithContext(ctx)
	if err := db.Where("email = ?", email).Take(&user).Error; err != nil {
		return user, "", translate(err, "User with email "+email)
	}
	var members []models.Membership
	if err := db.Where("tenant_id = ? AND user_id = ?", tenantID, user.ID).Limit(1).Find(&members).Error; err != nil {
		return user, "", translate(err, "membership")
	}
	if len(members) == 0 {
		return user, "", models.Forbidden("User is not a member of this organization")
	}
	return user, members[0].Role, nil
}
