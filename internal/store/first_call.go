package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"decoded.digital/extractor/models"
)

const (
	// lineBatch is how many first calls of a webhook are made at a time: enough to
	// be worth the transactions around them.
	lineBatch = 100
	// retriesAtOnce is how many of a webhook's places its line leaves to retries
	// that want them: it gets on by one at least.
	retriesAtOnce = callsAtOnce - 1
	// linesOfATenant is how many of a tenant's lines are called at a time.
	linesOfATenant = 20
)

// Line is what of a webhook's deliveries is to be called for the first time now,
// in their order and no more than Places at a time: as long as its lease lasts,
// nobody else calls them.
type Line struct {
	Webhook    models.Webhook
	Deliveries []models.Delivery
}

// Places is how many calls may be made at a time.
func (l *Line) Places() int { return l.Webhook.LinePlaces }

// inLine is a delivery that waits for its first call: it has no run, and stays
// here whatever becomes of who calls it, until the end of that call is kept.
const inLine = `state = 'pending' AND tries = 0 AND NOT manual`

// ListLines finds the webhooks whose line may be called and that nobody calls: one
// of each tenant, then the second of each, and so on; of a tenant's first those
// that were not called for longest.
func (s *System) ListLines(ctx context.Context, limit int) ([]string, error) {
	var ids []string
	err := s.db.WithContext(ctx).Raw(`
SELECT id FROM (
  SELECT id, served, busy, ROW_NUMBER() OVER (PARTITION BY tenant_id ORDER BY served, id) AS place FROM (
    SELECT w.id, w.tenant_id, w.line_until, COALESCE(w.line_until, w.created_at) AS served,
      SUM(CASE WHEN w.line_until > @now THEN 1 ELSE 0 END) OVER (PARTITION BY w.tenant_id) AS busy
    FROM webhooks w WHERE (w.probe_at IS NULL OR w.probe_at <= @now)
      AND EXISTS (SELECT 1 FROM deliveries d WHERE d.webhook_id = w.id AND `+inLine+`)
  ) lines WHERE line_until IS NULL OR line_until <= @now
) free WHERE place + busy <= @most ORDER BY place, served, id LIMIT @limit`,
		map[string]any{"now": s.now(), "most": linesOfATenant, "limit": limit}).Find(&ids).Error
	return ids, translate(err, "Webhook")
}

// idleLines counts the deliveries older than before that wait for their first call
// while nobody has called their webhook since, though it may be called; created is
// the oldest's.
func (s *Store) idleLines(ctx context.Context, before time.Time) (count int64, created time.Time, err error) {
	var oldest []models.Delivery
	idle := s.db.WithContext(ctx).Model(&models.Delivery{}).Where(inLine).Where(`created_at < ? AND EXISTS (
		SELECT 1 FROM webhooks w WHERE w.id = webhook_id AND w.probe_at IS NULL AND (w.line_until IS NULL OR w.line_until < ?))`, before, before)
	if err := idle.Session(&gorm.Session{}).Count(&count).Error; err != nil || count == 0 {
		return 0, created, translate(err, "Delivery")
	}
	if err := idle.Order("created_at").Limit(1).Find(&oldest).Error; err != nil || len(oldest) == 0 {
		return 0, created, translate(err, "Delivery")
	}
	return count, oldest[0].CreatedAt, nil
}

// TakeLine takes a webhook's line for as long as lease, unless EndCalls gives it
// back. Of one whose breaker is open it gives one delivery a minute, and none if a
// retry is about to be made; of one that is switched off the deliveries end. A line
// without deliveries was not taken.
func (s *System) TakeLine(ctx context.Context, webhookID string, lease time.Duration) (Line, error) {
	var line Line
	refused := 0
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		w, now := &line.Webhook, s.now()
		free := s.lock(tx).Where("id = ? AND (line_until IS NULL OR line_until <= ?)", webhookID, now).Limit(1).Find(w)
		if free.Error != nil || free.RowsAffected == 0 {
			return free.Error
		}
		limit, err := s.lineRoom(tx, w)
		if err != nil || limit == 0 {
			return err
		}
		if err := tx.Where("webhook_id = ?", w.ID).Where(inLine).Order("created_at, id").Limit(limit).Find(&line.Deliveries).Error; err != nil || len(line.Deliveries) == 0 {
			return err
		}
		if !w.IsActive {
			refused = len(line.Deliveries)
			return s.refuseAll(tx, line.Deliveries)
		}
		until := now.Add(lease)
		w.LineUntil = &until
		return tx.Model(w).Select("LineUntil", "LinePlaces", "ProbeAt").UpdateColumns(w).Error
	})
	if err == nil && refused > 0 {
		s.countDelivery(ctx, models.DeliveryFailed, int64(refused))
		line.Deliveries = nil
	}
	return line, translate(err, "Webhook")
}

// lineRoom is how many first calls may be made; it says in w how many of them at a
// time, and takes the breaker's probe.
func (s *System) lineRoom(tx *gorm.DB, w *models.Webhook) (int, error) {
	now, wait := s.now(), busyWait
	if w.ProbeAt != nil {
		wait = 2 * models.ProbeEvery
	}
	var retries int64 // that are being made, or wait for a place
	err := tx.Model(&models.Delivery{}).
		Where("webhook_id = ? AND next_attempt_at BETWEEN ? AND ?", w.ID, now.Add(-2*models.ProbeEvery), now.Add(wait)).Count(&retries).Error
	if err != nil {
		return 0, err
	}
	w.LinePlaces = callsAtOnce - int(min(retries, retriesAtOnce))
	switch {
	case w.ProbeAt == nil || !w.IsActive:
		return lineBatch, nil
	case w.ProbeAt.After(now) || retries > 0:
		return 0, nil
	}
	probe := now.Add(models.ProbeEvery)
	w.ProbeAt = &probe
	return 1, nil
}

// refuseAll ends deliveries without a call.
func (s *System) refuseAll(tx *gorm.DB, rows []models.Delivery) error {
	for i := range rows {
		if err := s.refuse(tx, &rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// FirstCall is the first call of a delivery's round, which has ended.
type FirstCall struct {
	Delivery models.Delivery
	Call     Call
}

// EndCalls keeps the first calls of a line that were taken, all of them successes,
// with what EndCall does for each, and gives the line back at the given time, if
// nobody else has it by now: as one.
func (s *System) EndCalls(ctx context.Context, line *Line, taken []FirstCall, back time.Time) error {
	var ended int64
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
		left, columns := models.Webhook{LineUntil: &back}, []string{"LineUntil"}
		if len(taken) > 0 {
			left.CallSucceeded()
			columns = append(columns, healthColumns()...)
		}
		mine := tx.Model(&left).Where("id = ? AND line_until = ?", line.Webhook.ID, line.Webhook.LineUntil)
		if err := mine.Select(columns).UpdateColumns(&left).Error; err != nil || len(taken) == 0 {
			return err
		}
		ended, err = s.keepTaken(tx, taken)
		return err
	})
	if err == nil && ended > 0 {
		s.countDelivery(ctx, models.DeliverySucceeded, ended)
	}
	return translate(err, "Delivery")
}

// keepTaken is keepAttempt for many deliveries of one webhook and their first
// attempts, which succeeded. It answers how many those ended.
func (s *System) keepTaken(tx *gorm.DB, taken []FirstCall) (int64, error) {
	ids, attempts := make([]string, len(taken)), make([]models.DeliveryAttempt, len(taken))
	for i, c := range taken {
		ids[i], attempts[i] = c.Delivery.ID, c.Call.Attempt
		attempts[i].TenantID, attempts[i].DeliveryID, attempts[i].Number = c.Delivery.TenantID, c.Delivery.ID, 1
	}
	if err := tx.Create(&attempts).Error; err != nil {
		return 0, err
	}
	// Not by inLine, whose index Postgres would read whole for these few.
	ended := tx.Model(&models.Delivery{}).Where("id IN ? AND state = ? AND round = 1", ids, models.DeliveryPending).
		UpdateColumns(map[string]any{"state": models.DeliverySucceeded, "tries": 1, "updated_at": s.now()})
	return ended.RowsAffected, ended.Error
}

// EndFirstCall is EndCall for a delivery of a line; if it goes on, its run is
// promised.
func (s *System) EndFirstCall(ctx context.Context, d *models.Delivery, call Call) error {
	return s.endCall(ctx, d, call, func(tx *gorm.DB) error {
		entry := s.deliveryEntry(ctx, d)
		return tx.Create(&entry).Error
	})
}
