package engine

import (
	"regexp"
	"strings"

	"decoded.digital/extractor/models"
)

// flow is the text of a document as sentences run: its lines one behind the
// other, with the way back to their tokens.
type flow struct {
	text  string
	marks []mark
}

// mark says which token begins at a byte of the flow.
type mark struct {
	at    int
	line  *line
	token int
}

// maxFlow is how many bytes of a document are looked at as sentences.
const maxFlow = 400_000

// flowing is the document's text as one string. A word that a line's end cuts is
// joined again.
func (r *reading) flowing() *flow {
	if r.prose != nil {
		return r.prose
	}
	var b strings.Builder
	f := &flow{}
	for _, l := range r.sheet.lines {
		if b.Len() > maxFlow {
			break
		}
		for i := range l.tokens {
			if b.Len() > 0 && !l.tokens[i].glued {
				b.WriteByte(' ')
			}
			f.marks = append(f.marks, mark{at: b.Len(), line: l, token: i})
			b.WriteString(straight(l.tokens[i].text))
		}
	}
	f.text = b.String()
	r.prose = f
	return f
}

// straight replaces typographic quotes by plain ones.
func straight(text string) string {
	return strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`, "’", "'", "‘", "'", "''", `"`).Replace(text)
}

// candidate makes a value of the bytes from…to; its box is that of its first
// line, or of both where it is broken over two of one page.
func (f *flow) candidate(value any, from, to int, score float64) (candidate, bool) {
	first, last := -1, -1
	for i := range f.marks {
		if f.marks[i].at <= from {
			first = i
		}
		if f.marks[i].at < to {
			last = i
		}
	}
	if first < 0 || last < first {
		return candidate{}, false
	}
	m := f.marks[first]
	end := m.token + 1
	box := m.line.tokens[m.token].box
	for _, k := range f.marks[first+1 : last+1] {
		if k.line.page != m.line.page {
			break
		}
		box = box.Union(k.line.tokens[k.token].box)
		if k.line == m.line {
			end = k.token + 1
		}
	}
	c := at(value, m.line, m.token, end, score, models.MethodSentence)
	c.boxes = box
	c.text = strings.TrimSpace(f.text[from:to])
	return c, true
}

// proseCandidates is what sentences say of a want.
func (x *extraction) proseCandidates(w *want) []candidate {
	if !x.has(IdeaSentences) {
		return nil
	}
	switch w.concept {
	case "effective_date":
		return x.effectiveDates()
	case "jurisdiction":
		return x.jurisdictions()
	case "contract_term":
		return x.contractTerms()
	}
	return nil
}

// takesEffect is the words before the date of an agreement; thisAgreement the
// ones that show that it is this one's and not one's that it mentions.
var (
	takesEffect = regexp.MustCompile(`(?i)(effective\s+(?:date\s+)?(?:as\s+of|on|from|is)?|\bdated?(?:\s+and\s+effective)?(?:\s+as)?(?:\s+of)?|as\s+of|made\s+(?:and\s+entered\s+into\s+)?(?:as\s+of|on|this|effective)|entered\s+into\s+(?:as\s+of|on|this|effective)|executed\s+(?:as\s+of|on|this)|this|\bam\b|\bvom\b|\ble\b|\bdu\b|\bop\b|\bdatum\b)(?:\s+the)?[\s:,(]*$`)
	otherPaper  = regexp.MustCompile(`(?i)(that\s+certain|pursuant\s+to|amended|original\s+agreement|merger\s+agreement|employment\s+agreement\s+dated|severance|between\s+the\s+parties\s+dated|certain\s+\w+\s+agreement)[^.]{0,90}$`)
)

// effectiveDates is the dates behind words that say when an agreement begins;
// the nearer to its beginning, the likelier.
func (x *extraction) effectiveDates() []candidate {
	f := x.flowing()
	var all []candidate
	head := f.text[:min(len(f.text), 6000)]
	for n, d := range datesIn(head, x.sheet.style) {
		before := head[max(0, d.from-60):d.from]
		score := 0.9 - 0.5*float64(d.from)/6000 - 0.04*float64(n)
		switch {
		case otherPaper.MatchString(head[max(0, d.from-120):d.from]):
			score *= 0.5
		case takesEffect.MatchString(before):
		case x.alone(d):
			score *= 0.75
		default:
			score *= 0.55
		}
		if c, ok := f.candidate(d.value, d.from, d.to, score); ok {
			all = append(all, c)
		}
	}
	return all
}

// alone says whether a date is a line of its own: the date of a letter.
func (x *extraction) alone(d found) bool {
	f := x.flowing()
	for _, m := range f.marks {
		if m.at == d.from {
			return m.token == 0 && len(m.line.text(0, len(m.line.tokens))) <= d.to-d.from+2
		}
	}
	return false
}

// governing finds whose law governs: "governed by … the laws of the State of
// New York", "New York law", "Recht der Bundesrepublik Deutschland".
var (
	lawsOf   = regexp.MustCompile(`(?i:laws?)\s+(?i:of|in)\s+(?i:the\s+)?(?:(?i:state|commonwealth|province|republic|federal\s+republic|kingdom|country|district)\s+(?i:of)\s+)?((?:the\s+)?[A-Z][\p{L}.]+(?:\s+(?:of\s+)?[A-Z][\p{L}.]+){0,3})`)
	lawOfAdj = regexp.MustCompile(`([A-Z][\p{L}]+(?:\s+[A-Z][\p{L}]+)?)\s+(?:law|laws)\b`)
	lawOther = regexp.MustCompile(`(?i:recht\s+der\s+|droit\s+|recht\s+van\s+|leyes\s+de\s+|legge\s+|legge\s+della\s+|prawa\s+|lei\s+d[ae]\s+)([\p{Lu}][\p{L}]+(?:\s+[\p{Lu}][\p{L}]+){0,2})`)
	governs  = regexp.MustCompile(`(?i)(govern|constru|interpret|accordance\s+with|enforced|unterlieg|gilt|régi|beheerst|rige|regir|regolat|podlega|regid)`)
	stateOf  = regexp.MustCompile(`(?i)^(?:the\s+)?(?:state|commonwealth|province|republic|kingdom)\s+of\s+`)
)

func (x *extraction) jurisdictions() []candidate {
	f := x.flowing()
	var all []candidate
	for i, form := range []*regexp.Regexp{lawsOf, lawOfAdj, lawOther} {
		for _, m := range form.FindAllStringSubmatchIndex(f.text, -1) {
			near := f.text[max(0, m[0]-160):m[0]]
			if !governs.MatchString(near) {
				continue
			}
			name := stateOf.ReplaceAllString(f.text[m[2]:m[3]], "")
			name = strings.TrimSpace(strings.TrimPrefix(cutPlace(name), "the "))
			if len(name) < 3 || notPlace(name) {
				continue
			}
			from := m[2] + strings.Index(f.text[m[2]:m[3]], name)
			score := 0.9
			if i > 0 {
				score = 0.7
			}
			if c, ok := f.candidate(name, from, from+len(name), score); ok {
				all = append(all, c)
			}
		}
	}
	return all
}

// cutPlace ends a name of a place at the first word that is none of it.
func cutPlace(name string) string {
	words := strings.Fields(name)
	for i, w := range words {
		bare := strings.Trim(w, ".,;")
		if i > 0 && (strings.HasSuffix(words[i-1], ".") && len(words[i-1]) > 3 || notPlace(bare)) {
			words = words[:i]
			break
		}
	}
	return strings.Trim(strings.Join(words, " "), ".,; ")
}

func notPlace(word string) bool {
	switch strings.ToLower(word) {
	case "such", "any", "said", "that", "applicable", "state", "agreement", "company", "without", "section", "the", "this", "federal", "and", "without regard", "each", "conflict", "conflicts", "common", "labor", "securities", "antitrust", "tax", "patent", "trade", "employment", "excluding", "except", "venue", "governing", "choice", "which", "law", "laws", "jurisdiction", "entire", "as", "notices":
		return true
	}
	return false
}

var (
	duration  = regexp.MustCompile(`(?i)\b(?:(\d{1,3})|(one|two|three|four|five|six|seven|eight|nine|ten|twelve|eighteen|fifteen|twenty|twenty[- ]four|thirty|thirty[- ]six|sixty|ninety|ein|eine[nr]?|zwei|drei|fünf|zehn|deux|trois|cinq|twee|drie|vijf|dos|tres|cinco|due|tre))\s*(?:\((\d{1,3})\)\s*)?[- ]?\s*(year|month|day|week|jahr|monat|tag|an|mois|jaar|maand|año|mes|anno|anni|mese|mesi|rok|lat)(?:s|e|en|n|es)?\b`)
	thisTerm  = regexp.MustCompile(`(?i)(this\s+(?:letter\s+)?agreement|term\s+of\s+this|obligations?|confidential|dieser\s+vertrag|laufzeit|présent\s+contrat|overeenkomst|contrato|contratto|umowa)`)
	ends      = regexp.MustCompile(`(?i)(expire|terminat|remain\s+in|in\s+(?:full\s+)?(?:force|effect)|continue|surviv|term\s+of|cease|period\s+of|for\s+a\s+term|shall\s+end|valid|laufzeit|dauer|durée|looptijd|plazo|durata)`)
	otherTerm = regexp.MustCompile(`(?i)(solicit|hire|employ|standstill|compet|notice|salary|severance|acquire|purchase|securities|paid|payment|vest)`)
)

// contractTerms is the lengths of time in sentences that say how long the
// agreement or its duties last.
func (x *extraction) contractTerms() []candidate {
	f := x.flowing()
	var all []candidate
	for _, m := range duration.FindAllStringSubmatchIndex(f.text, -1) {
		from := max(sentenceStart(f.text, m[0]), m[0]-500)
		to := min(sentenceEnd(f.text, m[1]), m[1]+300)
		sentence := f.text[from:to]
		score := 0.1
		if ends.MatchString(sentence) {
			score += 0.35
		}
		if thisTerm.MatchString(sentence) {
			score += 0.3
		}
		if otherTerm.MatchString(sentence) {
			score -= 0.3
		}
		value, ok := lengthOf(f.text, m)
		if !ok || score < 0.3 {
			continue
		}
		if c, ok := f.candidate(value, m[0], m[1], score); ok {
			all = append(all, c)
		}
	}
	return all
}

func sentenceStart(text string, at int) int {
	for i := at - 2; i > 0; i-- {
		if text[i] == '.' && text[i+1] == ' ' && i > 2 && text[i-1] != 'c' && text[i-2] != ' ' {
			return i + 2
		}
	}
	return 0
}

func sentenceEnd(text string, at int) int {
	if i := strings.Index(text[at:], ". "); i >= 0 {
		return at + i
	}
	return len(text)
}

// lengthOf is a length of time as a number and its unit: "7 years".
func lengthOf(text string, m []int) (string, bool) {
	part := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return strings.ToLower(text[m[2*i]:m[2*i+1]])
	}
	digits := part(3)
	if digits == "" {
		digits = part(1)
	}
	if digits == "" {
		digits = numberOfWord(part(2))
	}
	if digits == "" || digits == "0" {
		return "", false
	}
	unit := part(4)
	switch unit {
	case "year", "month", "day", "week":
		if digits != "1" {
			unit += "s"
		}
	default:
		unit = strings.ToLower(strings.TrimSpace(text[m[8]:m[1]]))
	}
	return digits + " " + unit, true
}

func numberOfWord(word string) string {
	word = strings.ReplaceAll(word, "-", " ")
	for digits, names := range map[string]string{
		"1": "one,ein,eine,einen,einer", "2": "two,zwei,deux,twee,dos,due", "3": "three,drei,trois,drie,tres,tre", "4": "four", "5": "five,fünf,cinq,vijf,cinco",
		"6": "six", "7": "seven", "8": "eight", "9": "nine", "10": "ten,zehn", "12": "twelve", "15": "fifteen", "18": "eighteen", "20": "twenty", "24": "twenty four",
		"30": "thirty", "36": "thirty six", "60": "sixty", "90": "ninety",
	} {
		for name := range strings.SplitSeq(names, ",") {
			if name == word {
				return digits
			}
		}
	}
	return ""
}
