package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
)

// search narrows the query to rows whose file's name contains text, without
// case. Postgres plans each search for its tenant and its text: of few rows it
// reads the names, of many it looks the text up first (pg_trgm).
func (s *Store) search(query *gorm.DB, text string) *gorm.DB {
	query = query.Where(`search_name LIKE ? ESCAPE '\'`, pattern(text))
	if s.postgres() {
		query.Statement.ConnPool = planned{s.connections}
	}
	return query
}

// planned are connections that keep no plan: the one that is best for a small
// tenant would be kept for a large one, too.
type planned struct{ *sql.DB }

func (p planned) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return p.DB.QueryContext(ctx, query, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
}

// pattern is the LIKE pattern for rows that contain text, without case; its
// escape character is \.
func pattern(text string) string {
	escaped := strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.ToLower(text))
	return "%" + escaped + "%"
}
