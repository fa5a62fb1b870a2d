package store_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
)

// list asks for a page of a list under one filter, by the product and as plain
// SQL.
type list struct {
	name    string
	product func(ctx context.Context, s *store.Store, of tenant, page int) (listed, error)
	bare    func(ctx context.Context, pool *pgxpool.Pool, of tenant, page int) (listed, error)
}

// listed is what came back: how many there are in all, and who is on the page.
type listed struct {
	total int64
	rows  []string
}

// kind is a list of the store, and how it is written by hand: the ids of a page
// first, what belongs to them then.
type kind[Filter, Row any] struct {
	name string
	read func(*store.Store, context.Context, models.Caller, Filter, models.Page) ([]Row, int64, error)
	tell func(*Row) string // apart from others
	// count and ids take a condition's text, ids also LIMIT and OFFSET; page
	// takes ids.
	count, ids, page string
	scan             func(rows pgx.Rows, row *Row) error
}

// under is the list under a filter; where is the same in SQL, with argument as
// its $3.
func (k *kind[Filter, Row]) under(name string, filter func(tenant) Filter, where string, argument func(tenant) any) list {
	answer := func(total int64, rows []Row) listed {
		l := listed{total: total}
		for i := range rows {
			l.rows = append(l.rows, k.tell(&rows[i]))
		}
		return l
	}
	return list{
		name: k.name + name,
		product: func(ctx context.Context, s *store.Store, of tenant, page int) (listed, error) {
			p := models.Page{Number: page, Limit: listRows, AsOf: time.Now()}
			rows, total, err := k.read(s, ctx, models.Caller{TenantID: of.id}, filter(of), p)
			return answer(total, rows), err
		},
		bare: func(ctx context.Context, pool *pgxpool.Pool, of tenant, page int) (listed, error) {
			arguments := []any{of.id, time.Now()}
			if argument != nil {
				arguments = append(arguments, argument(of))
			}
			var total int64
			if err := pool.QueryRow(ctx, fmt.Sprintf(k.count, where), arguments...).Scan(&total); err != nil {
				return listed{}, err
			}
			rows, err := k.readPlain(ctx, pool, fmt.Sprintf(k.ids, where, listRows, (page-1)*listRows), arguments)
			return answer(total, rows), err
		},
	}
}

func (k *kind[Filter, Row]) readPlain(ctx context.Context, pool *pgxpool.Pool, ids string, arguments []any) ([]Row, error) {
	found, err := pool.Query(ctx, fmt.Sprintf(k.page, ids), arguments...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	rows := make([]Row, 0, listRows)
	for found.Next() {
		var row Row
		if err := k.scan(found, &row); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, found.Err()
}

func always[V any](value V) func(tenant) V { return func(tenant) V { return value } }

func none[Filter any]() func(tenant) Filter { var zero Filter; return always(zero) }

// lists is each list without a filter and under each of its filters alone. Of a
// tenant's 5000 file names, searches find 3500, 500 and about 20.
func lists() []list {
	x, f, d, u := listsOfExtractions(), listsOfFiles(), listsOfDocuments(), listsOfUsers()
	all := []list{
		x.under("", none[models.ExtractionFilter](), "", nil),
		x.under("/status", always(models.ExtractionFilter{Status: models.StatusCompleted}), " AND status = $3", always[any]("completed")),
		x.under("/document", func(of tenant) models.ExtractionFilter { return models.ExtractionFilter{DocumentID: of.document} },
			" AND document_id = $3", func(of tenant) any { return of.document }),
		f.under("", none[models.FileFilter](), "", nil),
		f.under("/type", always(models.FileFilter{Type: "application/pdf"}), " AND type = $3", always[any]("application/pdf")),
		d.under("", none[models.DocumentFilter](), "", nil),
		d.under("/search", always(models.DocumentFilter{Search: "Invoice"}),
			" AND (LOWER(name) LIKE $3 OR LOWER(description) LIKE $3)", always[any]("%invoice%")),
		u.under("", none[models.UserFilter](), "", nil),
		u.under("/search", always(models.UserFilter{Search: "Anna"}),
			" AND (LOWER(u.email) LIKE $3 OR LOWER(u.first_name || ' ' || u.last_name) LIKE $3)", always[any]("%anna%")),
	}
	for _, text := range []string{"PDF", "Invoice", "Contoso_2024-06"} {
		like := always[any]("%" + strings.ReplaceAll(strings.ToLower(text), "_", `\_`) + "%")
		all = append(all,
			x.under("/search="+text, always(models.ExtractionFilter{Search: text}), " AND search_name LIKE $3", like),
			f.under("/search="+text, always(models.FileFilter{Search: text}), " AND search_name LIKE $3", like))
	}
	return all
}

func listsOfExtractions() *kind[models.ExtractionFilter, models.ExtractionSummary] {
	return &kind[models.ExtractionFilter, models.ExtractionSummary]{
		name: "extractions", read: (*store.Store).ListExtractions,
		tell: func(x *models.ExtractionSummary) string {
			return fmt.Sprint(x.ID, x.File.ID, x.File.Name, x.DocumentName == nil)
		},
		count: "SELECT COUNT(*) FROM extractions WHERE tenant_id = $1 AND created_at <= $2%s",
		ids:   "SELECT id FROM extractions WHERE tenant_id = $1 AND created_at <= $2%s ORDER BY created_at DESC, id DESC LIMIT %d OFFSET %d",
		page: `SELECT x.id, x.tenant_id, x.file_id, x.document_id, x.status, x.attempt, x.page_count, x.error, x.source, x.app_name, x.created_at,
  x.updated_at, f.id, f.tenant_id, f.name, f.type, f.size, f.blob_key, d.name
FROM (%s) page JOIN extractions x ON x.id = page.id JOIN files f ON f.id = x.file_id AND f.tenant_id = x.tenant_id
LEFT JOIN documents d ON d.id = x.document_id AND d.tenant_id = x.tenant_id ORDER BY x.created_at DESC, x.id DESC`,
		scan: func(r pgx.Rows, x *models.ExtractionSummary) error {
			return r.Scan(&x.ID, &x.TenantID, &x.FileID, &x.DocumentID, &x.Status, &x.Attempt, &x.PageCount, &x.Error, &x.Source, &x.AppName,
				&x.CreatedAt, &x.UpdatedAt, &x.File.ID, &x.File.TenantID, &x.File.Name, &x.File.Type, &x.File.Size, &x.File.BlobKey, &x.DocumentName)
		},
	}
}

func listsOfFiles() *kind[models.FileFilter, models.File] {
	return &kind[models.FileFilter, models.File]{
		name: "files", read: (*store.Store).ListFiles, tell: func(f *models.File) string { return f.ID + f.Name },
		count: "SELECT COUNT(*) FROM files WHERE tenant_id = $1 AND created_at <= $2%s",
		ids:   "SELECT id FROM files WHERE tenant_id = $1 AND created_at <= $2%s ORDER BY created_at DESC, id DESC LIMIT %d OFFSET %d",
		page: `SELECT f.id, f.tenant_id, f.name, f.original_name, f.search_name, f.type, f.size, f.sha256, f.blob_key, f.description, f.source,
  f.app_name, f.standalone, f.created_at, f.updated_at
FROM (%s) page JOIN files f ON f.id = page.id ORDER BY f.created_at DESC, f.id DESC`,
		scan: func(r pgx.Rows, f *models.File) error {
			return r.Scan(&f.ID, &f.TenantID, &f.Name, &f.OriginalName, &f.SearchName, &f.Type, &f.Size, &f.SHA256, &f.BlobKey, &f.Description, &f.Source,
				&f.AppName, &f.Standalone, &f.CreatedAt, &f.UpdatedAt)
		},
	}
}

func listsOfDocuments() *kind[models.DocumentFilter, models.Document] {
	return &kind[models.DocumentFilter, models.Document]{
		name: "documents", read: (*store.Store).ListDocuments, tell: func(d *models.Document) string { return d.ID + d.Name },
		count: "SELECT COUNT(*) FROM documents WHERE tenant_id = $1 AND created_at <= $2%s",
		ids:   "SELECT id FROM documents WHERE tenant_id = $1 AND created_at <= $2%s ORDER BY created_at DESC, id DESC LIMIT %d OFFSET %d",
		page: `SELECT d.id, d.tenant_id, d.name, d.description, d.fields::JSON, d.created_at, d.updated_at
FROM (%s) page JOIN documents d ON d.id = page.id ORDER BY d.created_at DESC, d.id DESC`,
		scan: func(r pgx.Rows, d *models.Document) error {
			return r.Scan(&d.ID, &d.TenantID, &d.Name, &d.Description, &d.Fields, &d.CreatedAt, &d.UpdatedAt)
		},
	}
}

func listsOfUsers() *kind[models.UserFilter, models.Member] {
	from := "FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1 AND m.created_at <= $2%s"
	return &kind[models.UserFilter, models.Member]{
		name: "users", read: (*store.Store).ListUsers, tell: func(m *models.Member) string { return m.ID + m.Email },
		count: "SELECT COUNT(*) " + from,
		ids:   from + " ORDER BY m.created_at DESC, u.id DESC LIMIT %d OFFSET %d",
		page:  "SELECT u.id, u.email, u.first_name, u.last_name, m.created_at, u.updated_at, m.role %s",
		scan: func(r pgx.Rows, m *models.Member) error {
			return r.Scan(&m.ID, &m.Email, &m.FirstName, &m.LastName, &m.CreatedAt, &m.UpdatedAt, &m.Role)
		},
	}
}
