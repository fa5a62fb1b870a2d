// Package store remembers. gorm lives here alone; every method of a tenant's
// rows takes the caller and puts the tenant into WHERE, so that another
// tenant's row is simply not found. What has no caller (a run's writes, the
// outbox) is behind System, a name to notice in a review.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/glebarez/sqlite"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"

	"decoded.digital/extractor/models"
)

// Store is a tenant's view of the database.
type Store struct {
	db          *gorm.DB
	connections *sql.DB
	pool        *pgxpool.Pool // what connections are made of; nil for SQLite
	counters    counters      // Observe's
	bodies      *lru.Cache[models.Event, []byte]
	writing     tenantLocks // of events' bodies
	now         func() time.Time
}

// System is the view without a tenant: authentication, runs, relay.
type System struct{ *Store }

// System gives the view without a tenant.
func (s *Store) System() *System { return &System{s} }

const sqlitePrefix = "sqlite:"

// Open connects to "postgres://…" or "sqlite:<path>". now is the clock of
// every time that is written.
func Open(ctx context.Context, address string, now func() time.Time) (*Store, error) {
	open := openPostgres
	if strings.HasPrefix(address, sqlitePrefix) {
		open = openSQLite
	}
	bodies, err := lru.New[models.Event, []byte](bodiesKept)
	if err != nil {
		return nil, fmt.Errorf("make room for webhook bodies: %w", err)
	}
	s := &Store{now: now, bodies: bodies}
	if err := open(ctx, s, address); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func openSQLite(_ context.Context, s *Store, address string) error {
	path := strings.TrimPrefix(address, sqlitePrefix)
	err := s.use(sqlite.Open(path + "?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_txlock=immediate"))
	if err == nil {
		s.connections.SetMaxOpenConns(1) // SQLite has one writer; waiting here beats SQLITE_BUSY there
	}
	return err
}

// openPostgres leaves the connections to pgx's pool: that of database/sql keeps
// two and makes all others anew, and serves who waits in no order. It holds 4, or
// one for each CPU if those are more, unless the address has pool_max_conns.
func openPostgres(ctx context.Context, s *Store, address string) (err error) {
	if s.pool, err = pgxpool.New(ctx, address); err != nil {
		return err
	}
	return s.use(postgres.New(postgres.Config{Conn: stdlib.OpenDBFromPool(s.pool)}))
}

func (s *Store) use(dialector gorm.Dialector) (err error) {
	s.db, err = gorm.Open(dialector, &gorm.Config{
		TranslateError: true, SkipDefaultTransaction: true, Logger: logger.Discard, NowFunc: s.now, NamingStrategy: tableNames{},
		DisableForeignKeyConstraintWhenMigrating: true, DisableAutomaticPing: true,
	})
	if err == nil {
		s.connections, err = s.db.DB()
	}
	return err
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
func (s *Store) Ping(ctx context.Context) error { return s.connections.PingContext(ctx) }

// Close ends the connections.
func (s *Store) Close() error {
	err := s.connections.Close()
	if s.pool != nil {
		s.pool.Close()
	}
	return err
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
	if away(err) {
		return models.Unavailable("The database can't be reached right now; try again in a moment", err)
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

// list reads a page of the query's rows, newest first, and counts them all; all
// is the caller's rows. Two rows of one moment stand in the order of their ids,
// so that a list is the same whenever it is read.
func list[Row any](all, query *gorm.DB, p models.Page, noun string) ([]Row, int64, error) {
	ids, total, err := listIDs(query, p)
	if err != nil || len(ids) == 0 {
		return nil, total, translate(err, noun)
	}
	var rows []Row
	err = all.Where("id IN ?", ids).Order("created_at DESC, id DESC").Find(&rows).Error
	return rows, total, translate(err, noun)
}

// listIDs reads which rows stand on a page, and counts them all. An index
// answers both, and passes over a tenant's rows once: behind a first page only
// what is older is left to count, and behind the last row there is no page.
func listIDs(query *gorm.DB, p models.Page) (ids []string, total int64, err error) {
	query = asOf(query, p, "created_at").Session(&gorm.Session{})
	if p.Number > 1 {
		if err := query.Count(&total).Error; err != nil || total <= int64(p.Offset()) {
			return nil, total, err
		}
	}
	var page []struct {
		ID        string
		CreatedAt time.Time
	}
	err = query.Select("id, created_at").Order("created_at DESC, id DESC").Offset(p.Offset()).Limit(p.Limit).Find(&page).Error
	for _, row := range page {
		ids = append(ids, row.ID)
	}
	if p.Number > 1 || err != nil {
		return ids, total, err
	}
	if len(page) == p.Limit {
		last := page[len(page)-1]
		err = query.Where("(created_at, id) < (?, ?)", last.CreatedAt, last.ID).Count(&total).Error
	}
	return ids, total + int64(len(page)), err
}

// asOf leaves out rows that were created after the page's moment.
func asOf(query *gorm.DB, p models.Page, column string) *gorm.DB {
	if p.AsOf.IsZero() {
		return query
	}
	return query.Where(column+" <= ?", p.AsOf)
}
