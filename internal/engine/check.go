package engine

import (
	"fmt"
	"math"

	"decoded.digital/extractor/models"
)

// cent is the difference under which a sum is right.
const cent = 0.005

// sums tries whether a numeric column adds up to a total of the document. Which
// total a column belongs to is not known, so it is only reported where one
// agrees.
func sums(fields []models.Field, data map[string]any) []models.Check {
	checks := []models.Check{}
	for _, list := range fields {
		rows, _ := data[list.Key].([]any)
		for _, column := range list.Children {
			if column.Type != models.TypeNumber || len(rows) < 2 {
				continue
			}
			total, complete := 0.0, true
			for _, r := range rows {
				cell, ok := r.(map[string]any)[column.Key].(float64)
				total, complete = total+cell, complete && ok
			}
			for _, f := range fields {
				want, ok := data[f.Key].(float64)
				if ok && complete && math.Abs(total-want) < cent {
					checks = append(checks, models.Check{Rule: fmt.Sprintf("sum(%s.%s) = %s", list.Key, column.Key, f.Key), OK: true})
				}
			}
		}
	}
	return checks
}
