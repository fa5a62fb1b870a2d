package models

// Caller is who asks. Every store method of a tenant's rows takes it and puts
// TenantID into WHERE, so that no query can forget whose rows it reads.
type Caller struct {
	TenantID string
	APIKeyID string
	UserID   string
	Email    string // as the user's row has it: lower case
	Role     Role
	AppName  string // the host application's name for itself, may be empty
}

// Name says who asks, for operators: by ids, because it goes where nothing is
// encrypted.
func (c Caller) Name() string {
	if c.UserID == "" {
		return "API key " + c.APIKeyID
	}
	return "user " + c.UserID
}

// Role is what a user may do inside a tenant.
type Role string

// The roles, strongest first.
const (
	RoleOwner  Role = "owner"
	RoleAdmin  Role = "admin"
	RoleMember Role = "member"
)

// Valid says whether r is one of the roles.
func (r Role) Valid() bool { return r.rank() > 0 }

// AtLeast says whether r may do what other may.
func (r Role) AtLeast(other Role) bool { return r.rank() >= other.rank() }

func (r Role) rank() int {
	switch r {
	case RoleOwner:
		return 3
	case RoleAdmin:
		return 2
	case RoleMember:
		return 1
	}
	return 0
}
