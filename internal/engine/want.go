package engine

import (
	"slices"
	"strings"

	"decoded.digital/extractor/models"
)

// want is one field of the template as the engine looks for it.
type want struct {
	field   models.Field
	path    string
	concept concept // the business term that it asks for; empty: none of the lexicon's
	shape   shape
	words   []string // of its key, and of its parents' where it is nested
	hints   []string // of its description, without the words of its key
}

// inLine says whether a concept is a column of a table's lines rather than a
// value of the whole document.
func (c concept) inLine() bool {
	switch c {
	case "line_position", "item_number", "buyer_item_number", "global_item_number", "item_description", "quantity", "unit", "unit_price",
		"line_total", "line_gross", "tax_rate", "line_tax", "line_discount", "line_date":
		return true
	}
	return false
}

// minAsk is the least agreement between a field and a concept's phrase.
const minAsk = 0.62

// resolve finds what a field asks for. kin are the words of the template's name,
// which each description may repeat; parents the keys above the field.
func (x *lexicon) resolve(f models.Field, path string, kin, parents []string, inLine bool) want {
	key := terms(f.Key)
	w := want{field: f, path: path, words: append(slices.Clone(parents), significant(f.Key)...)}
	if len(w.words) == len(parents) {
		w.words = append(w.words, key...)
	}
	for _, word := range significant(f.Description) {
		if !slices.Contains(w.words, word) && !slices.Contains(kin, word) {
			w.hints = append(w.hints, word)
		}
	}
	best := 0.0
	for i := range x.terms {
		t := &x.terms[i]
		if t.concept.inLine() != inLine && (!inLine || !lineToo(t.concept)) || !fits(t.shape, f.Type) {
			continue
		}
		score := x.asks(t, f, key, parents)
		if score > best {
			best, w.concept, w.shape = score, t.concept, t.shape
		}
	}
	if best < minAsk {
		w.concept, w.shape = "", ""
	}
	return w
}

// lineToo says whether a concept of the document may also be a column.
func lineToo(c concept) bool {
	return c == "delivery_date" || c == "order_number" || c == "delivery_note" || c == "currency"
}

// asks tells how well key and description agree with how a concept is asked
// for: 0 to 1.
func (x *lexicon) asks(t *term, f models.Field, key, parents []string) float64 {
	byKey := x.phraseAgreement(t, key)
	if len(parents) > 0 {
		byKey = max(byKey, x.phraseAgreement(t, append(slices.Clone(parents), key...)))
	}
	byDescription := x.phraseAgreement(t, terms(f.Description))
	for part := range strings.SplitSeq(f.Description, "/") {
		byDescription = max(byDescription, 0.97*x.phraseAgreement(t, terms(part)))
	}
	return max(0.55*byDescription+0.45*byKey, 0.93*byDescription, 0.88*byKey)
}

// phraseAgreement is the best F1 of words with the ways to ask for a concept; a
// phrase of one word must be all that is said.
func (x *lexicon) phraseAgreement(t *term, words []string) float64 {
	folded := strings.Join(words, "")
	meant := x.meanings(words)
	best := 0.0
	for i := range t.ask {
		p := &t.ask[i]
		if p.fold == folded {
			return 1
		}
		if len(p.meant) > 1 || len(meant) == 1 {
			best = max(best, 0.98*agreement(p.meant, meant))
		}
	}
	return best
}

// agreement is the F1 of two sets of words.
func agreement(a, b []string) float64 {
	same := 0
	for _, w := range a {
		if slices.Contains(b, w) {
			same++
		}
	}
	return 2 * float64(same) / float64(max(len(a)+len(b), 1))
}

// fits says whether a concept's values can be of a field's type. A template may
// ask for anything as a string.
func fits(s shape, t models.FieldType) bool {
	switch t {
	case models.TypeNumber:
		switch s {
		case "amount", "price", "lineamount", "quantity", "percent", "identifier", "position", "zip":
			return true
		}
		return false
	case models.TypeDate:
		return s == "date"
	case models.TypeBoolean, models.TypeObject, models.TypeObjectList:
		return false
	case models.TypeStringList:
		return s == "parties" || s == "party"
	case models.TypeString:
		return true
	}
	return false
}
