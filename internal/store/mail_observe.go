package store

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"gorm.io/gorm"

	"decoded.digital/extractor/models"
)

// lateAfter is how long a folder may not have been read before mail is late.
const lateAfter = 15 * time.Minute

// MailFleet is how all accounts and watched folders fare.
type MailFleet struct {
	// Accounts are the connected ones, and Mailboxes the active ones, by the mailbox
	// package's failure; empty: nothing is wrong.
	Accounts, Mailboxes map[string]int64
	// Late are active mailboxes that were not read for 15 minutes, those that only
	// somebody's doing mends not counted.
	Late int64
	// Unsubscribed are active mailboxes that Microsoft should tell of, and can't.
	Unsubscribed int64
	// Overdue is how long the mailbox has waited that is due first; 0: none is due.
	Overdue time.Duration
	// Waiting and Failed are mails that are to be read, and that were not in all
	// tries.
	Waiting, Failed int64
}

// blocked are the failures that last until somebody does something.
func blocked() []string {
	return []string{"needs_consent", "reconnect", "no_mailbox", "no_access", "folder_missing"}
}

// MailFleet looks at all of it; its queries go by indexes of what is unusual, or
// over the accounts and mailboxes.
func (s *System) MailFleet(ctx context.Context) (MailFleet, error) {
	now, db := s.now(), s.db.WithContext(ctx)
	f := MailFleet{Accounts: map[string]int64{}, Mailboxes: map[string]int64{}}
	var rows []struct {
		Account bool
		Failure string
		Count   int64
	}
	errs := []error{db.Raw(`SELECT TRUE AS account, failure, COUNT(*) AS count FROM mail_accounts WHERE connected_at IS NOT NULL GROUP BY failure
		UNION ALL SELECT FALSE, failure, COUNT(*) FROM mailboxes WHERE is_active GROUP BY failure`).Scan(&rows).Error}
	for _, row := range rows {
		if row.Account {
			f.Accounts[row.Failure] = row.Count
		} else {
			f.Mailboxes[row.Failure] = row.Count
		}
	}
	active := func() *gorm.DB { return db.Model(&models.Mailbox{}).Where("is_active") }
	var first []models.Mailbox
	errs = append(errs,
		active().Where("COALESCE(last_ok_at, created_at) < ? AND failure NOT IN ?", now.Add(-lateAfter), blocked()).Count(&f.Late).Error,
		active().Where("subscribe_failure <> ''").Count(&f.Unsubscribed).Error,
		active().Select("next_poll_at").Where("next_poll_at < ?", now).Order("next_poll_at").Limit(1).Find(&first).Error,
		db.Model(&models.MailItem{}).Where("state = '' AND NOT baseline").Count(&f.Waiting).Error,
		db.Model(&models.MailItem{}).Where("state = 'failed'").Count(&f.Failed).Error)
	if len(first) > 0 {
		f.Overdue = now.Sub(first[0].NextPollAt)
	}
	return f, translate(errors.Join(errs...), noMailbox)
}

// showMail shows the fleet at each scrape.
func (s *Store) showMail(meter metric.Meter) error {
	var errs [7]error
	gauge := func(i int, name, says string) (g metric.Int64ObservableGauge) {
		g, errs[i] = meter.Int64ObservableGauge(name, metric.WithDescription(says))
		return g
	}
	accounts := gauge(0, "extractor_mail_accounts", "Connected Microsoft accounts, by what is wrong with them; none: nothing.")
	boxes := gauge(1, "extractor_mailboxes", "Watched folders, by what their last reading failed of; none: nothing.")
	late := gauge(2, "extractor_mailboxes_late", "Watched folders that were not read for 15 minutes and that nobody but the operator can mend.")
	unsubscribed := gauge(3, "extractor_mailboxes_unsubscribed", "Watched folders whose new mail Microsoft should tell of, and can't.")
	items := gauge(4, "extractor_mails", "Mails that wait to be read, and that could not be read in any try, by state.")
	overdue, err := meter.Float64ObservableGauge("extractor_mailbox_due_age", metric.WithUnit("s"),
		metric.WithDescription("How long the folder has waited that is due first; 0: none is due."))
	errs[5] = err
	state := func(name, value string) metric.ObserveOption {
		return metric.WithAttributes(attribute.String(name, value))
	}
	_, errs[6] = meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		ctx, cancel := context.WithTimeout(ctx, gaugeTimeout)
		defer cancel()
		f, err := s.System().MailFleet(ctx)
		if err != nil {
			return err
		}
		for _, failure := range append(blocked(), "", "throttled", "transient", "operator", "refused", "foreign_link", "not_found", "conflict") {
			label := state("failure", failure)
			if failure == "" {
				label = state("failure", "none")
			}
			o.ObserveInt64(accounts, f.Accounts[failure], label)
			o.ObserveInt64(boxes, f.Mailboxes[failure], label)
		}
		o.ObserveInt64(late, f.Late)
		o.ObserveInt64(unsubscribed, f.Unsubscribed)
		o.ObserveInt64(items, f.Waiting, state("state", "waiting"))
		o.ObserveInt64(items, f.Failed, state("state", "failed"))
		o.ObserveFloat64(overdue, f.Overdue.Seconds())
		return nil
	}, accounts, boxes, late, unsubscribed, items, overdue)
	return errors.Join(errs[:]...)
}

// CountSwept counts mail that only the daily look through a folder found: what
// delta forgot.
func (s *System) CountSwept(ctx context.Context, found int) {
	if s.counters.swept != nil {
		s.counters.swept.Add(ctx, int64(found))
	}
}

func (s *Store) countMail(ctx context.Context, state string, n int64) {
	if s.counters.mails != nil {
		s.counters.mails.Add(ctx, n, metric.WithAttributes(attribute.String("state", state)))
	}
}
