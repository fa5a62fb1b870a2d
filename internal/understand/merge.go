package understand

import (
	"fmt"
	"math"
	"strings"

	"decoded.digital/extractor/models"
)

// merge makes one answer of those to all windows, in their order.
func merge(fields []models.Field, answers []object) object {
	merged := object{}
	for _, answer := range answers {
		for _, f := range fields {
			if next, there := answer[f.Key]; there {
				merged[f.Key] = joined(f, merged[f.Key], next)
			}
		}
	}
	return merged
}

// joined is a value with what a later window says of it; before is nil where
// there is no earlier one.
func joined(f models.Field, before, next any) any {
	switch next := next.(type) {
	case object:
		if before, ok := before.(object); ok {
			return merge(f.Children, []object{before, next})
		}
	case []object:
		if before, ok := before.([]object); ok {
			return joinedRows(f.Children, before, next)
		}
	case []*leaf:
		if before, ok := before.([]*leaf); ok {
			return joinedTexts(before, next)
		}
	case *leaf:
		if before, ok := before.(*leaf); ok {
			return joinedLeaf(before, next)
		}
	}
	return next
}

// joinedLeaf keeps the first value that stands on a page; what else is said is
// kept beside it.
func joinedLeaf(before, next *leaf) *leaf {
	switch {
	case next.value == nil && (before.value != nil || before.raw != "" || next.raw == ""):
		return before
	case before.value == nil:
		return next
	case equal(before.value, next.value):
		if before.at == nil {
			before.at = next.at
		}
		return before
	case before.at == nil && next.at != nil:
		before, next = next, before
	}
	before.others = append(before.others, next)
	before.others = append(before.others, next.others...)
	next.others = nil
	return before
}

func joinedTexts(before, next []*leaf) []*leaf {
	known := map[string]bool{}
	for _, l := range before {
		known[fmt.Sprint(l.value)] = true
	}
	for _, l := range next {
		if text := fmt.Sprint(l.value); !known[text] {
			before, known[text] = append(before, l), true
		}
	}
	return before
}

// joinedRows appends the rows that are not there yet. Windows overlap, so a row
// may come twice: it is the same one where it stands at the same place and says
// the same, and where it stands nowhere if it says the same.
func joinedRows(fields []models.Field, before, next []object) []object {
	type spot struct {
		page int
		line int // of some thousand on the page
	}
	standing, homeless := map[spot][][]*leaf{}, map[string]int{}
	spots := func(at *place) []spot {
		if at == nil {
			return nil
		}
		y := int(math.Round(at.box.Y * 1000))
		return []spot{{at.page.Number, y - 1}, {at.page.Number, y}, {at.page.Number, y + 1}}
	}
	for _, row := range before {
		leaves := leavesOf(fields, row)
		if at := spots(placeOf(leaves)); at != nil {
			standing[at[1]] = append(standing[at[1]], leaves)
		} else {
			homeless[saying(leaves)]++
		}
	}
	for _, row := range next {
		leaves := leavesOf(fields, row)
		at := spots(placeOf(leaves))
		twice := false
		for _, s := range at {
			for _, other := range standing[s] {
				twice = twice || mostlyEqual(leaves, other)
			}
		}
		if at == nil && homeless[saying(leaves)] > 0 {
			homeless[saying(leaves)]--
			twice = true
		}
		if !twice {
			before = append(before, row)
		}
	}
	return before
}

// placeOf is where a row stands: its first value that does.
func placeOf(leaves []*leaf) *place {
	for _, l := range leaves {
		if l.at != nil && !l.at.far {
			return l.at
		}
	}
	return nil
}

func saying(leaves []*leaf) string {
	var text strings.Builder
	for _, l := range leaves {
		fmt.Fprintf(&text, "%v\x00", l.value)
	}
	return text.String()
}

// mostlyEqual says whether more than half of two rows' values are equal.
func mostlyEqual(a, b []*leaf) bool {
	same, values := 0, 0
	for i := range a {
		if i >= len(b) || (a[i].value == nil && b[i].value == nil) {
			continue
		}
		values++
		if equal(a[i].value, b[i].value) {
			same++
		}
	}
	return 2*same > values
}

// equal says whether two values of a type say the same.
func equal(a, b any) bool {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return ok && (a == b || (keyOf(a) == keyOf(b) && keyOf(a) != ""))
	case float64:
		b, ok := b.(float64)
		return ok && rounded(a) == rounded(b)
	}
	return a != nil && a == b
}
