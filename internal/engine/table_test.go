package engine

import (
	"fmt"
	"reflect"
	"testing"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

func linesField() models.Field {
	return field("lines", models.TypeObjectList, field("description", models.TypeString), field("quantity", models.TypeNumber),
		field("unit_price", models.TypeNumber), field("amount", models.TypeNumber))
}

func listed(t *testing.T, got Result) [][4]any {
	t.Helper()
	var rows [][4]any
	list, _ := got.Data["lines"].([]any)
	for _, r := range list {
		row, ok := r.(map[string]any)
		if !ok {
			t.Fatalf("got a row %v", r)
		}
		rows = append(rows, [4]any{row["description"], row["quantity"], row["unit_price"], row["amount"]})
	}
	return rows
}

func TestRowsGoOnOverPagesAndLines(t *testing.T) {
	t.Parallel()
	head := "Description            Quantity   Unit price   Amount"
	first := layout(1, "INVOICE", "", head,
		"Paint, blue, for       2          10.00        20.00",
		"walls and doors",
		"",
		"Group: tools",
		"Brush                  1          5.50         5.50",
	)
	second := layout(2, "INVOICE, page 2", "", head,
		"Ladder                 1          80.00        80.00",
		"Delivery               1          4.50         4.50",
		"",
		"Subtotal                                       110.00",
		"VAT 20 %                                       22.00",
		"Total                                          132.00",
	)
	got := extract(t, []reader.Page{first, second}, linesField())
	want := [][4]any{{"Paint, blue, for walls and doors", 2.0, 10.0, 20.0}, {"Brush", 1.0, 5.5, 5.5}, {"Ladder", 1.0, 80.0, 80.0}, {"Delivery", 1.0, 4.5, 4.5}}
	if rows := listed(t, got); !reflect.DeepEqual(rows, want) {
		t.Errorf("got %v", rows)
	}
	if e := got.Evidence["lines[2].amount"]; e.Page != 2 || e.Method != models.MethodTable {
		t.Errorf("got %+v", e)
	}
}

func TestHeadingsAreReadInManyLanguages(t *testing.T) {
	t.Parallel()
	for _, head := range []string{
		"Bezeichnung            Menge      Einzelpreis  Gesamtpreis",
		"Désignation            Quantité   P.U. HT      Montant HT",
		"Omschrijving           Aantal     Prijs        Bedrag",
		"Descripción            Cantidad   Precio       Importe",
		"Descrizione            Quantità   Prezzo       Importo",
		"Nazwa towaru           Ilość      Cena netto   Wartość netto",
		"Descrição              Qtd.       Preço unit.  Valor",
	} {
		page := layout(1, head, "Nagel                  2          10,00        20,00", "Hammer                 1          5,50         5,50")
		got := extract(t, []reader.Page{page}, linesField())
		want := [][4]any{{"Nagel", 2.0, 10.0, 20.0}, {"Hammer", 1.0, 5.5, 5.5}}
		if rows := listed(t, got); !reflect.DeepEqual(rows, want) {
			t.Errorf("%s: got %v", head, rows)
		}
	}
}

func TestAListWithoutAHeadingIsReadWhereItsSumIsTheTotal(t *testing.T) {
	t.Parallel()
	lines := []string{"INVOICE", "", "Cleaning             40.00", "Windows              15.00", "", "Subtotal             55.00", "VAT 20 %             11.00", "Total                66.00"}
	fields := models.Field{Key: "lines", Type: models.TypeObjectList, Description: "Lines", Children: []models.Field{field("description", models.TypeString), field("amount", models.TypeNumber)}}
	got := extract(t, []reader.Page{layout(1, lines...)}, fields)
	want := []any{map[string]any{"description": "Cleaning", "amount": 40.0}, map[string]any{"description": "Windows", "amount": 15.0}}
	if !reflect.DeepEqual(got.Data["lines"], want) {
		t.Errorf("got %v", got.Data["lines"])
	}
	lines[3] = "Windows              16.00"
	if got := extract(t, []reader.Page{layout(1, lines...)}, fields); len(got.Data["lines"].([]any)) != 0 {
		t.Errorf("lines that do not add up were taken: %v", got.Data["lines"])
	}
}

func TestARowThatIsLostIsTold(t *testing.T) {
	t.Parallel()
	lines := []string{
		"Description            Quantity   Unit price   Amount",
		"Paint                  2          10.00        20.00",
		"Brush                  1           5.50         5.50",
		"Total                                          25.50",
		"Ladder                 1          80.00        80.00",
	}
	for n, missed := range map[int]float64{4: 0, 5: 1} {
		got := extract(t, []reader.Page{layout(1, lines[:n]...)}, linesField())
		found := false
		for _, c := range got.Checks {
			if c.Rule == "rows of lines seen = answered" {
				found = true
				if c.OK != (missed == 0) || c.Difference != missed {
					t.Errorf("%d lines: got %+v", n, c)
				}
			}
		}
		if !found {
			t.Errorf("%d lines: got checks %+v", n, got.Checks)
		}
	}
}

func TestFiveThousandRowsAreRead(t *testing.T) {
	t.Parallel()
	var pages []reader.Page
	for p := range 100 {
		lines := []string{"Description            Quantity   Unit price   Amount"}
		for i := range 50 {
			lines = append(lines, fmt.Sprintf("%-23s%-11d%-13s%s", fmt.Sprintf("Part number %d", 50*p+i), 1, "2.50", "2.50"))
		}
		pages = append(pages, layout(p+1, lines...))
	}
	if rows := listed(t, extract(t, pages, linesField())); len(rows) != 5000 || rows[4999] != [4]any{"Part number 4999", 1.0, 2.5, 2.5} {
		t.Errorf("got %d rows", len(rows))
	}
}
