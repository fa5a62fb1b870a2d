package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"decoded.digital/extractor/models"
)

const (
	// idempotencyLife is how long an answer is given again.
	idempotencyLife = 24 * time.Hour
	// idempotencyLock is how long a request may take; then its process is taken
	// for dead.
	idempotencyLock = 3 * time.Minute
)

// ClaimRequest makes r the first request under its key, or answers the one that
// is: mine says which. One that is older than a day, or that never ended, is
// replaced.
func (s *System) ClaimRequest(ctx context.Context, r *models.IdempotentRequest) (first models.IdempotentRequest, mine bool, err error) {
	now := s.now()
	r.CreatedAt, r.LockedUntil = now, now.Add(idempotencyLock)
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		same := tx.Where("tenant_id = ? AND route = ? AND key = ?", r.TenantID, r.Route, r.Key).Session(&gorm.Session{})
		over := same.Where("created_at < ? OR (status = 0 AND locked_until < ?)", now.Add(-idempotencyLife), now)
		if err := over.Delete(&models.IdempotentRequest{}).Error; err != nil {
			return err
		}
		created := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(r)
		if mine = created.RowsAffected == 1; mine || created.Error != nil {
			return created.Error
		}
		return same.Take(&first).Error
	})
	return first, mine, translate(err, "Idempotency-Key")
}

// FinishRequest keeps the answer of a request that this process claimed.
func (s *System) FinishRequest(ctx context.Context, r *models.IdempotentRequest) error {
	err := s.db.WithContext(ctx).Model(&models.IdempotentRequest{}).
		Where("tenant_id = ? AND route = ? AND key = ? AND created_at = ?", r.TenantID, r.Route, r.Key, r.CreatedAt).
		Select("Status", "ContentType", "Answer").Updates(r).Error
	return translate(err, "Idempotency-Key")
}

// ReleaseRequest forgets a request that ended without an answer to keep, so
// that it may be made again.
func (s *System) ReleaseRequest(ctx context.Context, r *models.IdempotentRequest) error {
	err := s.db.WithContext(ctx).
		Where("tenant_id = ? AND route = ? AND key = ? AND created_at = ?", r.TenantID, r.Route, r.Key, r.CreatedAt).
		Delete(&models.IdempotentRequest{}).Error
	return translate(err, "Idempotency-Key")
}

// DeleteOldRequests deletes the answers that are no longer given again.
func (s *System) DeleteOldRequests(ctx context.Context) error {
	err := s.db.WithContext(ctx).Where("created_at < ?", s.now().Add(-idempotencyLife)).Delete(&models.IdempotentRequest{}).Error
	return translate(err, "Idempotency-Key")
}
