package engine

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"decoded.digital/extractor/models"
)

// titled is number and date in the document's title: "Rechnung Nr. 4711 vom
// 20.11.2026", "Facture n° 12 du 2 juillet 2026".
func (r *reading) titled(c concept) []candidate {
	var all []candidate
	if !r.has(IdeaTitle) {
		return nil
	}
	for _, l := range r.sheet.lines[:min(len(r.sheet.lines), 120)] {
		for i := range l.tokens {
			if !titleWord(l.tokens[i].fold) {
				continue
			}
			from, ok := numberSign(l, i+1, len(l.tokens))
			if !ok || r.otherLabel(l, i+1, from) {
				continue
			}
			number := identifierIn(l, from, len(l.tokens), r.sheet.style, 0.9-0.2*float64(l.index)/float64(len(r.sheet.lines)))
			if len(number) == 0 {
				continue
			}
			if c == "document_number" {
				all = append(all, number[0])
			} else {
				all = append(all, r.dateBehind(l, number[0])...)
			}
			break
		}
	}
	return all
}

// titleWord says whether a word names a bill, as it is or as the end of a
// compound: Rechnung, Handelsrechnung, Factuur.
func titleWord(folded string) bool {
	for _, word := range []string{"rechnung", "invoice", "facture", "factura", "fattura", "fatura", "factuur", "faktura", "gutschrift", "receipt", "quittung", "creditnote", "avoir", "rachunek"} {
		if strings.HasSuffix(folded, word) {
			return true
		}
	}
	return false
}

// numberSign finds the sign for a number within a few words.
func numberSign(l *line, i, end int) (int, bool) {
	for k := i; k < min(end, i+6); k++ {
		switch strings.Trim(l.tokens[k].fold, "°º") {
		case "nr", "no", "n", "number", "nummer", "num", "numer", "numero", "nro", "numerer":
			return l.skip(k + 1), k+1 < end
		case "":
			if strings.Trim(l.tokens[k].text, ".:") == "#" || strings.HasPrefix(l.tokens[k].text, "№") {
				return k + 1, k+1 < end
			}
		}
		if strings.HasPrefix(l.tokens[k].text, "n°") || strings.HasPrefix(l.tokens[k].text, "#") {
			return k, true
		}
	}
	return 0, false
}

// dateBehind is the date that follows a document's number, on its line or at
// the beginning of the next.
func (r *reading) dateBehind(l *line, number candidate) []candidate {
	for _, s := range l.segments {
		for _, v := range s.values(r.sheet.style) {
			if v.shape == "date" && l.tokens[v.from].box.X >= number.boxes.Right()-0.01 {
				return []candidate{at(v.value, l, v.from, v.to, 0.85, models.MethodLabel)}
			}
		}
	}
	if l.index+1 >= len(r.sheet.lines) || !preposition(l.tokens[len(l.tokens)-1].fold) {
		return nil
	}
	next := r.sheet.lines[l.index+1]
	for _, v := range next.segments[0].values(r.sheet.style) {
		if v.shape == "date" && v.from == 0 {
			return []candidate{at(v.value, next, v.from, v.to, 0.8, models.MethodLabel)}
		}
	}
	return nil
}

// otherLabel says whether a label of another thing stands between the title and
// its number: "Rechnung gemäß Bestellung Nr. 7".
func (r *reading) otherLabel(l *line, from, to int) bool {
	return slices.ContainsFunc(r.labelsOn[l.index], func(o *label) bool {
		return o.from >= from && o.from < to && !o.says("document_number", "line_position", "party_number")
	})
}

// payBy is the words of a sentence about payment before the day by which it is
// due: "zahlbar innerhalb 30 Tagen netto bis 04.04.2026".
var (
	payBy    = regexp.MustCompile(`(?i)(\bbis(\s+zum|\s+spätestens(\s+zum)?)?|\bby|\bbefore|\bon|\bam|\bavant\s+le|\ble|\bvoor|\bantes\s+del?|\bentro\s+il|\bdo(\s+dnia)?|\baté)\s*$`)
	payWords = regexp.MustCompile(`(?i)(zahlbar|fällig|überweis|begleich|eingezogen|abgebucht|debited|collected|prélev|afgeschreven|adeud|addebit|payable|\bdue\b|\bpay\b|payer|payable|régler|betal|voldoen|pagar|pagare|pagamento|zapłat|płatn)`)
	discount = regexp.MustCompile(`(?i)(skonto|discount|escompte|korting|descuento|sconto|rabat|desconto)`)
)

// dueSentences is the days that sentences about payment name.
func (r *reading) dueSentences() []candidate {
	var all []candidate
	if !r.has(IdeaSentences) {
		return nil
	}
	for _, l := range r.sheet.lines {
		for _, s := range l.segments {
			start := 0
			for _, d := range datesIn(s.text, r.sheet.style) {
				before := s.text[start:d.from]
				start = d.to
				if !payBy.MatchString(before) || !payWords.MatchString(s.text) || discount.MatchString(before) {
					continue
				}
				from, to := s.tokensOf(d.from, d.to)
				all = append(all, at(d.value, l, from, to, 0.7, models.MethodSentence))
			}
		}
	}
	return all
}

// looseDates is the dates that no label names: that of a letter alone near the
// top of the first page, or those of a till, best with the time beside it.
func (r *reading) looseDates() []candidate {
	roll := r.tillRoll() && r.has(IdeaTill)
	var all []candidate
	for _, l := range r.sheet.lines {
		if l.page != r.sheet.pages[0] || l.box.Y > 0.5 && !roll || l.index > 40 && !roll {
			break
		}
		for _, s := range l.segments {
			for _, v := range s.values(r.sheet.style) {
				switch {
				case v.shape != "date":
				case roll:
					score := 0.38 - 0.001*float64(l.index)
					if clock.MatchString(l.text(v.from, len(l.tokens))) {
						score += 0.1
					}
					all = append(all, at(v.value, l, v.from, v.to, score, models.MethodPosition))
				case v.from-s.from <= 2 && v.to == s.to && r.begins(s) == nil && len(all) == 0:
					all = append(all, at(v.value, l, v.from, v.to, 0.4, models.MethodPosition))
				}
			}
		}
	}
	return all
}

// clock is a time of day.
var clock = regexp.MustCompile(`\d{1,2}[:.]\d{2}`)

func preposition(folded string) bool {
	return slices.Contains([]string{"vom", "du", "van", "of", "dated", "del", "de", "zdnia", "dnia", "from", "am"}, folded)
}

// formed is the values that are told by their own form, wherever they stand.
func (r *reading) formed(kind shape) []candidate {
	var all []candidate
	if !r.has(IdeaForm) {
		return nil
	}
	for _, l := range r.sheet.lines {
		for _, s := range l.segments {
			for _, v := range s.values(r.sheet.style) {
				if v.shape == kind {
					all = append(all, at(v.value, l, v.from, v.to, 0.6, models.MethodPattern))
				}
			}
		}
	}
	return all
}

// vatIDs is the seller's VAT id: what stands in its block, else beside a label
// or in the form of one, but not in the buyer's block.
func (x *extraction) vatIDs() []candidate {
	all := append(x.detailsOf(x.seller, "seller_vat_id"), x.labelled("seller_vat_id")...)
	for i := range all {
		if l := all[i].label; l != nil && l.from > 0 && yours(l.line.tokens[l.from-1].fold) {
			all[i].score *= 0.3
		}
	}
	for _, c := range x.formed("vat") {
		c.score = 0.5
		all = append(all, c)
	}
	if x.buyer == nil {
		return all
	}
	for i := range all {
		if other, ok := x.buyer.details["seller_vat_id"]; ok && other.same(all[i]) {
			all[i].score *= 0.3
		}
	}
	return all
}

// yours says whether a word speaks to who gets the document: what it stands
// before is not the sender's.
func yours(folded string) bool {
	return slices.Contains([]string{"ihre", "ihr", "your", "votre", "uw", "su", "vostra", "vostro", "vs", "sua", "customer", "client", "buyer", "kunden", "klant"}, folded)
}

// periodEnds is the last day of the period that a bill says it is for: what is
// delivered over a time is delivered at its end.
func (r *reading) periodEnds() []candidate {
	var all []candidate
	if !r.has(IdeaSentences) {
		return nil
	}
	for i, l := range r.sheet.lines {
		at0 := periodWord.FindStringIndex(l.whole())
		if at0 == nil {
			continue
		}
		var dates []candidate
		for _, next := range r.sheet.lines[i:min(i+3, len(r.sheet.lines))] {
			for _, s := range next.segments {
				for _, v := range s.values(r.sheet.style) {
					if v.shape == "date" && next.page == l.page {
						dates = append(dates, at(v.value, next, v.from, v.to, 0.5, models.MethodSentence))
					}
				}
			}
			if len(dates) > 1 {
				break
			}
		}
		if len(dates) > 1 && dates[0].text != dates[1].text && fmt.Sprint(dates[0].value) < fmt.Sprint(dates[1].value) {
			all = append(all, dates[1])
		}
	}
	return all
}

// periodWord names a period of time.
var periodWord = regexp.MustCompile(`(?i)(zeitraum|\bperiod\b|période|\bperiode\b|\bperiodo\b|\bperíodo\b|\bokres\b)`)

// detailsOf is what a party's block says of it.
func (x *extraction) detailsOf(p *party, c concept) []candidate {
	if p == nil {
		return nil
	}
	if found, ok := p.details[c]; ok {
		found.score = min(1, found.score+0.1)
		if c == "party_number" {
			found.score *= 0.75
		}
		return []candidate{found}
	}
	return nil
}

// currencies counts the signs and codes of currencies that stand beside amounts
// or a label.
func (x *extraction) currencies() []candidate {
	counts := map[string]int{}
	first := map[string]candidate{}
	total := 0
	for _, l := range x.sheet.lines {
		for i := range l.tokens {
			code := tokenCurrency(l.tokens[i].text, x.sheet.style)
			if f, _, ok := l.figureAt(i, len(l.tokens), x.sheet.style); ok && code == "" {
				code = f.currency
			}
			if code == "" {
				continue
			}
			counts[code]++
			total++
			if _, known := first[code]; !known {
				end := i + 1
				if tokenCurrency(l.tokens[i].text, x.sheet.style) == "" {
					_, end, _ = l.figureAt(i, len(l.tokens), x.sheet.style) // the sign stands beside it
				}
				first[code] = at(code, l, i, end, 0, models.MethodPattern)
			}
		}
	}
	for _, l := range x.labels["currency"] {
		if from, to, ok := x.right(l); ok {
			if code := currencyOf(strings.Trim(l.line.text(from, min(from+1, to)), ".,;()")); code != "" {
				found := at(code, l.line, from, from+1, 0.95, models.MethodLabel)
				found.label = l
				return []candidate{found}
			}
		}
	}
	var all []candidate
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		n := counts[code]
		c := first[code]
		c.score = 0.9 * float64(n) / float64(total)
		all = append(all, c)
	}
	return all
}

// tokenCurrency is the currency that a word names, alone or with a number.
func tokenCurrency(text string, s style) string {
	if f, ok := figureOf(text, s); ok {
		return f.currency
	}
	trimmed := strings.Trim(text, "().,;:[]/")
	if i := strings.LastIndexByte(trimmed, '/'); i >= 0 {
		trimmed = trimmed[i+1:]
	}
	if trimmed != strings.ToUpper(trimmed) && len(trimmed) > 1 && currencyOf(trimmed) != "PLN" {
		return ""
	}
	return currencyOf(trimmed)
}
