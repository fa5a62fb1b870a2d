package engine

import (
	"fmt"
	"math"

	"decoded.digital/extractor/models"
)

// cent is the difference under which a sum is right.
const cent = 0.005

// filledNumber is a number of the answer, with the path under which it stands.
type filledNumber struct {
	path  string
	value float64
}

// checks tries the sums that the answer's business terms call for, and those of
// columns that happen to agree with a total.
func (x *extraction) checks(fields []models.Field, data map[string]any) []models.Check {
	checks := append([]models.Check{}, x.found...)
	net, hasNet := x.numbers["net_total"]
	tax, hasTax := x.numbers["tax_total"]
	gross, hasGross := x.numbers["grand_total"]
	if hasNet && hasTax && hasGross {
		checks = append(checks, check(fmt.Sprintf("%s + %s = %s", net.path, tax.path, gross.path), net.value+tax.value, gross.value))
	}
	due, hasDue := x.numbers["amount_due"]
	if paid, ok := x.numbers["prepaid_amount"]; ok && hasDue && hasGross {
		checks = append(checks, check(fmt.Sprintf("%s - %s = %s", gross.path, paid.path, due.path), gross.value-math.Abs(paid.value), due.value))
	}
	for _, f := range fields {
		if rows, ok := data[f.Key].([]any); ok && f.Type == models.TypeObjectList {
			checks = append(checks, x.listChecks(f, rows, fields, data)...)
		}
	}
	return checks
}

func check(rule string, got, want float64) models.Check {
	difference := math.Round((got-want)*1e6) / 1e6
	return models.Check{Rule: rule, OK: math.Abs(got-want) < cent, Difference: difference}
}

// listChecks multiplies each row's quantity and price, and adds the columns up.
func (x *extraction) listChecks(list models.Field, rows []any, fields []models.Field, data map[string]any) []models.Check {
	var checks []models.Check
	keys := map[concept]string{}
	for _, child := range list.Children {
		if w := x.lexicon.resolve(child, child.Key, x.kin, nil, true); w.concept != "" && child.Type == models.TypeNumber {
			keys[w.concept] = child.Key
		}
	}
	quantity, price, total := keys["quantity"], keys["unit_price"], keys["line_total"]
	if quantity != "" && price != "" && total != "" {
		worst, tried := 0.0, 0
		for _, row := range rows {
			q, p, t := cellNumber(row, quantity), cellNumber(row, price), cellNumber(row, total)
			if math.IsNaN(q + p + t) {
				continue
			}
			tried++
			if d := q*p - t; math.Abs(d) > math.Abs(worst) && math.Abs(d) > 0.0051*max(1, math.Abs(q)) { // a printed price is rounded
				worst = d
			}
		}
		if tried > 0 {
			checks = append(checks, check(fmt.Sprintf("%s[].%s * %s = %s", list.Key, quantity, price, total), worst, 0))
		}
	}
	return append(checks, x.columnChecks(list, rows, total, fields, data)...)
}

// columnChecks adds columns up: that of the lines' totals must give the net
// total, if there is one; of others only what agrees is told.
func (x *extraction) columnChecks(list models.Field, rows []any, total string, fields []models.Field, data map[string]any) []models.Check {
	var checks []models.Check
	if len(rows) == 0 {
		return nil
	}
	for _, child := range list.Children {
		sum := 0.0
		for _, row := range rows {
			sum += cellNumber(row, child.Key)
		}
		if child.Type != models.TypeNumber || math.IsNaN(sum) {
			continue
		}
		rule := func(path string) string { return fmt.Sprintf("sum(%s.%s) = %s", list.Key, child.Key, path) }
		if net, ok := x.numbers["net_total"]; ok && child.Key == total {
			checks = append(checks, check(rule(net.path), sum, net.value))
			continue
		}
		if w := x.lexicon.resolve(child, child.Key, x.kin, nil, true); w.concept != "" && w.shape != "lineamount" {
			continue // nobody adds prices up
		}
		for _, f := range fields {
			if want, ok := data[f.Key].(float64); ok && len(rows) > 1 && math.Abs(sum-want) < cent {
				checks = append(checks, check(rule(f.Key), sum, want))
			}
		}
	}
	return checks
}

// cellNumber is a row's number; NaN where it has none.
func cellNumber(row any, key string) float64 {
	if values, ok := row.(map[string]any); ok {
		if n, ok := values[key].(float64); ok {
			return n
		}
	}
	return math.NaN()
}
