// Package store remembers. gorm lives here alone; every method of a tenant's
// rows takes the caller and puts the tenant into WHERE, so that another
// tenant's row is simply not found. What has no caller (a run's writes, the
// outbox) is behind System, a name to notice in a review.
package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"

	"decoded.digital/extractor/models"
)

// Store is a tenant's view of the database.
type Store struct {
	db  *gorm.DB
	now func() time.Time
}

// System is the view without a tenant: authentication, runs, relay.
type System struct{ *Store }

// System gives the view without a tenant.
func (s *Store) System() *System { return &System{s} }

const sqlitePrefix = "sqlite:"

// Open connects to "postgres://…" or "sqlite:<path>". now is the clock of
// every time that is written.
func Open(ctx context.Context, address string, now func() time.Time) (*Store, error) {
	dialector := postgres.Open(address)
	path, isSQLite := strings.CutPrefix(address, sqlitePrefix)
	if isSQLite {
		dialector = sqlite.Open(path + "?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_txlock=immediate")
	}
	db, err := gorm.Open(dialector, &gorm.Config{
		TranslateError: true, Logger: logger.Discard, NowFunc: now, NamingStrategy: tableNames{},
		DisableForeignKeyConstraintWhenMigrating: true, DisableAutomaticPing: true,
	})
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	s := &Store{db: db, now: now}
	connections, err := db.DB()
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if isSQLite {
		connections.SetMaxOpenConns(1) // SQLite has one writer; waiting here beats SQLITE_BUSY there
	}
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, connections.Close())
	}
	return s, nil
}

// tableNames is gorm's naming with the outbox's name as DESIGN has it.
type tableNames struct{ schema.NamingStrategy }

func (n tableNames) TableName(table string) string {
	if table == "OutboxEntry" {
		return "outbox"
	}
	return n.NamingStrategy.TableName(table)
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	connections, err := s.db.DB()
	if err != nil {
		return err
	}
	return connections.PingContext(ctx)
}

// Close ends the connections.
func (s *Store) Close() error {
	connections, err := s.db.DB()
	if err != nil {
		return err
	}
	return connections.Close()
}

func (s *Store) postgres() bool { return s.db.Name() == "postgres" }

// of is the caller's rows.
func (s *Store) of(ctx context.Context, caller models.Caller) *gorm.DB {
	return s.db.WithContext(ctx).Where("tenant_id = ?", caller.TenantID)
}

// translate turns gorm's errors into ours.
func translate(err error, noun string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gorm.ErrRecordNotFound):
		return models.NotFound(noun)
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return &models.Error{Code: models.CodeConflict, Message: noun + " was changed or deleted meanwhile; look again", Cause: err}
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return &models.Error{Code: models.CodeConflict, Message: noun + " already exists", Cause: err}
	}
	if _, ours := errors.AsType[*models.Error](err); ours {
		return err
	}
	return models.Internal("database: "+noun, err)
}

// found is NotFound where a write met no row.
func found(written *gorm.DB, noun string) error {
	if written.Error == nil && written.RowsAffected == 0 {
		return models.NotFound(noun)
	}
	return translate(written.Error, noun)
}

// list reads a page of the query's rows, newest first, and counts them all. Two
// rows of one moment stand in the order of their ids, so that a list is the
// same whenever it is read.
func list[Row any](query *gorm.DB, p models.Page, noun string) ([]Row, int64, error) {
	query = asOf(query, p, "created_at").Session(&gorm.Session{})
	var total int64
	if err := query.Count(&total).Error; err != nil {
		return nil, 0, translate(err, noun)
	}
	var rows []Row
	err := query.Order("created_at DESC, id DESC").Offset(p.Offset()).Limit(p.Limit).Find(&rows).Error
	return rows, total, translate(err, noun)
}

// asOf leaves out rows that were created after the page's moment.
func asOf(query *gorm.DB, p models.Page, column string) *gorm.DB {
	if p.AsOf.IsZero() {
		return query
	}
	return query.Where(column+" <= ?", p.AsOf)
}

// pattern is the LIKE pattern for rows that contain text, without case; its
// escape character is \.
func pattern(text string) string {
	escaped := strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.ToLower(text))
	return "%" + escaped + "%"
}
