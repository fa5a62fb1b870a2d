package engine

import (
	"math"
	"slices"

	"decoded.digital/extractor/models"
)

// rate is a tax's rate in per cent that the document's own sums prove.
type rate struct {
	base float64 // of the tax, or with the tax in it where the rows are gross
	at   candidate
}

const (
	maxRate     = 30.0  // per cent; no country's rate of a tax on sales is higher
	rateCent    = 0.011 // by which a tax may differ from its base times its rate
	maxUnrated  = 10    // rows without a rate up to which their rates are tried
	ratedLabels = 0.3   // weight of a label from which a line speaks of a tax
)

// fillRates gives rows without a rate the one of the tax's lines: the bases of
// those must be the sums of the rows, and in one way alone.
func (x *extraction) fillRates(list []any, wants []want, path string) {
	rated, total := -1, -1
	for k := range wants {
		switch {
		case wants[k].field.Type != models.TypeNumber:
		case wants[k].concept == "tax_rate":
			rated = k
		case wants[k].concept == "line_total":
			total = k
		}
	}
	if rated < 0 || total < 0 || !x.has(IdeaRates) {
		return
	}
	key := wants[rated].field.Key
	for _, rates := range [][]rate{x.ratesOfLines(), x.rateOfTotals(false), x.rateOfTotals(true)} {
		for i, r := range assignRates(list, key, wants[total].field.Key, rates) {
			if row, ok := list[i].(map[string]any); ok {
				row[key] = r.at.value
			}
			x.evidence[rowPath(path, i)+"."+key] = x.evidenceOf(&r.at)
		}
	}
}

// assignRates is the rates of the rows that have none; nothing where no way to
// give them out, or more than one, makes each base the sum of its rows.
func assignRates(list []any, key, total string, rates []rate) map[int]rate {
	left := make([]float64, len(rates))
	for k := range rates {
		left[k] = rates[k].base
	}
	var open []int
	for i, row := range list {
		amount, own := cellNumber(row, total), cellNumber(row, key)
		if math.IsNaN(amount) {
			return nil
		}
		if math.IsNaN(own) {
			open = append(open, i)
			continue
		}
		k := slices.IndexFunc(rates, func(r rate) bool { return r.at.value == own })
		if k < 0 {
			return nil
		}
		left[k] -= amount
	}
	if len(open) == 0 || len(open) > maxUnrated && len(rates) > 1 {
		return nil
	}
	var found map[int]rate
	ways := 0
	given := make([]int, len(open))
	var try func(n int)
	try = func(n int) {
		if ways > 1 {
			return
		}
		if n < len(open) {
			amount := cellNumber(list[open[n]], total)
			for k := range rates {
				given[n], left[k] = k, left[k]-amount
				try(n + 1)
				left[k] += amount
			}
			return
		}
		if slices.ContainsFunc(left, func(rest float64) bool { return math.Abs(rest) > cent }) {
			return
		}
		ways++
		found = map[int]rate{}
		for i, k := range given {
			found[open[i]] = rates[k]
		}
	}
	try(0)
	if ways != 1 {
		return nil
	}
	return found
}

// ratesOfLines is the rates of lines that speak of a tax and show its base, its
// rate and itself.
func (x *extraction) ratesOfLines() []rate {
	var all []rate
	for _, l := range x.sheet.lines {
		if !x.taxed(l) {
			continue
		}
		spots := amountsOn(l, x.sheet.style)
		for _, r := range spots {
			for _, base := range spots {
				if x.provenBy(spots, r, base) && !slices.ContainsFunc(all, func(o rate) bool { return o.at.value == r.value }) {
					all = append(all, rate{base: base.figure.value, at: provenRate(l, r)})
				}
			}
		}
	}
	return all
}

// provenBy says whether one of the amounts is the base times the rate.
func (x *extraction) provenBy(spots []spot, r, base spot) bool {
	if r.from == base.from || r.figure.value <= 0 || r.figure.value > maxRate || base.figure.percent || base.figure.decimals != 2 {
		return false
	}
	return slices.ContainsFunc(spots, func(tax spot) bool {
		return tax.from != r.from && tax.from != base.from && !tax.figure.percent && tax.figure.decimals == 2 && math.Abs(base.figure.value*r.figure.value/100-tax.figure.value) < rateCent
	})
}

// rateOfTotals is the one rate that makes a tax on the page of the document's
// net total, or that tax the share of its gross total.
func (x *extraction) rateOfTotals(gross bool) []rate {
	of := concept("net_total")
	if gross {
		of = "grand_total"
	}
	base, ok := x.settled[of].value.(float64)
	if !ok || base == 0 {
		return nil
	}
	for _, l := range x.sheet.lines {
		if !x.taxed(l) {
			continue
		}
		for _, r := range amountsOn(l, x.sheet.style) {
			whole := 100.0
			if gross {
				whole += r.figure.value
			}
			if r.figure.percent && r.figure.value > 0 && x.taxes(base*r.figure.value/whole) {
				return []rate{{base: base, at: provenRate(l, r)}}
			}
		}
	}
	return nil
}

// taxes says whether a line that speaks of a tax shows an amount.
func (x *extraction) taxes(amount float64) bool {
	return slices.ContainsFunc(x.sheet.lines, func(l *line) bool {
		return x.taxed(l) && slices.ContainsFunc(amountsOn(l, x.sheet.style), func(v spot) bool {
			return !v.figure.percent && v.figure.decimals == 2 && math.Abs(v.figure.value-amount) < rateCent
		})
	})
}

func provenRate(l *line, r spot) candidate {
	c := at(r.value, l, r.from, r.to, 0.9, models.MethodLabel)
	c.proof = true
	return c
}

// taxed says whether a line speaks of a tax, or of a total that has it in it.
func (x *extraction) taxed(l *line) bool {
	return slices.ContainsFunc(x.labelsOn[l.index], func(o *label) bool {
		return o.weight > ratedLabels && o.says("tax_total", "tax_rate", "tax_base", "grand_total")
	})
}

func amountsOn(l *line, s style) []spot {
	var all []spot
	for _, part := range l.segments {
		for _, v := range part.values(s) {
			if v.shape == "amount" {
				all = append(all, v)
			}
		}
	}
	return all
}
