package store

import (
	"context"
	"fmt"
	"time"

	"decoded.digital/extractor/models"
)

// PendingMigrations names those that the database lacks.
func (s *System) PendingMigrations(ctx context.Context) ([]string, error) {
	files, err := s.migrationFiles()
	if err != nil {
		return nil, err
	}
	var done []string
	if err := s.db.WithContext(ctx).Table("schema_migrations").Pluck("name", &done).Error; err != nil {
		return nil, fmt.Errorf("read schema_migrations: %w", err)
	}
	return missing(files, done), nil
}

// Overdue is what the outbox promised and nobody has done.
type Overdue struct {
	Kind    models.OutboxKind
	Count   int64
	Tries   int // the most that one of them has had
	Created time.Time
}

// ListOverdue sums up, by kind, the outbox entries older than before, and the
// deliveries that have waited as long for a first call while nobody called their
// webhook.
func (s *System) ListOverdue(ctx context.Context, before time.Time) ([]Overdue, error) {
	var entries []models.OutboxEntry
	err := s.db.WithContext(ctx).Where("created_at < ?", before).Order("created_at").Limit(10_000).Find(&entries).Error
	if err != nil {
		return nil, translate(err, "Outbox")
	}
	var kinds []Overdue
	idle, created, err := s.idleLines(ctx, before)
	if err != nil {
		return nil, err
	}
	at := map[models.OutboxKind]int{}
	if idle > 0 {
		kinds = append(kinds, Overdue{Kind: models.OutboxStartDelivery, Count: idle, Created: created})
		at[models.OutboxStartDelivery] = 0
	}
	for _, entry := range entries {
		i, known := at[entry.Kind]
		if !known {
			i = len(kinds)
			at[entry.Kind], kinds = i, append(kinds, Overdue{Kind: entry.Kind, Created: entry.CreatedAt})
		}
		kinds[i].Count++
		kinds[i].Tries = max(kinds[i].Tries, entry.Tries)
	}
	return kinds, nil
}

// CountFailures counts the extractions that failed since, by type.
func (s *System) CountFailures(ctx context.Context, since time.Time) (map[models.FailureType]int64, error) {
	var rows []struct {
		FailureType models.FailureType
		Count       int64
	}
	err := s.db.WithContext(ctx).Model(&models.Extraction{}).Select("failure_type, COUNT(*) AS count").
		Where("status IN ? AND updated_at >= ?", failedStatuses(), since).Group("failure_type").Find(&rows).Error
	counts := map[models.FailureType]int64{}
	for _, row := range rows {
		counts[row.FailureType] = row.Count
	}
	return counts, translate(err, "Extraction")
}

func failedStatuses() []models.Status {
	return []models.Status{models.StatusAnalysisFailed, models.StatusExtractionFailed, models.StatusFailed}
}
