package engine

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var (
	between = regexp.MustCompile(`(?i)\b(?:by\s+and\s+(?:between|among)|between|among|zwischen|entre|tussen|tra|pomiędzy)\b[:\s]*`)
	// definedAs is the end of a party's name: its definition in brackets, what it
	// is, where it lives.
	definedAs = regexp.MustCompile(`(?i)\s*(?:\(|,?\s+an?\s+(?:\w+[\s,]+){0,6}?(?:corporation|company|partnership|individual|bank|association|resident|business|entity|trust|citizen|person|firm)\b|,?\s+(?:with|whose|having|located|residing|including|collectively|on\s+behalf|together|acting|each|its\s+\w+|organized|incorporated\s+(?:under|in)|and\s+its|who|which|for\s+itself|divisions|of\s+the\s+(?:city|county|state)|individually|as\s+\w+|hereinafter|hereafter|effective|dated|regarding|relating|is|are|has|have|shall|sets|as)\b|;|\p{L}{3}\.\s+[A-Z]|\s+the\s+"|\bwhereas\b|\brecitals?\b|\bwitnesseth\b)`)
	partyJoin = regexp.MustCompile(`^(?:[\s,;.)"]|\band\b|\bund\b|\bet\b|\ben\b|\by\b|\bby\b|\bbetween\b|\(\d\)|\([a-z]\)|\b[ivx]+\)|\bon the one hand\b|\bon the other hand\b)+`)
)

// preamble is how many bytes behind "between" may name parties.
const preamble = 1500

// contractParties reads the names of the parties to an agreement: from the
// sentence that begins it, else from its signatures.
func (x *extraction) contractParties() []candidate {
	if !x.has(IdeaSentences) {
		return nil
	}
	f := x.flowing()
	head := f.text[:min(len(f.text), 8000)]
	var found []candidate
	for _, m := range between.FindAllStringIndex(head, 4) {
		if found = x.namesFrom(f, m[1]); len(found) >= 2 {
			break
		}
	}
	if len(found) < 2 {
		found = append(found, x.signatories()...)
	}
	return distinct(found)
}

// namesFrom reads names one behind the other: each ends where it is defined, and
// the next begins behind that.
func (x *extraction) namesFrom(f *flow, at int) []candidate {
	var names []candidate
	end := min(len(f.text), at+preamble)
	for at < end && len(names) < 10 {
		if skip := partyJoin.FindStringIndex(strings.ToLower(f.text[at:end])); skip != nil {
			at += skip[1]
		}
		stop := definedAs.FindStringIndex(f.text[at:end])
		if stop == nil || stop[0] > 160 {
			break
		}
		raw := f.text[at : at+stop[0]]
		for _, part := range splitNames(raw) {
			from := at + strings.Index(raw, part)
			name := strings.Trim(part, " ,.;:\"")
			if !nameOfParty(name) {
				return names
			}
			if strings.HasSuffix(part, ".") {
				name += "."
			}
			if c, ok := f.candidate(name, from, from+len(part), 0.75); ok {
				names = append(names, c)
			}
		}
		at = behindDefinition(f.text, at+stop[0], end)
	}
	return names
}

// splitNames parts "A and B" where neither half is the rest of one name.
func splitNames(raw string) []string {
	i := strings.Index(raw, " and ")
	if i < 0 || !companyLike(raw[:i]) && companyLike(raw[i+5:]) && !strings.Contains(raw[:i], ",") {
		return []string{raw}
	}
	return []string{raw[:i], raw[i+5:]}
}

// behindDefinition is where the next party may begin: behind the brackets or the
// clause that define the last one.
func behindDefinition(text string, at, end int) int {
	if i := strings.Index(text[at:end], ")"); i >= 0 && i < 420 {
		if join := strings.Index(text[at:at+i], " and "); join >= 0 && !strings.Contains(text[at:at+join], "(") {
			return at + join
		}
		return at + i + 1
	}
	if i := strings.Index(text[at:end], " and "); i >= 0 && i < 300 {
		return at + i
	}
	return end
}

// nameOfParty says whether words can be the name of a company or person.
func nameOfParty(name string) bool {
	words := strings.Fields(name)
	if len(name) < 4 || len(words) > 12 || len(words) < 1 || strings.ContainsAny(name, "_[]") {
		return false
	}
	capital := 0
	for _, w := range words {
		if r := []rune(w)[0]; unicode.IsUpper(r) || unicode.IsDigit(r) {
			capital++
		}
	}
	if 2*capital < len(words) {
		return false
	}
	switch strings.ToLower(words[0]) {
	case "the", "this", "you", "your", "us", "our", "all", "any", "each", "such", "parties", "party", "undersigned", "company", "employee", "executive":
		return len(words) > 1 && companyLike(name)
	}
	return len(words) > 1 || companyLike(name) || strings.ToUpper(name) == name
}

// signatories is the companies above the lines to sign on.
func (x *extraction) signatories() []candidate {
	var all []candidate
	lines := x.sheet.lines
	for i, l := range lines {
		if l.tokens[0].fold != "by" && !strings.HasPrefix(l.tokens[0].text, "By:") {
			continue
		}
		for k := i - 1; k >= max(0, i-4); k-- {
			for _, s := range lines[k].segments {
				text := strings.Trim(s.text, " ,:")
				if companyLike(text) && nameOfParty(text) && len(text) < 80 {
					c := at(text, lines[k], s.from, s.to, 0.5, "")
					c.method = "sentence"
					all = append(all, c)
				}
			}
		}
	}
	return all
}

// distinct drops names that are there already.
func distinct(all []candidate) []candidate {
	var kept []candidate
	for _, c := range all {
		c.several = true
		name, _ := c.value.(string)
		if !slices.ContainsFunc(kept, func(o candidate) bool { other, _ := o.value.(string); return fold(other) == fold(name) }) {
			kept = append(kept, c)
		}
	}
	return kept
}
