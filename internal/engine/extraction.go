package engine

import (
	"context"
	"fmt"
	"strings"

	"decoded.digital/extractor/models"
)

// extraction is a template being filled from a reading.
type extraction struct {
	*reading
	ctx      context.Context //nolint:containedctx // of one call, whose steps are methods
	document *models.Document
	kin      []string // words of the template's name
	foreign  bool     // the document is of another kind than the template
	settled  map[concept]candidate
	seller   *party
	buyer    *party
	invoice  *embeddedInvoice // inside the file; nil: none, or it is not to be used
	evidence map[string]models.Evidence
	numbers  map[concept]filledNumber // of the answer, for the sums
	found    []models.Check           // tried while the fields were filled
}

// prepare finds what many fields share.
func (x *extraction) prepare() {
	x.kin = significant(x.document.Name)
	x.foreign = x.foreignTo(x.document)
	x.settled = x.totals()
	x.seller, x.buyer = x.roles()
}

// object fills fields, and those of their children.
func (x *extraction) object(fields []models.Field, path string, parents []string) (map[string]any, error) {
	data := make(map[string]any, len(fields))
	for _, f := range fields {
		if err := x.ctx.Err(); err != nil {
			return nil, err
		}
		at := f.Key
		if path != "" {
			at = path + "." + f.Key
		}
		switch f.Type {
		case models.TypeObject:
			child, err := x.object(f.Children, at, append(parents, significant(f.Key)...))
			if err != nil {
				return nil, err
			}
			data[f.Key] = child
		case models.TypeObjectList:
			data[f.Key] = x.objects(f, at)
		case models.TypeStringList:
			data[f.Key] = x.strings(f, at)
		case models.TypeString, models.TypeNumber, models.TypeBoolean, models.TypeDate:
			data[f.Key] = x.single(f, at, parents)
		}
	}
	return data, nil
}

// single finds one value.
func (x *extraction) single(f models.Field, path string, parents []string) any {
	w := x.lexicon.resolve(f, path, x.kin, parents, false)
	found, reason, others := choose(x.candidates(&w), f.Type, x.sheet.style)
	if reason == models.ReasonNotFound && len(others) == 0 && f.Type != models.TypeString && !x.foreign {
		if others = x.mistyped(&w); len(others) > 0 {
			reason = refusal(&others[0])
		}
	}
	var value any
	if reason == "" {
		value = found.value
		x.evidence[path] = x.evidenceOf(&found)
	} else {
		x.null(path, reason, others)
	}
	if x.invoice != nil && w.concept != "" {
		if carried, text, ok := x.invoice.value(w.concept, f.Type); ok {
			value = x.carried(path, carried, text, value)
		}
	}
	if n, ok := value.(float64); ok && w.concept != "" {
		x.numbers[w.concept] = filledNumber{path: path, value: n}
	}
	return value
}

// carried takes a value from the invoice inside the file. Where the printed page
// says another thing, that is a failed check.
func (x *extraction) carried(path string, carried any, text string, printed any) any {
	e := models.Evidence{Confidence: embeddedConfidence, Text: text, Method: models.MethodEmbedded}
	if printed != nil {
		if agrees(carried, printed) {
			on := x.evidence[path]
			e.Page, e.Box = on.Page, on.Box
		} else {
			failed := models.Check{Rule: fmt.Sprintf("embedded %s = printed %s", path, path)}
			if a, ok := carried.(float64); ok {
				if b, ok := printed.(float64); ok {
					failed = check(failed.Rule, a, b)
				}
			}
			x.found = append(x.found, failed)
		}
	}
	x.evidence[path] = e
	return carried
}

// embeddedConfidence is that of a value that the file itself carries.
const embeddedConfidence = 0.99

// agrees compares two values of one type as a reader would: texts by their
// letters and digits.
func agrees(a, b any) bool {
	switch a := a.(type) {
	case float64:
		n, ok := b.(float64)
		return ok && equal(a, n)
	case string:
		s, ok := b.(string)
		return ok && fold(a) == fold(s)
	}
	return a == b
}

// mistyped is what stands where a field's value should, but is not of its type.
func (x *extraction) mistyped(w *want) []candidate {
	var all []candidate
	for _, l := range x.labels[w.concept] {
		if from, to, ok := x.right(l); ok && l.weight > 0.75 && w.concept != "" {
			all = append(all, at(nil, l.line, from, to, 0, models.MethodLabel))
		}
	}
	if w.concept != "" {
		return all
	}
	asText := *w
	asText.field.Type = models.TypeString
	return x.byWords(&asText)
}

// candidates is every place that may hold a want's value.
func (x *extraction) candidates(w *want) []candidate {
	if x.foreign {
		return nil
	}
	if w.concept != "" {
		if found := x.byConcept(w); len(found) > 0 {
			return found
		}
	}
	return x.byWords(w)
}

// byConcept is the candidates for a business term.
func (x *extraction) byConcept(w *want) []candidate {
	switch w.shape {
	case "amount":
		if found, ok := x.settled[w.concept]; ok {
			return []candidate{found}
		}
		return x.labelled(w.concept)
	case "party", "address", "street", "city", "zip":
		return x.partyCandidates(w)
	case "currency":
		return x.currencies()
	case "place", "duration":
		return append(x.proseCandidates(w), x.shortLabelled(w)...)
	}
	switch w.concept {
	case "document_number", "document_date":
		all := append(x.labelled(w.concept), x.titled(w.concept)...)
		if w.concept == "document_date" {
			all = append(all, x.looseDates()...)
		}
		return all
	case "delivery_date":
		if found := x.labelled(w.concept); len(found) > 0 {
			return found
		}
		return x.periodEnds()
	case "due_date":
		return append(x.labelled(w.concept), x.dueSentences()...)
	case "seller_vat_id":
		return x.vatIDs()
	case "iban", "email", "website":
		return append(x.labelled(w.concept), x.formed(w.shape)...)
	case "customer_number":
		return append(append(x.labelled(w.concept), x.detailsOf(x.buyer, w.concept)...), x.detailsOf(x.buyer, "party_number")...)
	case "effective_date":
		return append(x.proseCandidates(w), x.labelled(w.concept)...)
	}
	return x.labelled(w.concept)
}

// shortLabelled is what stands beside a label of a place or a length of time, if
// it is no sentence.
func (x *extraction) shortLabelled(w *want) []candidate {
	var all []candidate
	for _, c := range x.labelled(w.concept) {
		fit := len(c.text) <= 40 && c.label.weight > 0.85
		if w.shape == "duration" {
			fit = fit && duration.MatchString(c.text)
		}
		if fit {
			all = append(all, c)
		}
	}
	return all
}

// evidenceOf says where a value stands.
func (x *extraction) evidenceOf(c *candidate) models.Evidence {
	box := c.line.page.source.Original(c.boxes)
	return models.Evidence{
		Confidence: x.confidence(c), Page: c.line.page.source.Number, Box: &box, Text: c.text, Method: c.method,
	}
}

// maxCandidates is how many places are shown for a value that stayed null.
const maxCandidates = 5

// null keeps why a field has no value.
func (x *extraction) null(path string, reason models.Reason, considered []candidate) {
	if reason == models.ReasonNotFound && x.sheet.blurred {
		reason = models.ReasonUnreadable
	}
	e := models.Evidence{Reason: reason}
	for i := range considered[:min(len(considered), maxCandidates)] {
		c := &considered[i]
		box := c.line.page.source.Original(c.boxes)
		e.Candidates = append(e.Candidates, models.EvidenceHit{Page: c.line.page.source.Number, Box: &box, Text: c.text})
	}
	x.evidence[path] = e
}

// objects fills a list of objects from the table whose heading names its
// children.
func (x *extraction) objects(f models.Field, path string) []any {
	list := []any{}
	wants := make([]want, len(f.Children))
	for i, child := range f.Children {
		wants[i] = x.lexicon.resolve(child, child.Key, x.kin, nil, true)
	}
	if x.invoice != nil {
		if carried := x.carriedLines(wants, path); len(carried) > 0 {
			return carried
		}
	}
	var t *table
	if !x.foreign {
		t = x.findTable(wants)
	}
	var rows []*tableRow
	if t != nil {
		rows = x.rowsOf(t)
	} else if !x.foreign {
		rows = x.plainRows(wants)
	}
	for _, row := range rows {
		list = append(list, x.rowObject(row, rowPath(path, len(list))))
	}
	x.fillRates(list, wants, path)
	x.account(path, rows)
	if len(list) == 0 {
		x.null(path, models.ReasonNotFound, nil)
	}
	return list
}

func rowPath(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// carriedLines is the lines of the invoice inside the file; none where the
// template asks for nothing that they have.
func (x *extraction) carriedLines(wants []want, path string) []any {
	list := []any{}
	known := false
	for i, l := range x.invoice.lines {
		values := make(map[string]any, len(wants))
		for k := range wants {
			f := wants[k].field
			at := fmt.Sprintf("%s[%d].%s", path, i, f.Key)
			text := l.first(x.invoice.inLine[wants[k].concept])
			value, ok := embeddedValue(text, f.Type)
			if !ok {
				values[f.Key] = nil
				x.evidence[at] = models.Evidence{Reason: models.ReasonNotFound}
				continue
			}
			known = true
			values[f.Key] = value
			x.evidence[at] = models.Evidence{Confidence: embeddedConfidence, Text: text, Method: models.MethodEmbedded}
		}
		list = append(list, values)
	}
	if !known {
		return nil
	}
	return list
}

// rowObject is one row's values by key.
func (x *extraction) rowObject(row *tableRow, path string) map[string]any {
	t := row.table
	values := make(map[string]any, len(t.wants))
	for k := range t.wants {
		w := &t.wants[k]
		at := path + "." + w.field.Key
		values[w.field.Key] = nil
		x.null(at, models.ReasonNotFound, nil)
		for i, c := range t.columns {
			if c.child != k || row.cells[i] == nil {
				continue
			}
			found, reason, seen := x.cellValue(w, c, row.cells[i])
			if reason != "" {
				x.null(at, reason, seen)
				continue
			}
			values[w.field.Key] = found.value
			x.evidence[at] = x.evidenceOf(&found)
		}
	}
	return values
}

// strings fills a list of strings.
func (x *extraction) strings(f models.Field, path string) []any {
	w := x.lexicon.resolve(f, path, x.kin, nil, false)
	var found []candidate
	switch {
	case x.foreign:
	case w.concept == "contract_parties":
		found = x.contractParties()
	default:
		found = x.listed(&w)
	}
	values := []any{}
	for i := range found {
		x.evidence[fmt.Sprintf("%s[%d]", path, i)] = x.evidenceOf(&found[i])
		values = append(values, found[i].value)
	}
	if len(values) == 0 {
		x.null(path, models.ReasonNotFound, nil)
	}
	return values
}

// listed splits the value beside a label at commas and semicolons.
func (x *extraction) listed(w *want) []candidate {
	w.shape, w.field.Type = "text", models.TypeString
	ranked := best(x.byWords(w), 1)
	if len(ranked) == 0 {
		return nil
	}
	var parts []candidate
	for _, part := range strings.FieldsFunc(ranked[0].text, func(r rune) bool { return r == ',' || r == ';' }) {
		if part = strings.TrimSpace(part); part != "" {
			one := ranked[0]
			one.value, one.text = part, part
			parts = append(parts, one)
		}
	}
	return parts
}
