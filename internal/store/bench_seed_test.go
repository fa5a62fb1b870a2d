package store_test

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/internal/testkit"
)

const (
	seedTenants = 200
	seedRows    = 1_000_000 // extractions, and files
)

// tenant is one of the seed; document is the template that four in ten of its
// extractions are of.
type tenant struct{ id, document string }

// seed answers a Postgres database of the product's own schema with a million
// extractions in it, and its tenants. The tenants' rows lie between
// each other's, as they come in life. EXTRACTOR_BENCH_ROWS makes it smaller.
func seed(b *testing.B) (address string, tenants []tenant) {
	b.Helper()
	rows := seedRows
	if text := os.Getenv("EXTRACTOR_BENCH_ROWS"); text != "" {
		var err error
		if rows, err = strconv.Atoi(text); err != nil {
			b.Fatalf("EXTRACTOR_BENCH_ROWS: %v", err)
		}
	}
	// A quarter of 4 GB, as a server has it; the default is for the smallest.
	address = testkit.StartPostgres(b, "-c", "shared_buffers=1GB").NewDatabase(b)
	s, err := store.Open(b.Context(), address, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	_ = s.Close()
	connection, err := pgx.Connect(b.Context(), address)
	if err != nil {
		b.Fatal(err)
	}
	defer connection.Close(context.WithoutCancel(b.Context()))
	exec := func(statement string, arguments ...any) {
		if _, err := connection.Exec(b.Context(), statement, arguments...); err != nil {
			b.Fatalf("%v in %s", err, statement)
		}
	}
	exec(seedPrelude)
	exec(seedTenantRows, seedTenants)
	exec(seedPeople, seedTenants)
	exec(seedDocuments, seedTenants)
	exec(seedFiles, seedTenants, rows)
	exec(seedExtractions, seedTenants)
	exec("VACUUM ANALYZE")
	found, err := connection.Query(b.Context(), seeded)
	if err != nil {
		b.Fatal(err)
	}
	if tenants, err = pgx.CollectRows(found, func(row pgx.CollectableRow) (t tenant, err error) { return t, row.Scan(&t.id, &t.document) }); err != nil {
		b.Fatal(err)
	}
	return address, tenants
}

// seeded is each tenant with its first template.
const seeded = "SELECT DISTINCT ON (tenant_id) tenant_id, id FROM documents ORDER BY tenant_id, created_at"

// seedPrelude makes ids like models.NewID's: seconds, then what looks random.
// Foreign keys hold by construction and are not checked row by row.
const seedPrelude = `
SET session_replication_role = replica;
CREATE FUNCTION pg_temp.id(kind TEXT, n INT) RETURNS TEXT LANGUAGE SQL AS
  $$ SELECT LPAD(TO_HEX(1700000000 + n * 30), 8, '0') || SUBSTR(MD5(kind || n), 1, 16) $$`

const seedTenantRows = `
INSERT INTO tenants (id, name, status, created_at, updated_at)
SELECT pg_temp.id('tenant', n), 'Tenant ' || n, 'active', NOW(), NOW() FROM GENERATE_SERIES(0, $1::INT - 1) n`

// seedPeople gives each tenant 50 users.
const seedPeople = `
WITH people AS (
  INSERT INTO users (id, email, first_name, last_name, created_at, updated_at)
  SELECT pg_temp.id('user', n), 'p' || n || '@tenant' || n % $1 || '.test', (ARRAY['Anna', 'Ben', 'Carla', 'David', 'Eva'])[1 + n / $1 % 5],
    'Miller-' || n, NOW(), NOW()
  FROM GENERATE_SERIES(0, $1::INT * 50 - 1) n
)
INSERT INTO memberships (tenant_id, user_id, role, created_at)
SELECT pg_temp.id('tenant', n % $1), pg_temp.id('user', n), 'member', TIMESTAMPTZ '2024-01-01' + n * INTERVAL '1 minute'
FROM GENERATE_SERIES(0, $1::INT * 50 - 1) n`

// seedDocuments gives each tenant 50 templates of 8 fields.
const seedDocuments = `
INSERT INTO documents (id, tenant_id, name, description, fields, created_at, updated_at)
SELECT pg_temp.id('document', n), pg_temp.id('tenant', n % $1),
  (ARRAY['Invoice', 'Receipt', 'Contract', 'Order', 'Delivery note'])[1 + n / $1 % 5] || ' ' || n / $1,
  'What suppliers send us, kind ' || n,
  (SELECT JSON_AGG(JSON_BUILD_OBJECT('id', MD5(k::TEXT), 'key', 'field_' || k, 'type', 'String', 'description', 'What stands in field ' || k))
   FROM GENERATE_SERIES(1, 8) k),
  TIMESTAMPTZ '2024-01-01' + n * INTERVAL '1 minute', NOW()
FROM GENERATE_SERIES(0, $1::INT * 50 - 1) n`

// seedFiles names files as people and scanners do: of 10 kinds, from 20
// suppliers, with a date and a number. Seven in ten are PDFs. h is what looks
// random.
const seedFiles = `
INSERT INTO files (id, tenant_id, name, original_name, search_name, type, size, sha256, blob_key, description, source, app_name,
  created_at, updated_at)
SELECT id, tenant, name, name, LOWER(name), type, 100000 + n, MD5(name) || MD5(id), tenant || '/files/' || id, '', 'embed', 'host', at, at
FROM (
  SELECT n, pg_temp.id('file', n) AS id, pg_temp.id('tenant', h % $1) AS tenant, TIMESTAMPTZ '2024-01-01' + n * INTERVAL '30 seconds' AS at,
    CASE WHEN h / $1 / 200 % 10 < 7 THEN 'application/pdf' ELSE 'image/jpeg' END AS type,
    (ARRAY['Invoice', 'INV', 'Receipt', 'Rechnung', 'Order', 'scan', 'Contract', 'Delivery_note', 'IMG', 'Statement'])[1 + h / $1 % 10] || '_' ||
    (ARRAY['Northwind', 'Contoso', 'Fabrikam', 'Adventure-Works', 'Tailspin', 'Wingtip', 'Litware', 'Proseware', 'Acme', 'Globex', 'Initech',
      'Umbrella', 'Hooli', 'Stark', 'Wayne', 'Wonka', 'Duff', 'Cyberdyne', 'Soylent', 'Oscorp'])[1 + h / $1 / 10 % 20] || '_' ||
    TO_CHAR(DATE '2024-01-01' + n / 2880, 'YYYY-MM-DD') || '_' || LPAD(n::TEXT, 6, '0') ||
    CASE WHEN h / $1 / 200 % 10 < 7 THEN '.pdf' ELSE '.jpg' END AS name
  FROM (SELECT n, ABS(HASHINT4(n)) AS h FROM GENERATE_SERIES(0, $2::INT - 1) n) numbers
) files`

// seedExtractions gives each file an extraction. Most are completed; four in
// ten are of the tenant's first template, one in ten of none.
const seedExtractions = `
INSERT INTO extractions (id, tenant_id, file_id, search_name, document_id, status, attempt, run_id, run_begun_at, page_count,
  extracted_data, evidence, checks, failure_type, source, app_name, created_at, updated_at, completed_at)
SELECT SUBSTR(f.id, 1, 8) || SUBSTR(MD5(f.id), 1, 16), f.tenant_id, f.id, f.search_name,
  CASE WHEN h % 10 < 4 THEN pg_temp.id('document', t.n) WHEN h % 10 < 9 THEN pg_temp.id('document', t.n + $1 * (1 + h / 10 % 49)) END,
  CASE WHEN h % 20 < 17 THEN 'completed' WHEN h % 20 = 17 THEN 'analysis failed' WHEN h % 20 = 18 THEN 'extracting' ELSE 'uploaded' END,
  1, MD5(f.id), 0, 1, '{"invoice_number":"' || MD5(f.id) || '","total":' || h || ',"lines":[{"amount":1}]}',
  '{"total":{"confidence":0.9,"page":1,"text":"' || h || '","method":"label"}}', '[]', '', 'embed', 'host', f.created_at, f.updated_at, f.updated_at
FROM (SELECT *, ABS(HASHTEXT(id)) AS h FROM files) f
JOIN (SELECT n, pg_temp.id('tenant', n) AS id FROM GENERATE_SERIES(0, $1::INT - 1) n) t ON t.id = f.tenant_id
ORDER BY f.created_at`
