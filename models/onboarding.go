package models

// Onboarding is a new tenant with its owner and first key, written as one.
type Onboarding struct {
	Tenant Tenant
	User   User
	APIKey APIKey
}
