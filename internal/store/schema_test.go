package store

import (
	"reflect"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"decoded.digital/extractor/models"
)

// testSchema compares each table with its gorm model: the same columns, and a
// column is nullable exactly where the model's value can be nothing.
func testSchema(t *testing.T, b *bundle) {
	t.Helper()
	for _, model := range []any{
		models.Tenant{},
		models.User{},
		models.Membership{},
		models.APIKey{},
		models.Document{},
		models.File{},
		models.Extraction{},
		models.Webhook{},
		models.Delivery{},
		models.DeliveryAttempt{},
		models.EventBody{},
		models.OutboxEntry{},
		models.Session{},
		models.IdempotentRequest{},
		models.MailAccount{},
		models.Mailbox{},
		models.MailItem{},
		models.MailMessage{},
		models.MailAttachment{},
		models.ExtractionEmail{},
	} {
		parsed, err := schema.Parse(model, &sync.Map{}, tableNames{})
		if err != nil {
			t.Fatal(err)
		}
		columns := map[string]gorm.ColumnType{}
		types, err := b.db.Migrator().ColumnTypes(parsed.Table)
		if err != nil {
			t.Fatalf("%s: %v", parsed.Table, err)
		}
		for _, column := range types {
			columns[column.Name()] = column
		}
		for _, field := range parsed.Fields {
			if field.DBName == "" {
				continue // read from another table
			}
			column, found := columns[field.DBName]
			if !found {
				t.Errorf("%s has no column %s", parsed.Table, field.DBName)
				continue
			}
			delete(columns, field.DBName)
			if nullable, known := column.Nullable(); known && nullable != mayBeNothing(parsed.Table, field) {
				t.Errorf("%s.%s: nullable is %v in the database", parsed.Table, field.DBName, nullable)
			}
		}
		for name := range columns {
			t.Errorf("%s.%s is no field of the model", parsed.Table, name)
		}
	}
}

func mayBeNothing(table string, f *schema.Field) bool {
	switch f.FieldType.Kind() { //nolint:exhaustive // the other kinds always have a value
	case reflect.Pointer:
		return true
	case reflect.Map, reflect.Slice:
		// Results and payloads come later than their rows; lists of settings are
		// empty, never missing.
		return table == "extractions" || table == "mail_accounts" || table == "idempotent_requests"
	}
	return false
}

func testMigrateAtOnce(t *testing.T, b *bundle) {
	t.Helper()
	var group errgroup.Group
	for range 4 {
		group.Go(func() error {
			s, err := Open(t.Context(), b.address, time.Now)
			if err != nil {
				return err
			}
			defer s.Close()
			return s.Migrate(t.Context())
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}
