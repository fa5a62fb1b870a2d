package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"decoded.digital/extractor/models"
)

const noAccount = "Connection"

// CreateMailAccount writes an account whose sign-in is under way.
func (s *Store) CreateMailAccount(ctx context.Context, caller models.Caller, a *models.MailAccount) error {
	a.TenantID = caller.TenantID
	return translate(s.db.WithContext(ctx).Create(a).Error, noAccount)
}

// GetMailAccount reads an account.
func (s *Store) GetMailAccount(ctx context.Context, caller models.Caller, id string) (models.MailAccount, error) {
	var a models.MailAccount
	err := s.of(ctx, caller).Where("id = ?", id).Take(&a).Error
	return a, translate(err, noAccount)
}

// ListMailAccounts reads every account, newest first.
func (s *Store) ListMailAccounts(ctx context.Context, caller models.Caller) ([]models.MailAccount, error) {
	var rows []models.MailAccount
	err := s.of(ctx, caller).Order("created_at DESC, id DESC").Find(&rows).Error
	return rows, translate(err, noAccount)
}

// BeginLogin begins another sign-in of an account: the one before counts no more.
func (s *Store) BeginLogin(ctx context.Context, caller models.Caller, a *models.MailAccount) error {
	a.UpdatedAt = s.now()
	changed := s.of(ctx, caller).Model(&models.MailAccount{}).Where("id = ?", a.ID).
		Select("MicrosoftTenantID", "LoginHash", "Verifier", "LoginExpiresAt", "UpdatedAt").Updates(a)
	return found(changed, noAccount)
}

// TakeLogin gives the account whose sign-in has this state, once: another call
// with the same state is NotFound, as is one that comes too late.
func (s *System) TakeLogin(ctx context.Context, loginHash string) (models.MailAccount, error) {
	var a models.MailAccount
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := s.lock(tx).Where("login_hash = ? AND login_hash <> '' AND login_expires_at > ?", loginHash, s.now()).Take(&a).Error; err != nil {
			return err
		}
		return tx.Model(&models.MailAccount{}).Where("id = ?", a.ID).UpdateColumns(map[string]any{"login_hash": "", "verifier": nil, "login_expires_at": nil}).Error
	})
	return a, translate(err, "Sign-in")
}

// ConnectMailAccount keeps who signed in, with the sealed token, and lets the
// account's folders be read at once. An account that is connected already is a
// Conflict.
func (s *System) ConnectMailAccount(ctx context.Context, a *models.MailAccount) error {
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		now := s.now()
		a.ConnectedAt, a.UpdatedAt, a.MailHealth = &now, now, models.MailHealth{LastOKAt: &now}
		columns := append(mailHealthColumns(), "MicrosoftTenantID", "ObjectID", "Email", "Write", "Token", "ConnectedAt", "UpdatedAt", "TokenClaimedUntil", "TokenVersion")
		a.TokenClaimedUntil, a.TokenVersion = nil, a.TokenVersion+1
		changed := tx.Model(&models.MailAccount{}).Where("id = ? AND tenant_id = ?", a.ID, a.TenantID).Select(columns).Updates(a)
		if err := found(changed, noAccount); err != nil {
			return err
		}
		return s.wake(tx.Where("account_id = ?", a.ID), now)
	})
	return translate(err, noAccount)
}

// wake lets mailboxes be read now.
func (s *Store) wake(query *gorm.DB, now time.Time) error {
	return query.Model(&models.Mailbox{}).UpdateColumns(map[string]any{"next_poll_at": now, "subscribe_at": now}).Error
}

// DeleteAbandonedAccounts deletes accounts that were never connected: whose
// sign-in ended before abandoned without a word from Microsoft, and those that
// Microsoft refused, for an administrator's approval for example, and nobody has
// touched since refused.
func (s *System) DeleteAbandonedAccounts(ctx context.Context, abandoned, refused time.Time) error {
	gone := s.db.WithContext(ctx).Where("connected_at IS NULL").
		Where("(failure = '' AND COALESCE(login_expires_at, updated_at) < ?) OR (failure <> '' AND updated_at < ?)", abandoned, refused).
		Delete(&models.MailAccount{})
	return translate(gone.Error, noAccount)
}

// LoadToken reads an account's sealed token and its version.
func (s *System) LoadToken(ctx context.Context, account string) (sealed []byte, version int64, err error) {
	var a models.MailAccount
	err = s.db.WithContext(ctx).Select("token, token_version").Where("id = ?", account).Take(&a).Error
	return a.Token, a.TokenVersion, translate(err, noAccount)
}

// ClaimToken lets one process at a time ask for the token that follows a version.
func (s *System) ClaimToken(ctx context.Context, account string, version int64, now, until time.Time) (bool, error) {
	changed := s.db.WithContext(ctx).Model(&models.MailAccount{}).
		Where("id = ? AND token_version = ? AND (token_claimed_until IS NULL OR token_claimed_until <= ?)", account, version, now).
		UpdateColumn("token_claimed_until", until)
	return changed.RowsAffected == 1, translate(changed.Error, noAccount)
}

// SaveToken stores the sealed token that follows a version, if that is still the
// latest, and ends the claim.
func (s *System) SaveToken(ctx context.Context, account string, version int64, sealed []byte) error {
	changed := s.db.WithContext(ctx).Model(&models.MailAccount{}).Where("id = ? AND token_version = ?", account, version).
		UpdateColumns(map[string]any{"token": sealed, "token_version": version + 1, "token_claimed_until": nil})
	return translate(changed.Error, noAccount)
}

// ReleaseToken ends the claim on a version without a new token.
func (s *System) ReleaseToken(ctx context.Context, account string, version int64) error {
	changed := s.db.WithContext(ctx).Model(&models.MailAccount{}).Where("id = ? AND token_version = ?", account, version).
		UpdateColumn("token_claimed_until", nil)
	return translate(changed.Error, noAccount)
}

// LoadMailAccount reads an account without a caller.
func (s *System) LoadMailAccount(ctx context.Context, id string) (models.MailAccount, error) {
	var a models.MailAccount
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&a).Error
	return a, translate(err, noAccount)
}

// FindMailAccount reads a tenant's connected account of who it is at Microsoft.
func (s *System) FindMailAccount(ctx context.Context, tenantID, microsoftTenantID, objectID string) (models.MailAccount, error) {
	var a models.MailAccount
	err := s.db.WithContext(ctx).Where("tenant_id = ? AND microsoft_tenant_id = ? AND object_id = ? AND connected_at IS NOT NULL", tenantID, microsoftTenantID, objectID).Take(&a).Error
	return a, translate(err, noAccount)
}

// WakeAccount lets all of an account's mailboxes be read now.
func (s *System) WakeAccount(ctx context.Context, id string) error {
	return translate(s.wake(s.db.WithContext(ctx).Where("account_id = ?", id), s.now()), noMailbox)
}

// KeepAccountHealth keeps what asking Microsoft for an account came to.
func (s *System) KeepAccountHealth(ctx context.Context, id string, h models.MailHealth) error {
	changed := s.db.WithContext(ctx).Model(&models.MailAccount{}).Where("id = ?", id).Select(mailHealthColumns()).UpdateColumns(&models.MailAccount{MailHealth: h})
	return found(changed, noAccount)
}

func mailHealthColumns() []string {
	return []string{"LastOKAt", "Failure", "FailureCode", "RequestID", "RetryAfter", "FailedAt"}
}

// DeleteMailAccount deletes an account with its mailboxes and their ledger.
func (s *Store) DeleteMailAccount(ctx context.Context, caller models.Caller, id string) error {
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var locked []string
		if err := s.lockToDelete(tx).Model(&models.MailAccount{}).Where("id = ? AND tenant_id = ?", id, caller.TenantID).Pluck("id", &locked).Error; err != nil {
			return err
		}
		if err := s.deleteMailboxes(tx, tx.Model(&models.Mailbox{}).Select("id").Where("account_id = ? AND tenant_id = ?", id, caller.TenantID)); err != nil {
			return err
		}
		return found(tx.Where("id = ? AND tenant_id = ?", id, caller.TenantID).Delete(&models.MailAccount{}), noAccount)
	})
	return translate(err, noAccount)
}

// deleteMailboxes deletes the mailboxes whose ids the query selects.
func (s *Store) deleteMailboxes(tx, ids *gorm.DB) error {
	var locked []string
	if err := s.lockToDelete(tx).Model(&models.Mailbox{}).Where("id IN (?)", ids).Pluck("id", &locked).Error; err != nil {
		return err
	}
	messages := tx.Model(&models.MailMessage{}).Select("id").Where("mailbox_id IN ?", locked)
	if err := tx.Where("message_id IN (?)", messages).Delete(&models.MailAttachment{}).Error; err != nil {
		return err
	}
	for _, row := range []any{&models.MailMessage{}, &models.MailItem{}} {
		if err := tx.Where("mailbox_id IN ?", locked).Delete(row).Error; err != nil {
			return err
		}
	}
	return tx.Where("id IN ?", locked).Delete(&models.Mailbox{}).Error
}
