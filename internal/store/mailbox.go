package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"decoded.digital/extractor/models"
)

const noMailbox = "Mailbox"

// CreateMailbox writes a folder that is to be watched; an account or a template
// that the tenant does not have is NotFound, a folder that is watched already a
// Conflict.
func (s *Store) CreateMailbox(ctx context.Context, caller models.Caller, m *models.Mailbox) error {
	if _, err := s.GetMailAccount(ctx, caller, m.AccountID); err != nil {
		return err
	}
	if err := s.haveDocuments(ctx, caller, m.Documents()); err != nil {
		return err
	}
	m.TenantID = caller.TenantID
	if m.Rules == nil {
		m.Rules = []models.MailRule{} // a list of none, not NULL
	}
	return translate(s.db.WithContext(ctx).Create(m).Error, noMailbox)
}

// GetMailbox reads a mailbox.
func (s *Store) GetMailbox(ctx context.Context, caller models.Caller, id string) (models.Mailbox, error) {
	var m models.Mailbox
	err := s.of(ctx, caller).Where("id = ?", id).Take(&m).Error
	return m, translate(err, noMailbox)
}

// ListMailboxes reads every mailbox, newest first.
func (s *Store) ListMailboxes(ctx context.Context, caller models.Caller) ([]models.Mailbox, error) {
	var rows []models.Mailbox
	err := s.of(ctx, caller).Order("created_at DESC, id DESC").Find(&rows).Error
	return rows, translate(err, noMailbox)
}

// UpdateMailbox replaces what of a mailbox can be changed, and lets it be read
// soon.
func (s *Store) UpdateMailbox(ctx context.Context, caller models.Caller, m *models.Mailbox) error {
	if err := s.haveDocuments(ctx, caller, m.Documents()); err != nil {
		return err
	}
	m.UpdatedAt, m.NextPollAt = s.now(), s.now()
	changed := s.of(ctx, caller).Model(&models.Mailbox{}).Where("id = ?", m.ID).
		Select("Rules", "Archives", "SkipDuplicates", "Action", "IsActive", "NextPollAt", "UpdatedAt").Updates(m)
	return found(changed, noMailbox)
}

// DeleteMailbox deletes a mailbox with its ledger; the extractions stay.
func (s *Store) DeleteMailbox(ctx context.Context, caller models.Caller, id string) error {
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var m models.Mailbox
		if err := tx.Where("id = ? AND tenant_id = ?", id, caller.TenantID).Take(&m).Error; err != nil {
			return err
		}
		return s.deleteMailboxes(tx, tx.Model(&models.Mailbox{}).Select("id").Where("id = ?", m.ID))
	})
	return translate(err, noMailbox)
}

// MailCounts counts what mailboxes have brought, by their ids.
func (s *Store) MailCounts(ctx context.Context, caller models.Caller, ids []string) (map[string]models.MailCounts, error) {
	counts := make(map[string]models.MailCounts, len(ids))
	var rows []struct {
		MailboxID string
		models.MailCounts
	}
	err := s.db.WithContext(ctx).Raw(mailCounts, map[string]any{"tenant": caller.TenantID, "ids": ids}).Scan(&rows).Error
	for _, row := range rows {
		counts[row.MailboxID] = row.MailCounts
	}
	return counts, translate(err, noMailbox)
}

const mailCounts = `
SELECT m.id AS mailbox_id,
  (SELECT COUNT(*) FROM mail_messages g WHERE g.mailbox_id = m.id) AS messages,
  (SELECT COUNT(*) FROM mail_items i WHERE i.mailbox_id = m.id AND i.state = '' AND NOT i.baseline) AS waiting,
  (SELECT COUNT(*) FROM mail_attachments a JOIN mail_messages g ON g.id = a.message_id WHERE g.mailbox_id = m.id AND a.taken) AS taken,
  (SELECT COUNT(*) FROM mail_items i WHERE i.mailbox_id = m.id AND i.state = 'failed') AS failed
FROM mailboxes m WHERE m.tenant_id = @tenant AND m.id IN @ids`

// ClaimMailboxes leases the mailboxes that are due: until the lease ends, no
// other worker gets them.
func (s *System) ClaimMailboxes(ctx context.Context, limit int, lease time.Duration) ([]models.Mailbox, error) {
	now, until := s.now(), s.now().Add(lease)
	var rows []models.Mailbox
	due := func(db *gorm.DB) *gorm.DB {
		return db.Where("is_active AND next_poll_at <= ? AND (lease_until IS NULL OR lease_until <= ?)", now, now)
	}
	var ids []string // most often there is none: no transaction is begun for that
	if err := due(s.db.WithContext(ctx)).Model(&models.Mailbox{}).Limit(1).Pluck("id", &ids).Error; err != nil || len(ids) == 0 {
		return nil, translate(err, noMailbox)
	}
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		query := due(tx).Order("next_poll_at").Limit(limit)
		if s.postgres() {
			query = query.Clauses(clause.Locking{Strength: "NO KEY UPDATE", Options: "SKIP LOCKED"})
		}
		if err := query.Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		ids = ids[:0]
		for i := range rows {
			rows[i].LeaseUntil = &until
			ids = append(ids, rows[i].ID)
		}
		return tx.Model(&models.Mailbox{}).Where("id IN ?", ids).UpdateColumns(map[string]any{"lease_until": until, "next_poll_at": until}).Error
	})
	return rows, translate(err, noMailbox)
}

// RenewLease keeps a mailbox for its worker; false: another has it, or it is gone.
func (s *System) RenewLease(ctx context.Context, m *models.Mailbox, lease time.Duration) (bool, error) {
	now, until := s.now(), s.now().Add(lease)
	changed := s.db.WithContext(ctx).Model(&models.Mailbox{}).Where("id = ? AND lease_until = ?", m.ID, m.LeaseUntil).UpdateColumns(map[string]any{
		"lease_until":  until,
		"next_poll_at": gorm.Expr("CASE WHEN next_poll_at > ? THEN ? ELSE next_poll_at END", now, until), // a notification's stays
	})
	if changed.Error == nil && changed.RowsAffected == 1 {
		m.LeaseUntil = &until
		return true, nil
	}
	return false, translate(changed.Error, noMailbox)
}

// ReleaseMailbox gives a mailbox back with what its reading came to. A
// notification that came meanwhile counts: it is then read at once. A lease that
// was lost changes nothing.
func (s *System) ReleaseMailbox(ctx context.Context, m *models.Mailbox, next time.Time) error {
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var at models.Mailbox
		if err := s.lock(tx).Select("id, next_poll_at").Where("id = ? AND lease_until = ?", m.ID, m.LeaseUntil).Take(&at).Error; err != nil {
			return err
		}
		m.NextPollAt, m.LeaseUntil = next, nil
		if !at.NextPollAt.After(s.now()) {
			m.NextPollAt = at.NextPollAt
		}
		columns := append(mailHealthColumns(), "NextPollAt", "LeaseUntil", "CatchingUp", "SweptAt")
		return tx.Model(&models.Mailbox{}).Where("id = ?", m.ID).Select(columns).UpdateColumns(m).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil
	}
	return translate(err, noMailbox)
}

// KeepSubscription keeps what Microsoft agreed to, or why it did not.
func (s *System) KeepSubscription(ctx context.Context, m *models.Mailbox) error {
	columns := []string{"SubscriptionID", "ClientStateHash", "SubscribedUntil", "SubscribeAt", "SubscribeFailure"}
	return found(s.db.WithContext(ctx).Model(&models.Mailbox{}).Where("id = ?", m.ID).Select(columns).UpdateColumns(m), noMailbox)
}

// Subscribed is a mailbox that Microsoft tells of, and what proves that it does.
type Subscribed struct {
	ID                string // the mailbox's
	SubscriptionID    string
	ClientStateHash   string
	MicrosoftTenantID string // the account's
}

// FindSubscriptions reads the mailboxes of subscriptions; what is unknown is
// left out.
func (s *System) FindSubscriptions(ctx context.Context, ids []string) ([]Subscribed, error) {
	var rows []Subscribed
	err := s.db.WithContext(ctx).Table("mailboxes AS m").Joins("JOIN mail_accounts a ON a.id = m.account_id").
		Select("m.id, m.subscription_id, m.client_state_hash, a.microsoft_tenant_id").
		Where("m.subscription_id IN ? AND m.subscription_id <> ''", ids).Find(&rows).Error
	return rows, translate(err, noMailbox)
}

// WakeMailboxes lets mailboxes be read now; with lost, their subscriptions are
// looked after, and all of their newest mail looked through.
func (s *System) WakeMailboxes(ctx context.Context, ids []string, lost bool) error {
	if len(ids) == 0 {
		return nil
	}
	values := map[string]any{"next_poll_at": s.now()}
	if lost {
		values["subscribe_at"], values["swept_at"] = s.now(), time.Unix(0, 0).UTC()
	}
	return translate(s.db.WithContext(ctx).Model(&models.Mailbox{}).Where("id IN ?", ids).UpdateColumns(values).Error, noMailbox)
}

// MailboxesOf reads the mailboxes of an account.
func (s *Store) MailboxesOf(ctx context.Context, caller models.Caller, accountID string) ([]models.Mailbox, error) {
	var rows []models.Mailbox
	err := s.of(ctx, caller).Where("account_id = ?", accountID).Find(&rows).Error
	return rows, translate(err, noMailbox)
}
