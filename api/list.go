package api

import (
	"time"

	"decoded.digital/extractor/models"
)

const (
	defaultLimit = 20
	maxPage      = 1_000_000
	maxSearch    = 200
)

// or is what a parameter points to, or nothing.
func or[T any](value *T) T {
	if value == nil {
		var nothing T
		return nothing
	}
	return *value
}

// validID refuses an id of the path that can't be one.
func validID(id, noun string) error {
	if !models.ValidID(id) {
		return models.Invalid("id: Invalid %s ID format", noun)
	}
	return nil
}

// page checks the parameters that every list has.
func (s *Server) page(number, limit *int, asOf *string) (models.Page, error) {
	p := models.Page{Number: 1, Limit: defaultLimit, AsOf: s.Now()}
	if number != nil {
		p.Number = *number
	}
	if limit != nil {
		p.Limit = *limit
	}
	if p.Number < 1 || p.Number > maxPage {
		return p, models.Invalid("page must be a whole number from 1 to %d", maxPage)
	}
	if p.Limit < 1 || p.Limit > models.MaxPageLimit {
		return p, models.Invalid("limit must be a whole number from 1 to %d", models.MaxPageLimit)
	}
	if asOf != nil {
		at, err := time.Parse(time.RFC3339, *asOf)
		if err != nil {
			return p, models.Invalid("asOf must be a time like %s", models.TimeFormat)
		}
		p.AsOf = at.UTC()
	}
	return p, nil
}

func search(text *string) (string, error) { return models.Text("search", or(text), maxSearch) }

// pagination says where a page stands among all.
func pagination(p models.Page, total int64) Pagination {
	pages := (total + int64(p.Limit) - 1) / int64(p.Limit)
	return Pagination{
		Page: p.Number, Limit: p.Limit, TotalCount: total, TotalPages: pages,
		HasNextPage: int64(p.Number) < pages, HasPrevPage: p.Number > 1, AsOf: models.FormatTime(p.AsOf),
	}
}

// views shows each row; of no rows it is an empty list, not null.
func views[Row, View any](rows []Row, view func(*Row) View) []View {
	list := make([]View, len(rows))
	for i := range rows {
		list[i] = view(&rows[i])
	}
	return list
}

// timeOrNull is how a time that may be missing is written.
func timeOrNull(t *time.Time) *string {
	if t == nil {
		return nil
	}
	text := models.FormatTime(*t)
	return &text
}

// textOrNull is how a text that may be missing is written.
func textOrNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
