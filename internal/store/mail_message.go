package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"decoded.digital/extractor/models"
)

// ListMessages reads a page of a mailbox's mail with its attachments, newest
// first, and how much there is in all.
func (s *Store) ListMessages(ctx context.Context, caller models.Caller, mailboxID string, f models.MessageFilter, p models.Page) ([]models.MailMessageDetail, int64, error) {
	if _, err := s.GetMailbox(ctx, caller, mailboxID); err != nil {
		return nil, 0, err
	}
	query := s.of(ctx, caller).Model(&models.MailMessage{}).Where("mailbox_id = ?", mailboxID)
	if f.State != "" {
		query = query.Where("state = ?", f.State)
	}
	if f.Search != "" {
		like := pattern(f.Search)
		query = query.Where(`(LOWER(subject) LIKE ? ESCAPE '\' OR LOWER(sender) LIKE ? ESCAPE '\')`, like, like)
	}
	rows, total, err := list[models.MailMessage](s.of(ctx, caller), query, p, noMail)
	if err != nil {
		return nil, 0, err
	}
	details, err := s.withAttachments(ctx, caller, rows)
	return details, total, err
}

func (s *Store) withAttachments(ctx context.Context, caller models.Caller, messages []models.MailMessage) ([]models.MailMessageDetail, error) {
	rows := make([]models.MailMessageDetail, len(messages))
	ids := make([]string, len(messages))
	for i, m := range messages {
		rows[i].MailMessage = m
		ids[i] = m.ID
	}
	var attachments []models.MailAttachment
	err := s.of(ctx, caller).Where("message_id IN ?", ids).Order("message_id, created_at, path").Find(&attachments).Error
	for _, a := range attachments {
		for i := range rows {
			if rows[i].ID == a.MessageID {
				rows[i].Attachments = append(rows[i].Attachments, a)
			}
		}
	}
	return rows, translate(err, noMail)
}

// ReplayMessage lets a mail be read once more, by its immutable id, which finds
// it wherever it was moved.
func (s *Store) ReplayMessage(ctx context.Context, caller models.Caller, mailboxID, id string) (models.MailMessageDetail, error) {
	var m models.MailMessage
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := s.lock(tx).Where("id = ? AND mailbox_id = ? AND tenant_id = ?", id, mailboxID, caller.TenantID).Take(&m).Error; err != nil {
			return err
		}
		now := s.now()
		m.State, m.Rule, m.Failure, m.Settled, m.Attempts, m.UpdatedAt = models.MessageWaiting, "", "", false, 0, now
		if err := tx.Model(&m).Select("State", "Rule", "Failure", "Settled", "Attempts", "UpdatedAt").UpdateColumns(&m).Error; err != nil {
			return err
		}
		item := models.MailItem{MailboxID: mailboxID, ItemID: m.ImmutableID, TenantID: m.TenantID, ReceivedAt: m.ReceivedAt, DueAt: now, MessageID: m.ID, CreatedAt: now}
		again := clause.OnConflict{
			Columns:   []clause.Column{{Name: "mailbox_id"}, {Name: "item_id"}},
			DoUpdates: clause.AssignmentColumns([]string{"state", "attempts", "due_at"}),
		}
		if err := tx.Where("mailbox_id = ? AND message_id = ? AND state = 'failed'", mailboxID, m.ID).Delete(&models.MailItem{}).Error; err != nil {
			return err
		}
		if err := tx.Clauses(again).Create(&item).Error; err != nil {
			return err
		}
		return tx.Model(&models.Mailbox{}).Where("id = ?", mailboxID).UpdateColumn("next_poll_at", now).Error
	})
	if err != nil {
		return models.MailMessageDetail{}, translate(err, noMail)
	}
	details, err := s.withAttachments(ctx, caller, []models.MailMessage{m})
	return details[0], err
}

// DueActions are the messages of a mailbox whose extractions have all completed,
// so that its action can be done.
func (s *System) DueActions(ctx context.Context, mailboxID string, limit int) ([]models.MailMessage, error) {
	var rows []models.MailMessage
	err := s.db.WithContext(ctx).Where("mailbox_id = ? AND action_due", mailboxID).Where(`NOT EXISTS (
		SELECT 1 FROM mail_attachments a JOIN extractions x ON x.id = a.extraction_id
		WHERE a.message_id = mail_messages.id AND x.status <> ?)`, models.StatusCompleted).Order("id").Limit(limit).Find(&rows).Error
	return rows, translate(err, noMail)
}

// ActionWaits says whether a mailbox has messages whose action will be due once
// their extractions, none of which has failed, have completed.
func (s *System) ActionWaits(ctx context.Context, mailboxID string) (bool, error) {
	var ids []string
	err := s.db.WithContext(ctx).Model(&models.MailMessage{}).Where("mailbox_id = ? AND action_due", mailboxID).Where(`NOT EXISTS (
		SELECT 1 FROM mail_attachments a JOIN extractions x ON x.id = a.extraction_id
		WHERE a.message_id = mail_messages.id AND x.status IN ?)`, failedStatuses()).Limit(1).Pluck("id", &ids).Error
	return len(ids) > 0, translate(err, noMail)
}

// EndAction says that a message's action is done.
func (s *System) EndAction(ctx context.Context, messageID string) error {
	return found(s.db.WithContext(ctx).Model(&models.MailMessage{}).Where("id = ?", messageID).UpdateColumn("action_due", false), noMail)
}

// emails reads the mail of extractions, by their ids; with the bodies where body
// is set.
func (s *Store) emails(ctx context.Context, tenantID string, ids []string, body bool) (map[string]*models.EmailView, error) {
	query := s.db.WithContext(ctx).Where("tenant_id = ? AND extraction_id IN ?", tenantID, ids)
	if !body {
		query = query.Select("extraction_id", "tenant_id", "email")
	}
	var rows []models.ExtractionEmail
	err := query.Find(&rows).Error
	views := make(map[string]*models.EmailView, len(rows))
	for i := range rows {
		views[rows[i].ExtractionID] = rows[i].View()
	}
	return views, translate(err, "Extraction")
}

// forgetEmail deletes the mail of a deleted extraction; the ledger still knows
// that its attachment was taken.
func forgetEmail(tx *gorm.DB, extractionID string) error {
	if err := tx.Where("extraction_id = ?", extractionID).Delete(&models.ExtractionEmail{}).Error; err != nil {
		return err
	}
	for _, column := range []string{"extraction_id", "duplicate_of"} {
		if err := tx.Model(&models.MailAttachment{}).Where(column+" = ?", extractionID).UpdateColumn(column, nil).Error; err != nil {
			return err
		}
	}
	return nil
}
