package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"decoded.digital/extractor/models"
)

const noMail = "Mail"

// MailCursor is where a mailbox's reading stands.
type MailCursor struct {
	Link        string
	Based, Over bool
}

// LoadCursor reads where a mailbox's reading goes on.
func (s *System) LoadCursor(ctx context.Context, mailboxID string) (MailCursor, error) {
	var c MailCursor
	err := s.db.WithContext(ctx).Model(&models.Mailbox{}).Select("link, based, over").Where("id = ?", mailboxID).Take(&c).Error
	return c, translate(err, noMailbox)
}

// SaveMailPage stores a page's items, those that are known stay as they are, and
// the next cursor, as one. Where the cursor is not from any more, it stores
// nothing. added counts new items.
func (s *System) SaveMailPage(ctx context.Context, mailboxID string, from, next MailCursor, items []models.MailItem) (added int, err error) {
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		won := tx.Model(&models.Mailbox{}).Where("id = ? AND link = ? AND based = ? AND over = ?", mailboxID, from.Link, from.Based, from.Over).
			UpdateColumns(map[string]any{"link": next.Link, "based": next.Based, "over": next.Over})
		if won.Error != nil || won.RowsAffected == 0 || len(items) == 0 {
			return won.Error
		}
		created := tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(items, 100)
		added = int(created.RowsAffected)
		return created.Error
	})
	if err != nil {
		added = 0
	}
	return added, translate(err, noMailbox)
}

// PendingMail are the items that are to be read, the oldest first.
func (s *System) PendingMail(ctx context.Context, mailboxID string, now time.Time, limit int) ([]models.MailItem, error) {
	var items []models.MailItem
	err := s.db.WithContext(ctx).Where("mailbox_id = ? AND state = '' AND NOT baseline AND due_at <= ?", mailboxID, now).
		Order("due_at, received_at, item_id").Limit(limit).Find(&items).Error
	return items, translate(err, noMail)
}

// NextMail is when the next item is due that was put off; nil: none was.
func (s *System) NextMail(ctx context.Context, mailboxID string) (*time.Time, error) {
	var items []models.MailItem
	err := s.db.WithContext(ctx).Select("due_at").Where("mailbox_id = ? AND state = '' AND NOT baseline", mailboxID).Order("due_at").Limit(1).Find(&items).Error
	if err != nil || len(items) == 0 {
		return nil, translate(err, noMail)
	}
	return &items[0].DueAt, nil
}

// KeepMail stores a message, unless it is there, and reads what is known of it:
// the row, and the paths that were taken.
func (s *System) KeepMail(ctx context.Context, m models.MailMessage) (models.MailMessage, map[string]bool, error) {
	taken := map[string]bool{}
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		unique := clause.OnConflict{Columns: []clause.Column{{Name: "account_id"}, {Name: "address"}, {Name: "immutable_id"}}, DoNothing: true}
		if err := tx.Clauses(unique).Create(&m).Error; err != nil {
			return err
		}
		var known models.MailMessage
		if err := tx.Where("account_id = ? AND address = ? AND immutable_id = ?", m.AccountID, m.Address, m.ImmutableID).Take(&known).Error; err != nil {
			return err
		}
		m = known
		var paths []string
		err := tx.Model(&models.MailAttachment{}).Where("message_id = ? AND taken", m.ID).Pluck("path", &paths).Error
		for _, path := range paths {
			taken[path] = true
		}
		return err
	})
	return m, taken, translate(err, noMail)
}

// CountPicture counts the other messages of the sender that had a picture with
// this SHA-256.
func (s *System) CountPicture(ctx context.Context, m *models.MailMessage, sha256 string) (int, error) {
	var count int64
	err := s.db.WithContext(ctx).Table("mail_attachments AS a").Joins("JOIN mail_messages g ON g.id = a.message_id").
		Where("a.sha256 = ? AND g.tenant_id = ? AND g.account_id = ? AND g.address = ? AND g.sender = ? AND g.immutable_id <> ?",
			sha256, m.TenantID, m.AccountID, m.Address, m.Sender, m.ImmutableID).
		Distinct("g.id").Count(&count).Error
	return int(count), translate(err, noMail)
}

// MailEnd is how the reading of an item ended.
type MailEnd struct {
	MailboxID, ItemID string
	State             string // the item's
	// Known says that the message was settled before: it stays as it is.
	Known       bool
	Message     models.MailMessage // its keys, and what is to be kept of it; no ImmutableID: it was not learned
	Attachments []models.MailAttachment
}

// SettleMail ends an item, its message, and what was decided about its
// attachments, as one. What was taken stays taken.
func (s *System) SettleMail(ctx context.Context, end MailEnd) error {
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		m, err := s.messageOf(tx, &end)
		if err != nil {
			return err
		}
		item := map[string]any{"state": end.State, "message_id": m.ID}
		if err := tx.Model(&models.MailItem{}).Where("mailbox_id = ? AND item_id = ?", end.MailboxID, end.ItemID).UpdateColumns(item).Error; err != nil {
			return err
		}
		if m.ID == "" || end.Known {
			return nil
		}
		if err := s.keepAttachments(tx, &m, end.Attachments); err != nil {
			return err
		}
		if end.Message.ActionDue {
			var box models.Mailbox
			if err := tx.Select("action").Where("id = ?", m.MailboxID).Take(&box).Error; err != nil {
				return err
			}
			end.Message.ActionDue = box.Action.Kind != models.MailActionNone
		}
		m.State, m.Rule, m.Failure, m.Settled = end.Message.State, end.Message.Rule, end.Message.Failure, end.Message.Settled
		m.Attempts, m.ActionDue, m.UpdatedAt = end.Message.Attempts, end.Message.ActionDue, s.now()
		return tx.Model(&m).Select("State", "Rule", "Failure", "Settled", "Attempts", "ActionDue", "UpdatedAt").UpdateColumns(&m).Error
	})
	if err == nil {
		s.countMail(ctx, end.State, 1)
	}
	return translate(err, noMail)
}

// messageOf is the message of an item that ends, zero where there is none.
// Where its immutable id was not learned it is the one that is read once more. A
// mail that was never read has a row all the same, under its default id, so that
// it is seen and can be read again; that row gives way to the real one.
func (s *System) messageOf(tx *gorm.DB, end *MailEnd) (m models.MailMessage, err error) {
	var item models.MailItem
	if err := tx.Where("mailbox_id = ? AND item_id = ?", end.MailboxID, end.ItemID).Limit(1).Find(&item).Error; err != nil {
		return m, err
	}
	var before models.MailMessage
	if item.MessageID != "" {
		if err := tx.Where("id = ?", item.MessageID).Limit(1).Find(&before).Error; err != nil {
			return m, err
		}
	}
	learned, failed := end.Message.ImmutableID != "", end.Message.State == models.MessageFailed
	switch {
	case learned:
		if before.ImmutableID == end.ItemID && before.ImmutableID != end.Message.ImmutableID {
			if err := tx.Where("id = ?", before.ID).Delete(&models.MailMessage{}).Error; err != nil {
				return m, err
			}
		}
		return m, s.find(tx, &m, end.Message.AccountID, end.Message.Address, end.Message.ImmutableID)
	case before.ID != "" || !failed || item.ItemID == "":
		return before, nil
	}
	m = models.MailMessage{
		ID: models.NewID(s.now()), TenantID: item.TenantID, MailboxID: item.MailboxID, AccountID: end.Message.AccountID, Address: end.Message.Address,
		ImmutableID: item.ItemID, ReceivedAt: item.ReceivedAt, State: models.MessageFailed, CreatedAt: s.now(), UpdatedAt: s.now(),
	}
	return m, tx.Create(&m).Error
}

// find reads a message by its keys, if it is there.
func (s *System) find(tx *gorm.DB, m *models.MailMessage, account, address, immutable string) error {
	return tx.Where("account_id = ? AND address = ? AND immutable_id = ?", account, address, immutable).Limit(1).Find(m).Error
}

// keepAttachments writes decisions; those of before give way, but for what was
// taken, whose extraction stands in its row.
func (s *System) keepAttachments(tx *gorm.DB, m *models.MailMessage, attachments []models.MailAttachment) error {
	if len(attachments) == 0 {
		return nil
	}
	if err := tx.Where("message_id = ? AND NOT taken", m.ID).Delete(&models.MailAttachment{}).Error; err != nil {
		return err
	}
	for i := range attachments {
		attachments[i].MessageID, attachments[i].TenantID, attachments[i].CreatedAt = m.ID, m.TenantID, s.now()
	}
	taken := clause.OnConflict{
		Columns:   []clause.Column{{Name: "message_id"}, {Name: "path"}},
		DoUpdates: clause.Assignments(map[string]any{"rule": gorm.Expr("CASE WHEN excluded.rule = '' THEN mail_attachments.rule ELSE excluded.rule END")}),
	}
	return tx.Clauses(taken).Create(&attachments).Error
}

// PostponeMail puts an item off and counts the attempt, of its message too where
// that is known by its keys. end has the keys, and why it is put off.
func (s *System) PostponeMail(ctx context.Context, end MailEnd, until time.Time) error {
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		changed := tx.Model(&models.MailItem{}).Where("mailbox_id = ? AND item_id = ?", end.MailboxID, end.ItemID).
			UpdateColumns(map[string]any{"due_at": until, "attempts": gorm.Expr("attempts + 1")})
		if err := found(changed, noMail); err != nil || end.Message.ImmutableID == "" {
			return err
		}
		return tx.Model(&models.MailMessage{}).
			Where("account_id = ? AND address = ? AND immutable_id = ?", end.Message.AccountID, end.Message.Address, end.Message.ImmutableID).
			UpdateColumns(map[string]any{"attempts": end.Message.Attempts, "failure": end.Message.Failure, "updated_at": s.now()}).Error
	})
	return translate(err, noMail)
}

// Taken is what became of an attachment.
type Taken struct {
	Taken bool // false: it was taken before or is left out, and nothing is written
	// DuplicateOf is the extraction of the same file of the same mail, from another
	// mailbox or copy; nil: none is known.
	DuplicateOf *string
}

// TakeMail writes an attachment's file and extraction, its mail and the promise
// to run it, as one.
func (s *System) TakeMail(ctx context.Context, f *models.File, x *models.Extraction, origin models.MailOrigin) (Taken, error) {
	x.SearchName, f.SearchName = strings.ToLower(f.Name), strings.ToLower(f.Name)
	entry := s.newEntry(ctx, x.TenantID, models.OutboxStartExtraction, x.ID, x.Attempt, 0)
	var done Taken
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var m models.MailMessage
		if err := s.lock(tx).Where("account_id = ? AND address = ? AND immutable_id = ? AND tenant_id = ?", origin.AccountID, origin.Address, origin.ImmutableID, x.TenantID).Take(&m).Error; err != nil {
			return err
		}
		var before int64
		err := tx.Model(&models.MailAttachment{}).Where("message_id = ? AND path = ? AND taken", m.ID, origin.Path).Count(&before).Error
		if err != nil || before > 0 {
			return err
		}
		if done.DuplicateOf, err = duplicateOf(tx, &m, f.SHA256); err != nil || (done.DuplicateOf != nil && origin.SkipDuplicate) {
			return err
		}
		if err := tx.Where("message_id = ? AND path = ?", m.ID, origin.Path).Delete(&models.MailAttachment{}).Error; err != nil {
			return err
		}
		mail := models.ExtractionEmail{ExtractionID: x.ID, TenantID: x.TenantID, Email: origin.Email}
		if body := mail.Email.Body; body != nil {
			mail.BodyType, mail.Body, mail.Email.Body = body.ContentType, body.Content, nil
		}
		done.Taken = true
		for _, row := range []any{f, x, &mail, &models.MailAttachment{
			MessageID: m.ID, Path: origin.Path, TenantID: x.TenantID, Name: f.Name, Type: f.Type, Size: f.Size, SHA256: f.SHA256,
			Taken: true, ExtractionID: &x.ID, DuplicateOf: done.DuplicateOf, CreatedAt: s.now(),
		}, &entry} {
			if err := tx.Create(row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		done.Taken = false
	}
	return done, translate(err, noMail)
}

// duplicateOf is the extraction of the same bytes that another row of the same
// mail brought; mail without a Message-ID has none.
func duplicateOf(tx *gorm.DB, m *models.MailMessage, sha256 string) (*string, error) {
	if m.InternetID == "" {
		return nil, nil //nolint:nilnil // none is known
	}
	var first []models.MailAttachment
	err := tx.Table("mail_attachments AS a").Select("a.*").Joins("JOIN mail_messages g ON g.id = a.message_id").
		Where("g.tenant_id = ? AND g.internet_id = ? AND g.id <> ? AND a.sha256 = ? AND a.taken AND a.extraction_id IS NOT NULL", m.TenantID, m.InternetID, m.ID, sha256).
		Order("a.created_at").Limit(1).Find(&first).Error
	if err != nil || len(first) == 0 {
		return nil, err
	}
	return first[0].ExtractionID, nil
}
