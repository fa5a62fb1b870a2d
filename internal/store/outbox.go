package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"decoded.digital/extractor/models"
)

// newEntry is a promise that the relay leaves alone for delay. What keeps it
// belongs to the trace of ctx.
func (s *Store) newEntry(ctx context.Context, tenantID string, kind models.OutboxKind, subjectID string, attempt int, delay time.Duration) models.OutboxEntry {
	now := s.now()
	return models.OutboxEntry{
		ID: models.NewID(now), TenantID: tenantID, Kind: kind, SubjectID: subjectID, Attempt: attempt,
		DueAt: now.Add(delay), TraceParent: traceParent(ctx), CreatedAt: now,
	}
}

// ClaimOutbox leases the entries that are due: until the lease ends, no other
// relay gets them.
func (s *System) ClaimOutbox(ctx context.Context, limit int, lease time.Duration) ([]models.OutboxEntry, error) {
	var entries []models.OutboxEntry
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		query := tx.Where("due_at <= ?", s.now()).Order("due_at").Limit(limit)
		if s.postgres() {
			query = query.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"})
		}
		if err := query.Find(&entries).Error; err != nil || len(entries) == 0 {
			return err
		}
		ids := make([]string, len(entries))
		for i, entry := range entries {
			ids[i] = entry.ID
		}
		return tx.Model(&models.OutboxEntry{}).Where("id IN ?", ids).
			Updates(map[string]any{"due_at": s.now().Add(lease), "tries": gorm.Expr("tries + 1")}).Error
	})
	return entries, translate(err, "Outbox")
}

// DeleteOutbox takes back a promise that is kept; one that is gone is kept.
func (s *System) DeleteOutbox(ctx context.Context, id string) error {
	return translate(s.db.WithContext(ctx).Where("id = ?", id).Delete(&models.OutboxEntry{}).Error, "Outbox")
}
