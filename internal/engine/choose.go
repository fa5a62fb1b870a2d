package engine

import (
	"cmp"
	"slices"

	"decoded.digital/extractor/models"
)

// tie is the difference of scores under which two places say the same thing
// equally well.
const tie = 0.02

// best merges candidates of one value, which confirm each other, and orders
// them by score; at most n.
func best(all []candidate, n int) []candidate {
	var merged []candidate
	for _, c := range all {
		i := slices.IndexFunc(merged, func(o candidate) bool { return o.value == c.value })
		if i < 0 {
			merged = append(merged, c)
			continue
		}
		agreed := max(merged[i].score, c.score) + 0.05*min(merged[i].score, c.score)
		if c.score > merged[i].score {
			merged[i] = c
		}
		merged[i].score = min(agreed, 1)
	}
	slices.SortStableFunc(merged, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	return merged[:min(len(merged), n)]
}

// choose answers the best of the candidates for a field, or why there is none.
// Where two places say it equally well and differ, it is none: a coin toss is
// no evidence.
func choose(all []candidate, kind models.FieldType, s style) (candidate, models.Reason, []candidate) {
	var valid, refused []candidate
	for _, c := range all {
		value, ok := typed(c, kind, s)
		if !ok {
			refused = append(refused, c)
			continue
		}
		c.value = value
		valid = append(valid, c)
	}
	ranked := best(valid, len(valid))
	switch {
	case len(ranked) == 0 && len(refused) > 0:
		return candidate{}, refusal(&refused[0]), refused
	case len(ranked) == 0:
		return candidate{}, models.ReasonNotFound, nil
	case ranked[0].score < minScore:
		return candidate{}, models.ReasonNotFound, ranked
	case len(ranked) > 1 && ranked[0].score-ranked[1].score < tie && !ranked[0].proof:
		return candidate{}, models.ReasonAmbiguous, ranked
	case !ranked[0].readable():
		return candidate{}, models.ReasonUnreadable, ranked
	}
	return ranked[0], "", ranked[1:]
}

// minScore is the least score of a value that is answered.
const minScore = 0.3

// typed is a candidate's value in the field's type.
func typed(c candidate, kind models.FieldType, s style) (any, bool) {
	switch value := c.value.(type) {
	case float64:
		if kind == models.TypeNumber {
			return value, true
		}
	case string:
		switch kind { //nolint:exhaustive // the other types hold no text
		case models.TypeString:
			return value, value != ""
		case models.TypeDate:
			if isDay(value) {
				return value, true
			}
		}
	case bool:
		return value, kind == models.TypeBoolean
	}
	return coerce(kind, c.text, s)
}
