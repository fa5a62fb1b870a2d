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

const (
	// startedAhead is how many deliveries of a webhook may be on their way to
	// their first call: enough to be worth a transaction. The next are taken once
	// those have left one of its places empty; they wait here, where waiting costs
	// nothing and delays nobody.
	startedAhead = 8 * callsAtOnce
	// startedFor is how long one counts as that.
	startedFor = time.Minute
)

// ClaimOutbox leases the entries that are due: until the lease ends, no other
// relay gets them. Of each webhook's deliveries it takes some at a time, of each
// tenant's in turn with the other tenants', and none of a webhook whose breaker is
// open but for a probe.
func (s *System) ClaimOutbox(ctx context.Context, limit int, lease time.Duration) ([]models.OutboxEntry, error) {
	var entries []models.OutboxEntry
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		now := s.now()
		var ids []string
		if err := tx.Raw(dueDeliveries, s.dueDeliveries(now, limit)).Find(&ids).Error; err != nil {
			return err
		}
		query := tx.Where("due_at <= ? AND (webhook_id = '' OR id IN ?)", now, ids).Order("due_at").Limit(limit)
		if s.postgres() {
			query = query.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"})
		}
		if err := query.Find(&entries).Error; err != nil || len(entries) == 0 {
			return err
		}
		return s.take(tx, entries, now.Add(lease))
	})
	return entries, translate(err, "Outbox")
}

// dueDeliveries finds the promised deliveries that may be started: the oldest of
// each webhook, as many as it has room for; one of each tenant, then the second of
// each, and so on. An open breaker has room for one where its probe is due and no
// delivery that is on its way is about to make it.
const dueDeliveries = `
SELECT id FROM (
  SELECT o.id, o.tenant_id, o.due_at, ROW_NUMBER() OVER (PARTITION BY o.webhook_id ORDER BY o.due_at, o.id) AS place,
    CASE WHEN w.probe_at IS NOT NULL THEN CASE WHEN COALESCE(p.soon, 0) = 0 THEN 1 ELSE 0 END
      WHEN COALESCE(p.begun, 0) < @places THEN @ahead - COALESCE(p.begun, 0) ELSE 0 END AS room
  FROM outbox o JOIN webhooks w ON w.id = o.webhook_id LEFT JOIN (
    SELECT webhook_id, SUM(CASE WHEN tries = 0 AND started_at > @begun THEN 1 ELSE 0 END) AS begun,
      SUM(CASE WHEN COALESCE(next_attempt_at, started_at) BETWEEN @past AND @soon THEN 1 ELSE 0 END) AS soon
    FROM deliveries WHERE state = 'pending' AND started_at IS NOT NULL GROUP BY webhook_id
  ) p ON p.webhook_id = o.webhook_id
  WHERE o.kind = 'start-delivery' AND o.webhook_id <> '' AND o.due_at <= @now AND (w.probe_at IS NULL OR w.probe_at <= @now)
) due WHERE place <= room
ORDER BY ROW_NUMBER() OVER (PARTITION BY tenant_id ORDER BY place, due_at, id), due_at LIMIT @limit`

// unkept is the outbox without the deliveries that stand in line behind others of
// their webhook: it is not the relay that they wait for.
func (s *Store) unkept(ctx context.Context) *gorm.DB {
	return s.db.WithContext(ctx).Where(`webhook_id = '' OR NOT EXISTS (
		SELECT 1 FROM webhooks w WHERE w.id = outbox.webhook_id AND (w.probe_at IS NOT NULL OR EXISTS (
			SELECT 1 FROM deliveries d WHERE d.webhook_id = w.id AND d.state = 'pending' AND d.started_at IS NOT NULL)))`)
}

func (s *System) dueDeliveries(now time.Time, limit int) map[string]any {
	return map[string]any{
		"now": now, "ahead": startedAhead, "places": callsAtOnce, "begun": now.Add(-startedFor), "limit": limit,
		"past": now.Add(-2 * models.ProbeEvery), "soon": now.Add(2 * models.ProbeEvery),
	}
}

// take leases entries, and takes note of the deliveries that begin by them.
func (s *System) take(tx *gorm.DB, entries []models.OutboxEntry, until time.Time) error {
	ids := make([]string, len(entries))
	var deliveries []string
	for i, entry := range entries {
		ids[i] = entry.ID
		if entry.Kind == models.OutboxStartDelivery {
			deliveries = append(deliveries, entry.SubjectID)
		}
	}
	err := tx.Model(&models.OutboxEntry{}).Where("id IN ?", ids).
		Updates(map[string]any{"due_at": until, "tries": gorm.Expr("tries + 1")}).Error
	if err != nil || len(deliveries) == 0 {
		return err
	}
	return tx.Model(&models.Delivery{}).Where("id IN ?", deliveries).UpdateColumn("started_at", s.now()).Error
}

// DeleteOutbox takes back a promise that is kept; one that is gone is kept.
func (s *System) DeleteOutbox(ctx context.Context, id string) error {
	return translate(s.db.WithContext(ctx).Where("id = ?", id).Delete(&models.OutboxEntry{}).Error, "Outbox")
}
