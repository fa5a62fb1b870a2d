package engine

import (
	"reflect"
	"testing"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

func TestWhatEveryPageShowsIsNoRow(t *testing.T) {
	t.Parallel()
	head := "Description            Quantity   Unit price   Amount"
	pageOf := func(number int, rows ...string) reader.Page {
		lines := append([]string{"MILL LTD               2          10.00        20.00", "Our number             471        10.05", "", head}, rows...)
		for len(lines) < 58 {
			lines = append(lines, "")
		}
		return layout(number, append(lines, "Mill Ltd               916        44.10")...)
	}
	first := pageOf(1, "Paint, blue            2          10.00        20.00", "Brush                  1          5.50         5.50")
	second := pageOf(2, "Ladder                 1          80.00        80.00")
	want := [][4]any{{"Paint, blue", 2.0, 10.0, 20.0}, {"Brush", 1.0, 5.5, 5.5}, {"Ladder", 1.0, 80.0, 80.0}}
	if rows := listed(t, extract(t, []reader.Page{first, second}, linesField())); !reflect.DeepEqual(rows, want) {
		t.Errorf("got %v", rows)
	}
}

func TestATableEndsWhereAnotherBegins(t *testing.T) {
	t.Parallel()
	page := layout(1,
		"Description            Quantity   Unit price   Amount",
		"Paint                  2          10.00        20.00",
		"",
		"Goods                  Tax base   Rate         Tax",
		"Standard               20.00      20           4.00")
	if rows := listed(t, extract(t, []reader.Page{page}, linesField())); !reflect.DeepEqual(rows, [][4]any{{"Paint", 2.0, 10.0, 20.0}}) {
		t.Errorf("got %v", rows)
	}
}

func TestANoteThatRunsThroughTheColumnsIsNoRow(t *testing.T) {
	t.Parallel()
	page := layout(1,
		"Description            Quantity   Unit price   Amount",
		"Cover                  1          80.00        80.00",
		"- storm and hail, part A section 4 no. 2 up to 62.000 each",
		"Delivery               1          4.50         4.50",
		"Total                                          84.50")
	rows := listed(t, extract(t, []reader.Page{page}, linesField()))
	if len(rows) != 2 || rows[0][1] != 1.0 || rows[0][2] != 80.0 || rows[1] != [4]any{"Delivery", 1.0, 4.5, 4.5} {
		t.Errorf("got %v", rows)
	}
}

func TestARateIsNoQuantityWhereverItStands(t *testing.T) {
	t.Parallel()
	lines := linesField()
	lines.Children = append(lines.Children, field("tax_rate", models.TypeNumber))
	page := layout(1,
		"Description            Quantity         Tax      Unit price   Amount",
		"Paint                  2           19 % VAT      10.00        20.00")
	got := extract(t, []reader.Page{page}, lines)
	want := []any{map[string]any{"description": "Paint", "quantity": 2.0, "unit_price": 10.0, "amount": 20.0, "tax_rate": 19.0}}
	if !reflect.DeepEqual(got.Data["lines"], want) {
		t.Errorf("got %v", got.Data["lines"])
	}
}
