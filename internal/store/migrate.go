package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"gorm.io/gorm"
)

//go:embed migrations
var migrations embed.FS

// migrationLock is the Postgres advisory lock under which one process at a time
// migrates; any constant does, as long as it stays.
const migrationLock = 7233001

// Migrate applies the migrations that the database lacks, in the order of their
// names, all in one transaction. Any number of processes may call it at once.
func (s *Store) Migrate(ctx context.Context) error {
	files, err := s.migrationFiles()
	if err != nil {
		return err
	}
	return s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if s.postgres() {
			if err := tx.Exec("SELECT pg_advisory_xact_lock(?)", migrationLock).Error; err != nil {
				return fmt.Errorf("lock for the migrations: %w", err)
			}
		}
		if err := tx.Exec("CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY)").Error; err != nil {
			return fmt.Errorf("create schema_migrations: %w", err)
		}
		for _, file := range files {
			if err := migrate(tx, file); err != nil {
				return err
			}
		}
		return nil
	})
}

// migrationFiles are this database's, in the order of their names.
func (s *Store) migrationFiles() ([]string, error) {
	dialect := "sqlite"
	if s.postgres() {
		dialect = "postgres"
	}
	files, err := fs.Glob(migrations, path.Join("migrations", dialect, "*.sql"))
	if err != nil {
		return nil, fmt.Errorf("list the migrations: %w", err)
	}
	return files, nil
}

// missing are the names of files that are not done.
func missing(files, done []string) []string {
	var names []string
	for _, file := range files {
		if name := path.Base(file); !slices.Contains(done, name) {
			names = append(names, name)
		}
	}
	return names
}

func migrate(tx *gorm.DB, file string) error {
	name := path.Base(file)
	var done int64
	if err := tx.Table("schema_migrations").Where("name = ?", name).Count(&done).Error; err != nil || done > 0 {
		return err
	}
	statements, err := migrations.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read migration %s: %w", name, err)
	}
	if err := tx.Exec(string(statements)).Error; err != nil {
		return fmt.Errorf("migration %s: %w", name, err)
	}
	return tx.Exec("INSERT INTO schema_migrations (name) VALUES (?)", name).Error
}
