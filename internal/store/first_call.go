package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"decoded.digital/extractor/models"
)

// Turns are the first calls of one webhook's deliveries, to be made in their order
// and no more than Places of them at a time.
type Turns struct {
	Webhook    models.Webhook
	Places     int
	Deliveries []models.Delivery
}

// BeginCalls is BeginCall for the first calls of many deliveries, and fixes the
// bodies that render writes for them. It passes over those that have ended or
// were called before, whose webhook has no place or an open breaker, and events
// of no extraction.
func (s *System) BeginCalls(ctx context.Context, ids []string, lease time.Duration, render func(*models.Delivery, *models.ExtractionDetail) ([]byte, error)) ([]Turns, error) {
	rows, err := s.firstCalls(ctx, ids)
	if err != nil || len(rows) == 0 {
		return nil, translate(err, "Delivery")
	}
	if err := s.renderAll(ctx, rows, render); err != nil {
		return nil, err
	}
	var turns []Turns
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
		if turns, err = s.places(tx, rows); err != nil {
			return err
		}
		return s.takePlaces(tx, turns, s.now(), lease)
	})
	return turns, translate(err, "Delivery")
}

// rowsAtOnce keeps a statement with bodies in it small.
const rowsAtOnce = 50

// takePlaces takes the places of the calls and keeps their bodies, and leaves out
// the deliveries that were begun elsewhere since they were read.
func (s *System) takePlaces(tx *gorm.DB, turns []Turns, now time.Time, lease time.Duration) error {
	bytes := "blob"
	if s.postgres() {
		bytes = "bytea"
	}
	until := now.Add(lease)
	for i := range turns {
		var kept []models.Delivery
		for rows := range slices.Chunk(turns[i].Deliveries, rowsAtOnce) {
			values, arguments := make([]string, len(rows)), []any{now, until}
			for j, d := range rows {
				values[j] = "(?, CAST( ? AS " + bytes + "))" // gorm writes a slice right behind a parenthesis as a list
				arguments = append(arguments, d.ID, d.Payload)
			}
			var begun []string
			err := tx.Raw(`UPDATE deliveries SET payload = v.column2, next_attempt_at = ?, calling_until = ? FROM (VALUES `+strings.Join(values, ", ")+
				`) AS v WHERE id = v.column1 AND `+uncalled+` RETURNING id`, append(arguments, models.DeliveryPending, now)...).Find(&begun).Error
			if err != nil {
				return err
			}
			for _, d := range rows {
				if slices.Contains(begun, d.ID) {
					d.NextAttemptAt, d.CallingUntil = &now, &until
					kept = append(kept, d)
				}
			}
		}
		turns[i].Deliveries = kept
	}
	return nil
}

// uncalled is a delivery that no call was made of. A nil payload is NULL in
// Postgres and empty in SQLite.
const uncalled = `state = ? AND round = 1 AND tries = 0 AND extraction_id IS NOT NULL AND NOT manual
	AND (payload IS NULL OR LENGTH(payload) = 0) AND (calling_until IS NULL OR calling_until <= ?)`

func (s *System) firstCalls(ctx context.Context, ids []string) ([]models.Delivery, error) {
	var rows []models.Delivery
	err := s.db.WithContext(ctx).Where("id IN ?", ids).Where(uncalled, models.DeliveryPending, s.now()).Order("created_at, id").Find(&rows).Error
	return rows, err
}

// renderAll writes the bodies of the deliveries whose extraction is still there.
func (s *System) renderAll(ctx context.Context, rows []models.Delivery, render func(*models.Delivery, *models.ExtractionDetail) ([]byte, error)) error {
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = *rows[i].ExtractionID
	}
	var extractions []models.Extraction
	if err := s.db.WithContext(ctx).Where("id IN ?", ids).Find(&extractions).Error; err != nil {
		return translate(err, "Extraction")
	}
	details, err := s.details(ctx, extractions)
	if err != nil {
		return err
	}
	of := make(map[string]*models.ExtractionDetail, len(details))
	for i := range details {
		of[details[i].ID] = &details[i]
	}
	for i := range rows {
		if x := of[*rows[i].ExtractionID]; x != nil {
			if rows[i].Payload, err = render(&rows[i], x); err != nil {
				return err
			}
		}
	}
	return nil
}

// places locks the deliveries' webhooks, in one order for all, and answers those
// that have a place, with what is to be sent to them.
func (s *System) places(tx *gorm.DB, rows []models.Delivery) ([]Turns, error) {
	of := make(map[string][]models.Delivery)
	for _, d := range rows {
		if len(d.Payload) > 0 {
			of[d.WebhookID] = append(of[d.WebhookID], d)
		}
	}
	ids := slices.Collect(maps.Keys(of))
	var hooks []models.Webhook
	if err := s.lock(tx).Where("id IN ? AND is_active AND probe_at IS NULL", ids).Order("id").Find(&hooks).Error; err != nil {
		return nil, err
	}
	var calls []struct {
		WebhookID string
		Calls     int
	}
	err := tx.Model(&models.Delivery{}).Where("webhook_id IN ? AND calling_until > ?", ids, s.now()).
		Select("webhook_id, COUNT(*) AS calls").Group("webhook_id").Scan(&calls).Error
	if err != nil {
		return nil, err
	}
	taken := make(map[string]int, len(calls))
	for _, c := range calls {
		taken[c.WebhookID] = c.Calls
	}
	var turns []Turns
	for _, w := range hooks {
		if places := callsAtOnce - taken[w.ID]; places > 0 {
			turns = append(turns, Turns{Webhook: w, Places: places, Deliveries: of[w.ID]})
		}
	}
	return turns, nil
}

// ReleaseCalls puts deliveries whose call was begun and not made back into the
// line, with the entries that promise them.
func (s *System) ReleaseCalls(ctx context.Context, deliveryIDs []string) error {
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		released := tx.Model(&models.Delivery{}).Where("id IN ? AND state = ? AND tries = 0", deliveryIDs, models.DeliveryPending).
			UpdateColumns(map[string]any{"calling_until": nil, "next_attempt_at": nil, "started_at": nil, "payload": nil})
		if released.Error != nil {
			return released.Error
		}
		return tx.Model(&models.OutboxEntry{}).Where("kind = ? AND subject_id IN ?", models.OutboxStartDelivery, deliveryIDs).
			UpdateColumns(map[string]any{"due_at": s.now(), "tries": 0}).Error
	})
	return translate(err, "Delivery")
}

// FirstCall is a call that BeginCalls began and that has ended, with the outbox
// entry that promised it.
type FirstCall struct {
	EntryID  string
	Delivery models.Delivery
	Call     Call
}

// EndCalls keeps the attempts of calls that were taken, all of them successes,
// with what EndCall does for each, and takes back what promised them: as one.
func (s *System) EndCalls(ctx context.Context, calls []FirstCall) error {
	var hooks, deliveries, entries []string
	var attempts []models.DeliveryAttempt
	for _, c := range calls {
		c.Call.Attempt.TenantID, c.Call.Attempt.DeliveryID, c.Call.Attempt.Number = c.Delivery.TenantID, c.Delivery.ID, 1
		attempts = append(attempts, c.Call.Attempt)
		hooks, deliveries, entries = append(hooks, c.Delivery.WebhookID), append(deliveries, c.Delivery.ID), append(entries, c.EntryID)
	}
	slices.Sort(hooks)
	var ended int64
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		for _, id := range slices.Compact(hooks) {
			if err := s.judge(tx, id, true, false); err != nil {
				return err
			}
		}
		if err := tx.Create(&attempts).Error; err != nil {
			return err
		}
		taken := tx.Model(&models.Delivery{}).Where("id IN ? AND state = ? AND round = 1", deliveries, models.DeliveryPending).
			UpdateColumns(map[string]any{
				"state": models.DeliverySucceeded, "tries": 1, "calling_until": nil, "next_attempt_at": nil, "updated_at": s.now(),
			})
		if taken.Error != nil {
			return taken.Error
		}
		ended = taken.RowsAffected
		return tx.Where("id IN ?", entries).Delete(&models.OutboxEntry{}).Error
	})
	if err == nil && ended > 0 {
		s.countDelivery(ctx, models.DeliverySucceeded, ended)
	}
	return translate(err, "Delivery")
}
