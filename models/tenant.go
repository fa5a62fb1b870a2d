package models

import "time"

// Tenant is one customer organisation; every other row belongs to one.
type Tenant struct {
	ID        string `gorm:"primaryKey"`
	Name      string
	Status    TenantStatus
	CreatedAt time.Time
	UpdatedAt time.Time
}

// TenantStatus is whether a tenant may use the product.
type TenantStatus string

// TenantActive is the status of a tenant that may use the product.
const TenantActive TenantStatus = "active"
