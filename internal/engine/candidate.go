package engine

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"decoded.digital/extractor/models"
)

// candidate is a place whose value a field may have.
type candidate struct {
	value   any
	line    *line
	boxes   models.Box
	text    string
	score   float64 // 0 to 1, before it is calibrated
	method  models.Method
	label   *label // that says so; nil: none does
	proof   bool   // a sum confirms it
	several bool   // it is one of a list, of which each may be wrong
}

// at makes a candidate of the tokens from…to of a line.
func at(value any, l *line, from, to int, score float64, method models.Method) candidate {
	return candidate{value: value, line: l, boxes: l.boxOf(from, to), text: l.text(from, to), score: score, method: method}
}

// labelled is the values beside and under the labels that name a concept.
func (r *reading) labelled(c concept) []candidate {
	var all []candidate
	kind := r.lexicon.shapes[c]
	for _, l := range r.labels[c] {
		found := r.beside(l, kind)
		if len(found) == 0 {
			found = r.beneath(l, kind)
		}
		for i := range found {
			found[i].label = l
		}
		all = append(all, found...)
	}
	return all
}

// beside is what of a kind stands right of a label.
func (r *reading) beside(l *label, kind shape) []candidate {
	if kind == "amount" {
		return r.amountsRight(l)
	}
	from, to, ok := r.right(l)
	if !ok {
		return nil
	}
	return r.typed(l.line, from, to, kind, l.weight)
}

// beneath is what of a kind stands under a label, before anything else does.
func (r *reading) beneath(l *label, kind shape) []candidate {
	if !r.has(IdeaBeneath) {
		return nil
	}
	for i, s := range r.under(l.line, l.box, 3.2) {
		if other := r.begins(s); other != nil && other.weight > 0.7 && !r.valueToo(s, kind) {
			return nil
		}
		if found := r.typed(s.line, s.from, s.to, kind, 0.88*l.weight); len(found) > 0 {
			return found[:1]
		}
		if i == 1 {
			break
		}
	}
	return nil
}

// valueToo says whether a segment that looks like a label holds a value of the
// kind that is looked for.
func (r *reading) valueToo(s *segment, kind shape) bool {
	for _, v := range s.values(r.sheet.style) {
		if v.shape == kind && v.from == s.from {
			return true
		}
	}
	return false
}

// typed is the values of a kind among some tokens of a line.
func (r *reading) typed(l *line, from, to int, kind shape, score float64) []candidate {
	switch kind {
	case "identifier":
		return identifierIn(l, from, to, r.sheet.style, score)
	case "text", "party", "address", "place", "duration", "street", "city", "zip", "itemcode", "description":
		text := strings.TrimSpace(l.text(from, to))
		if utf8.RuneCountInString(text) < 2 || !strings.ContainsFunc(text, unicode.IsLetter) && kind != "zip" {
			return nil
		}
		return []candidate{at(text, l, from, to, 0.9*score, models.MethodLabel)}
	case "vat":
		return r.vatIn(l, from, to, score)
	case "bic":
		for i := from; i < to; i++ {
			if word := strings.Trim(l.tokens[i].text, ".,;"); bicForm.FindString(word) == word && word != "" {
				return []candidate{at(word, l, i, i+1, score, models.MethodLabel)}
			}
		}
		return nil
	case "iban":
		return ibanIn(l, from, to, score)
	case "phone":
		if text := l.text(from, to); phoneForm.MatchString(text) {
			return []candidate{at(phoneForm.FindString(text), l, from, to, 0.9*score, models.MethodLabel)}
		}
		return nil
	}
	return r.spots(l, from, to, kind, score)
}

// spots is the values of a kind that are told by their form; what stands
// between the label and them makes them less likely.
func (r *reading) spots(l *line, from, to int, kind shape, score float64) []candidate {
	var all []candidate
	for _, s := range l.segments {
		if s.to <= from || s.from >= to {
			continue
		}
		for _, v := range s.values(r.sheet.style) {
			if v.from < from || v.to > to || v.shape != kind {
				continue
			}
			distance := float64(v.from - from)
			c := at(v.value, l, v.from, v.to, score*max(1-0.12*distance, 0.4), models.MethodLabel)
			all = append(all, c)
		}
	}
	if len(all) > 1 && kind == "date" {
		all = all[:1]
	}
	return all
}

// numberSigns is the signs for "number" that are printed before one.
var numberSigns = regexp.MustCompile(`^(?i:n[°º]|№|nr\.|no\.)\s*`)

// identifierIn reads a number of a document, an order or a customer: words with
// digits, and what joins them.
func identifierIn(l *line, from, to int, s style, score float64) []candidate {
	start, end, digits := -1, -1, false
	for i := from; i < to; i++ {
		text := strings.Trim(l.tokens[i].text, ",;")
		hasDigit := strings.ContainsAny(text, "0123456789")
		switch {
		case start < 0 && (hasDigit || text == "#" || prefixOf(l, i, to)):
			start, end, digits = i, i+1, hasDigit
		case start < 0 && i-from >= 2:
			return nil
		case start < 0:
		case hasDigit && len(dateAt(l, i, to, s)) == 0 || joins(l, i, to) || !digits && prefixOf(l, i, to):
			end, digits = i+1, digits || hasDigit
		default:
			i = to
		}
		if start >= 0 && strings.HasSuffix(l.tokens[min(i, to-1)].text, ",") {
			break
		}
	}
	if start < 0 || !digits {
		return nil
	}
	text := strings.Trim(numberSigns.ReplaceAllString(l.text(start, end), ""), " .,;:")
	if len(datesIn(text, s)) > 0 && !strings.ContainsFunc(text, unicode.IsLetter) || len(text) > 40 {
		return nil
	}
	score *= max(1-0.15*float64(start-from), 0.5)
	if f, ok := figureOf(text, s); ok && (f.decimals == 2 || f.percent || f.currency != "") {
		score *= 0.5
	}
	return []candidate{at(text, l, start, end, score, models.MethodLabel)}
}

// dateAt is the dates that begin at a token.
func dateAt(l *line, i, to int, s style) []found {
	dates := datesIn(l.text(i, min(i+4, to)), s)
	if len(dates) > 0 && dates[0].from == 0 {
		return dates
	}
	return nil
}

// joins says whether a word is a sign between two with digits.
func joins(l *line, i, to int) bool {
	if i+1 >= to || !strings.ContainsAny(l.tokens[i+1].text, "0123456789") {
		return false
	}
	return strings.Trim(l.tokens[i].text, "-–/_#") == ""
}

// prefixOf says whether a word is the capitals before a number: "F 1234".
func prefixOf(l *line, i, to int) bool {
	text := l.tokens[i].text
	if i+1 >= to || utf8.RuneCountInString(text) > 4 || strings.ToUpper(text) != text || !strings.ContainsFunc(text, unicode.IsUpper) {
		return false
	}
	return strings.ContainsAny(l.tokens[i+1].text, "0123456789")
}

func ibanIn(l *line, from, to int, score float64) []candidate {
	for i := from; i < to && i < from+3; i++ {
		at0 := ibanForm.FindStringIndex(l.text(i, to))
		if at0 == nil || at0[0] != 0 {
			continue
		}
		iban := compact(l.text(i, to)[:at0[1]])
		end := i
		for n := 0; end < to && n < len(iban); end++ {
			n += len(compact(l.tokens[end].text))
		}
		if len(iban) < 15 || len(iban) > 34 {
			continue
		}
		if !validIBAN(iban) {
			score *= 0.85
		}
		return []candidate{at(iban, l, i, end, score, models.MethodLabel)}
	}
	return nil
}

// vatIn reads a VAT or tax identification number: of a known form, or the
// identifier that the label names.
func (r *reading) vatIn(l *line, from, to int, score float64) []candidate {
	if found := r.spots(l, from, to, "vat", score); len(found) > 0 {
		return found[:1]
	}
	found := identifierIn(l, from, to, r.sheet.style, 0.8*score)
	if len(found) == 0 {
		return nil
	}
	digits := 0
	for _, c := range found[0].text {
		if unicode.IsDigit(c) {
			digits++
		}
	}
	if digits < 7 {
		return nil
	}
	return found
}

// boolMark is yes or no where a word is a mark in a box, as coerce reads it.
func boolMark(text string) string {
	switch strings.Trim(text, "[]() ") {
	case "✓", "✔", "✗", "✘", "☒", "☑", "■":
		return "yes"
	case "☐", "□":
		return "no"
	}
	return ""
}
