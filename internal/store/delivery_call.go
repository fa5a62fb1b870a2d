package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"decoded.digital/extractor/models"
)

const (
	// callsAtOnce is how many calls of one webhook are made at a time.
	callsAtOnce = 5
	// busyWait is how long a delivery waits where they all are being made.
	busyWait = 5 * time.Second
	// switchedOff is why a call was not made.
	switchedOff = "the webhook was switched off before this call"
)

// Turn says what may be done about a delivery now.
type Turn struct {
	Delivery models.Delivery
	Webhook  models.Webhook
	// Over: nothing is left to do; it ended, or another round took its place.
	Over bool
	// Wait, where it is not 0, is how long no call may be made: the webhook's
	// places are taken, or its breaker is open.
	Wait time.Duration
}

// BeginCall takes one of the webhook's places for a call of the delivery, for as
// long as lease unless EndCall gives it back. Of a webhook whose breaker is open
// it lets one call a minute through. A webhook that is switched off ends the
// delivery, unless a user asked for it.
func (s *System) BeginCall(ctx context.Context, id string, round int, lease time.Duration) (Turn, error) {
	var turn Turn
	var refused bool
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		d, w := &turn.Delivery, &turn.Webhook
		if err := tx.Where("id = ?", id).Take(d).Error; err != nil {
			return err
		}
		if err := s.lock(tx).Where("id = ?", d.WebhookID).Take(w).Error; err != nil {
			return err
		}
		if d.State != models.DeliveryPending || d.Round != round {
			turn.Over = true
			return nil
		}
		if !w.IsActive && !d.Manual {
			turn.Over, refused = true, true
			return s.refuse(tx, d)
		}
		var err error
		if turn.Wait, err = s.mayCall(tx, d, w); err != nil {
			return err
		}
		next, until := s.now().Add(turn.Wait), s.now().Add(lease)
		d.NextAttemptAt, d.CallingUntil = &next, &until
		if turn.Wait > 0 {
			d.CallingUntil = nil
		}
		return tx.Model(d).Select("NextAttemptAt", "CallingUntil").UpdateColumns(d).Error
	})
	if err == nil && refused {
		s.countDelivery(ctx, models.DeliveryFailed, 1)
	}
	return turn, translate(err, "Delivery")
}

// mayCall says how long a call must wait, and takes the breaker's probe.
func (s *System) mayCall(tx *gorm.DB, d *models.Delivery, w *models.Webhook) (time.Duration, error) {
	now := s.now()
	if w.ProbeAt != nil && w.ProbeAt.After(now) && !d.Manual {
		return w.ProbeAt.Sub(now), nil
	}
	var calls int64
	err := tx.Model(&models.Delivery{}).Where("webhook_id = ? AND calling_until > ? AND id <> ?", w.ID, now, d.ID).Count(&calls).Error
	if w.LineUntil != nil && w.LineUntil.After(now) {
		calls += int64(w.LinePlaces)
	}
	if err != nil || calls >= callsAtOnce {
		return busyWait, err
	}
	if w.ProbeAt == nil {
		return 0, nil
	}
	probe := now.Add(models.ProbeEvery)
	w.ProbeAt = &probe
	return 0, tx.Model(w).Select("ProbeAt").UpdateColumns(w).Error
}

// lock reads for update, but for SQLite, whose writing transactions are alone.
func (s *Store) lock(tx *gorm.DB) *gorm.DB {
	if s.postgres() {
		return tx.Clauses(clause.Locking{Strength: "NO KEY UPDATE"})
	}
	return tx
}

// refuse ends a delivery without a call.
func (s *System) refuse(tx *gorm.DB, d *models.Delivery) error {
	record := models.DeliveryAttempt{ID: models.NewID(s.now()), Error: switchedOff, CreatedAt: s.now()}
	_, err := s.keepAttempt(tx, d, Call{Attempt: record})
	return err
}

// Call is what a call came to.
type Call struct {
	Attempt models.DeliveryAttempt // its ids and number are the store's to set
	// Gone says that the receiver wants no more calls at all.
	Gone bool
	// Next is how long to wait until the next call; 0: there is none.
	Next time.Duration
}

// EndCall keeps an attempt, moves its delivery on, and judges the health of its
// webhook by it: as one. The delivery is as BeginCall gave it.
func (s *System) EndCall(ctx context.Context, d *models.Delivery, call Call) error {
	return s.endCall(ctx, d, call, func(*gorm.DB) error { return nil })
}

// endCall is EndCall; goesOn is called if the delivery does.
func (s *System) endCall(ctx context.Context, d *models.Delivery, call Call, goesOn func(*gorm.DB) error) error {
	delivered := call.Attempt.Error == ""
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := s.judge(tx, d.WebhookID, delivered, call.Gone); err != nil {
			return err
		}
		kept, err := s.keepAttempt(tx, d, call)
		if err != nil || !kept || d.State != models.DeliveryPending {
			return err
		}
		return goesOn(tx)
	})
	if err == nil && d.State != models.DeliveryPending {
		s.countDelivery(ctx, d.State, 1)
	}
	return translate(err, "Delivery")
}

// keepAttempt writes the attempt and what it makes of the delivery, and answers
// whether it made anything: a call that its worker lost may end after the one that
// was made in its place.
func (s *System) keepAttempt(tx *gorm.DB, d *models.Delivery, call Call) (bool, error) {
	record, now := call.Attempt, s.now()
	record.TenantID, record.DeliveryID = d.TenantID, d.ID
	numbered := tx.Model(&models.DeliveryAttempt{}).Where("delivery_id = ?", d.ID).Select("COALESCE(MAX(number), 0) + 1").Scan(&record.Number)
	if numbered.Error != nil {
		return false, numbered.Error
	}
	if err := tx.Create(&record).Error; err != nil {
		return false, err
	}
	d.Tries, d.CallingUntil, d.NextAttemptAt, d.UpdatedAt = d.Tries+1, nil, nil, now
	switch {
	case record.Error == "":
		d.State = models.DeliverySucceeded
	case call.Next > 0:
		next := now.Add(call.Next)
		d.NextAttemptAt = &next
	default:
		d.State = models.DeliveryFailed
	}
	kept := tx.Model(d).Where("state = ? AND round = ?", models.DeliveryPending, d.Round).
		Select("State", "Tries", "CallingUntil", "NextAttemptAt", "UpdatedAt").UpdateColumns(d)
	return kept.RowsAffected > 0, kept.Error
}

// judge takes note of a call in the webhook's health. A success of a healthy one
// changes nothing, and locks no row.
func (s *System) judge(tx *gorm.DB, webhookID string, delivered, gone bool) error {
	var w models.Webhook
	if delivered {
		w.CallSucceeded()
		return tx.Model(&w).Where("id = ? AND failures > 0", webhookID).Select(healthColumns()).UpdateColumns(&w).Error
	}
	if err := s.lock(tx).Where("id = ?", webhookID).Take(&w).Error; err != nil {
		return err
	}
	wasActive := w.IsActive
	w.CallFailed(s.now(), gone)
	w.UpdatedAt = s.now()
	if err := tx.Model(&w).Select(append(healthColumns(), "IsActive", "StopReason")).UpdateColumns(&w).Error; err != nil {
		return err
	}
	if wasActive && !w.IsActive {
		return s.tellOthers(tx, &w)
	}
	return nil
}

func healthColumns() []string {
	return []string{"Failures", "FailingSince", "LastFailureAt", "ProbeAt"}
}
