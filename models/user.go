package models

import "time"

// User is a person, known by e-mail address (lower case, unique). One person
// may belong to several tenants; Membership says to which, as what.
type User struct {
	ID        string `gorm:"primaryKey"`
	Email     string
	FirstName string
	LastName  string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Member is a user with the role in one tenant.
type Member struct {
	User
	Role Role
}

// UserFilter narrows a list of users; an empty value does not.
type UserFilter struct {
	Search string // part of name or e-mail address, without case
}

// Membership is a user's place in a tenant.
type Membership struct {
	TenantID  string `gorm:"primaryKey"`
	UserID    string `gorm:"primaryKey"`
	Role      Role
	CreatedAt time.Time
}
