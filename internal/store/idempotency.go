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
	// idempotencyLock is how long a request may take, once its body is read; then
	// its process is taken for dead.
	idempotencyLock = 20 * time.Second
)

// ClaimRequest makes r the first request under its key, or answers the one that
// is: mine says which. One that is older than a day is replaced. One that never
// ended is taken over with its subject's id, so that what it may have made is not
// made twice.
func (s *System) ClaimRequest(ctx context.Context, r *models.IdempotentRequest) (first models.IdempotentRequest, mine bool, err error) {
	now := s.now()
	r.CreatedAt, r.LockedUntil, r.SubjectID = now, now.Add(idempotencyLock), models.NewID(now)
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		same := tx.Where("tenant_id = ? AND route = ? AND key = ?", r.TenantID, r.Route, r.Key).Session(&gorm.Session{})
		if err := same.Where("created_at < ?", now.Add(-idempotencyLife)).Delete(&models.IdempotentRequest{}).Error; err != nil {
			return err
		}
		created := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(r)
		if mine = created.RowsAffected == 1; mine || created.Error != nil {
			return created.Error
		}
		over := same.Model(&models.IdempotentRequest{}).Where("fingerprint = ? AND status = 0 AND locked_until <= ?", r.Fingerprint, now)
		taken := over.Update("locked_until", r.LockedUntil)
		if taken.Error != nil {
			return taken.Error
		}
		mine = taken.RowsAffected == 1
		return same.Take(&first).Error
	})
	if mine && first.SubjectID != "" {
		*r = first
	}
	return first, mine, translate(err, "Idempotency-Key")
}

// FinishRequest keeps the answer of a request that this process claimed.
func (s *System) FinishRequest(ctx context.Context, r *models.IdempotentRequest) error {
	err := s.db.WithContext(ctx).Model(&models.IdempotentRequest{}).
		Where("tenant_id = ? AND route = ? AND key = ? AND created_at = ?", r.TenantID, r.Route, r.Key, r.CreatedAt).
		Select("Status", "ContentType", "Answer").Updates(r).Error
	return translate(err, "Idempotency-Key")
}

// ReleaseRequest lets a request that ended without an answer to keep be made
// again, under the same id of its subject: it may have been done all the same.
func (s *System) ReleaseRequest(ctx context.Context, r *models.IdempotentRequest) error {
	err := s.db.WithContext(ctx).Model(&models.IdempotentRequest{}).
		Where("tenant_id = ? AND route = ? AND key = ? AND created_at = ?", r.TenantID, r.Route, r.Key, r.CreatedAt).
		Update("locked_until", s.now()).Error
	return translate(err, "Idempotency-Key")
}

// DeleteOldRequests deletes the answers that are no longer given again.
func (s *System) DeleteOldRequests(ctx context.Context) error {
	err := s.db.WithContext(ctx).Where("created_at < ?", s.now().Add(-idempotencyLife)).Delete(&models.IdempotentRequest{}).Error
	return translate(err, "Idempotency-Key")
}
