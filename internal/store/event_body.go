package store

import (
	"context"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"decoded.digital/extractor/models"
)

// bodiesAtOnce keeps a statement with bodies in it small.
const bodiesAtOnce = 50

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
	lacking := slices.DeleteFunc(slices.Clone(rows), func(d models.Delivery) bool { return len(d.Payload) > 0 })
	if len(lacking) == 0 {
		return rows, nil
	}
	lacking, err := s.renderAll(ctx, lacking, render)
	if err != nil {
		return nil, err
	}
	// In one order for all: others may be writing bodies of the same events.
	slices.SortFunc(lacking, func(a, b models.Delivery) int { return a.Event().Compare(b.Event()) })
	for rows := range slices.Chunk(lacking, bodiesAtOnce) {
		if err := s.keepBodies(ctx, rows); err != nil {
			return nil, err
		}
	}
	if err := s.loadBodies(ctx, rows); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rows, func(d models.Delivery) bool { return len(d.Payload) == 0 }), nil
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
// none is kept. What is deleted meanwhile leaves none behind.
func (s *System) keepBodies(ctx context.Context, rows []models.Delivery) error {
	ids := make([]string, len(rows))
	for i, d := range rows {
		ids[i] = d.ID
	}
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		query := tx.Model(&models.Delivery{})
		if s.postgres() {
			query = query.Clauses(clause.Locking{Strength: "KEY SHARE"})
		}
		var there []string
		if err := query.Where("id IN ?", ids).Pluck("id", &there).Error; err != nil {
			return err
		}
		var bodies []models.EventBody
		for _, d := range rows {
			if slices.Contains(there, d.ID) {
				bodies = append(bodies, models.EventBody{Event: d.Event(), Payload: d.Payload, CreatedAt: s.now()})
			}
		}
		if len(bodies) == 0 {
			return nil
		}
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&bodies).Error
	})
	return translate(err, "Delivery")
}

// loadBodies reads the bodies of the deliveries' events, where they are kept.
func (s *Store) loadBodies(ctx context.Context, rows []models.Delivery) error {
	subjects := make([]string, len(rows))
	for i := range rows {
		subjects[i] = rows[i].Event().SubjectID
	}
	var bodies []models.EventBody
	if err := s.db.WithContext(ctx).Where("subject_id IN ?", subjects).Find(&bodies).Error; err != nil {
		return translate(err, "Delivery")
	}
	of := make(map[models.Event][]byte, len(bodies))
	for _, b := range bodies {
		of[b.Event] = b.Payload
	}
	for i := range rows {
		rows[i].Payload = of[rows[i].Event()]
	}
	return nil
}

func (s *Store) loadBody(ctx context.Context, d *models.Delivery) error {
	rows := []models.Delivery{*d}
	err := s.loadBodies(ctx, rows)
	d.Payload = rows[0].Payload
	return err
}
