package store

import (
	"context"
	"hash/crc32"
	"slices"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"decoded.digital/extractor/models"
)

const (
	// bodiesAtOnce keeps a statement with bodies in it small.
	bodiesAtOnce = 50
	// bodiesKept are those that memory has for the other webhooks that are told.
	bodiesKept = 200
)

// Render writes the body of the event that a delivery tells of, which is of an
// extraction or nil.
type Render func(context.Context, *models.Delivery, *models.ExtractionDetail) ([]byte, error)

// FixBodies gives deliveries the bodies of their events: it keeps what render
// writes where none is kept yet. It answers those that have one: the others'
// extraction is gone.
func (s *System) FixBodies(ctx context.Context, rows []models.Delivery, render Render) ([]models.Delivery, error) {
	if err := s.loadBodies(ctx, rows); err != nil {
		return nil, err
	}
	lacks := func(d models.Delivery) bool { return len(d.Payload) == 0 }
	if !slices.ContainsFunc(rows, lacks) {
		return rows, nil
	}
	// A tenant's webhooks are told of the same events at the same time: one of them
	// writes the bodies, the others find them in memory.
	writing := s.writing.of(rows[0].TenantID)
	writing.Lock()
	defer writing.Unlock()
	if err := s.loadBodies(ctx, rows); err != nil {
		return nil, err
	}
	lacking := slices.DeleteFunc(slices.Clone(rows), func(d models.Delivery) bool { return !lacks(d) })
	rendered, err := s.renderAll(ctx, lacking, render)
	if err != nil {
		return nil, err
	}
	// In one order for all: others may be writing bodies of the same events.
	slices.SortFunc(rendered, func(a, b models.Delivery) int { return a.Event().Compare(b.Event()) })
	fixed := make(map[models.Event][]byte, len(rendered))
	for some := range slices.Chunk(rendered, bodiesAtOnce) {
		if err := s.keepBodies(ctx, some); err != nil {
			return nil, err
		}
		for _, d := range some {
			fixed[d.Event()] = d.Payload
		}
	}
	for i := range rows {
		if body, found := fixed[rows[i].Event()]; found {
			rows[i].Payload = body
		}
	}
	return slices.DeleteFunc(rows, lacks), nil
}

// tenantLocks lock one tenant's affair in this process, and rarely another's with
// it.
type tenantLocks [64]sync.Mutex

func (l *tenantLocks) of(tenantID string) *sync.Mutex {
	return &l[crc32.ChecksumIEEE([]byte(tenantID))%uint32(len(l))]
}

// renderAll writes the bodies of the deliveries' events, of each event's for one
// delivery, and answers those.
func (s *System) renderAll(ctx context.Context, rows []models.Delivery, render Render) ([]models.Delivery, error) {
	of, err := s.extractionsOf(ctx, rows)
	if err != nil {
		return nil, err
	}
	done := make(map[models.Event]bool, len(rows))
	rendered := make([]models.Delivery, 0, len(rows))
	for _, d := range rows {
		var x *models.ExtractionDetail
		if d.ExtractionID != nil {
			x = of[*d.ExtractionID]
		}
		if done[d.Event()] || (d.ExtractionID != nil && x == nil) {
			continue
		}
		if d.Payload, err = render(ctx, &d, x); err != nil {
			return nil, err
		}
		done[d.Event()], rendered = true, append(rendered, d)
	}
	return rendered, nil
}

// extractionsOf reads what deliveries tell of.
func (s *System) extractionsOf(ctx context.Context, rows []models.Delivery) (map[string]*models.ExtractionDetail, error) {
	var ids []string
	for _, d := range rows {
		if d.ExtractionID != nil {
			ids = append(ids, *d.ExtractionID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var extractions []models.Extraction
	if err := s.db.WithContext(ctx).Where("id IN ?", ids).Find(&extractions).Error; err != nil {
		return nil, translate(err, "Extraction")
	}
	details, err := s.details(ctx, extractions)
	of := make(map[string]*models.ExtractionDetail, len(details))
	for i := range details {
		of[details[i].ID] = &details[i]
	}
	return of, err
}

// keepBodies keeps the payloads of deliveries as the bodies of their events, where
// none is kept, and gives them those that are. What is deleted meanwhile leaves
// none behind, and gets none.
func (s *System) keepBodies(ctx context.Context, rows []models.Delivery) error {
	ids, mine := make([]string, len(rows)), false
	for i, d := range rows {
		ids[i] = d.ID
	}
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		query := tx.Model(&models.Delivery{})
		if s.postgres() {
			query = query.Clauses(clause.Locking{Strength: "KEY SHARE"})
		}
		var there []string
		if err := query.Where("id IN ?", ids).Pluck("id", &there).Error; err != nil || len(there) == 0 {
			return err
		}
		bodies := make([]models.EventBody, 0, len(rows))
		for _, d := range rows {
			if slices.Contains(there, d.ID) {
				bodies = append(bodies, models.EventBody{Event: d.Event(), Payload: d.Payload, CreatedAt: s.now()})
			}
		}
		kept := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&bodies)
		mine = kept.RowsAffected == int64(len(rows))
		return kept.Error
	})
	if err != nil {
		return translate(err, "Delivery")
	}
	if !mine {
		return s.loadBodies(ctx, rows)
	}
	for _, d := range rows {
		s.bodies.Add(d.Event(), d.Payload)
	}
	return nil
}

// loadBodies reads the bodies of the deliveries' events, where they are kept; what
// was fixed never changes.
func (s *Store) loadBodies(ctx context.Context, rows []models.Delivery) error {
	var subjects []string
	for i := range rows {
		event := rows[i].Event()
		body, known := s.bodies.Get(event)
		if rows[i].Payload = body; !known {
			subjects = append(subjects, event.SubjectID)
		}
	}
	if len(subjects) == 0 {
		return nil
	}
	var bodies []models.EventBody
	if err := s.db.WithContext(ctx).Where("subject_id IN ?", subjects).Find(&bodies).Error; err != nil {
		return translate(err, "Delivery")
	}
	for _, b := range bodies {
		s.bodies.Add(b.Event, b.Payload)
		for i := range rows {
			if rows[i].Event() == b.Event {
				rows[i].Payload = b.Payload
			}
		}
	}
	return nil
}

func (s *Store) loadBody(ctx context.Context, d *models.Delivery) error {
	rows := []models.Delivery{*d}
	err := s.loadBodies(ctx, rows)
	d.Payload = rows[0].Payload
	return err
}
