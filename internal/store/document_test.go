package store

import (
	"testing"

	"decoded.digital/extractor/models"
)

func testDocuments(t *testing.T, b *bundle) {
	t.Helper()
	fields := []models.Field{{Key: "total", Type: models.TypeNumber, Description: "Total"}}
	d := models.Document{ID: models.NewID(b.now()), Name: "Invoice", Description: "Bills", Fields: fields, CreatedAt: b.now()}
	if err := b.CreateDocument(t.Context(), b.caller, &d); err != nil {
		t.Fatal(err)
	}
	_, err := b.GetDocument(t.Context(), b.other, d.ID)
	wantCode(t, err, models.CodeNotFound)
	_, err = b.UpdateDocument(t.Context(), b.other, d.ID, "Mine", "now", fields)
	wantCode(t, err, models.CodeNotFound)
	wantCode(t, b.DeleteDocument(t.Context(), b.other, d.ID), models.CodeNotFound)

	fields[0].Key = "sum"
	updated, err := b.UpdateDocument(t.Context(), b.caller, d.ID, "Receipt", "Bills", fields)
	if err != nil || updated.Name != "Receipt" || updated.Fields[0].Key != "sum" || updated.UpdatedAt.Before(d.UpdatedAt) {
		t.Errorf("got %+v, %v", updated, err)
	}
	for search, want := range map[string]int64{"": 1, "RECEI": 1, "bill": 1, "invoice": 0} {
		rows, total, err := b.ListDocuments(t.Context(), b.caller, models.DocumentFilter{Search: search}, models.Page{Number: 1, Limit: 10})
		if err != nil || total != want || int64(len(rows)) != want {
			t.Errorf("search %q: got %d of %d, %v", search, len(rows), total, err)
		}
	}
	if err := b.DeleteDocument(t.Context(), b.caller, d.ID); err != nil {
		t.Fatal(err)
	}
	wantCode(t, b.DeleteDocument(t.Context(), b.caller, d.ID), models.CodeNotFound)
}
