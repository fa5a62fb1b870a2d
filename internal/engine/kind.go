package engine

import (
	_ "embed" // the table of kinds
	"slices"
	"strings"
)

//go:embed kinds.txt
var kindsText string

// kind is a kind of document: how templates call it and what such documents say.
// Its source is kinds.txt, where the form of an entry is explained.
type kind struct {
	name  string
	ask   [][]string
	title map[string]bool
	word  map[string]bool
}

func newKinds() []kind {
	var kinds []kind
	for entry := range strings.SplitSeq(kindsText, "\n") {
		if strings.HasPrefix(entry, "[") {
			kinds = append(kinds, kind{name: strings.Trim(entry, "[]"), title: map[string]bool{}, word: map[string]bool{}})
			continue
		}
		head, rest, found := strings.Cut(entry, ":")
		if !found || len(kinds) == 0 {
			continue
		}
		last := &kinds[len(kinds)-1]
		for part := range strings.SplitSeq(rest, ";") {
			words := strings.Fields(part)
			switch head {
			case "ask":
				last.ask = append(last.ask, words)
			case "title":
				last.title[strings.Join(words, "")] = true
			case "word":
				last.word[strings.Join(words, "")] = true
			}
		}
	}
	return kinds
}

// kindOf is the kind that a template's name and description call for; -1: none
// of the known.
func (x *lexicon) kindOf(name, description string) int {
	best, top := -1, 0
	inName, inDescription := terms(name), terms(description)
	for i := range x.kinds {
		score := 0
		for _, words := range x.kinds[i].ask {
			if contains(inName, words) {
				score = max(score, 20+len(words))
			}
			if contains(inDescription, words) {
				score = max(score, 10+len(words))
			}
		}
		if score > top {
			best, top = i, score
		}
	}
	return best
}

// contains says whether words stand in a row somewhere.
func contains(all, words []string) bool {
	for i := 0; i+len(words) <= len(all); i++ {
		same := len(words) > 0
		for k := range words {
			same = same && all[i+k] == words[k]
		}
		if same {
			return true
		}
	}
	return false
}

// documentTitle says whether a line is the title of a bill rather than a name.
func documentTitle(text string) bool {
	folded := fold(text)
	for _, word := range []string{"taxinvoice", "invoice", "receipt", "cashbill", "cashsales", "rechnung", "quittung", "facture", "factuur", "factura", "fattura", "faktura", "bill", "simplifiedtaxinvoice", "customercopy", "officialreceipt", "gsttaxinvoice", "copy", "welcome", "thankyou", "receiptcopy", "duplicate", "reprint"} {
		if folded == word {
			return true
		}
	}
	return strings.HasPrefix(folded, "taxinvoice") || strings.HasSuffix(folded, "taxinvoice")
}

// titleLines is how many lines at the top of a document may be its title;
// titleWords how many words such a line has at most.
const (
	titleLines = 30
	titleWords = 9
)

// kindScores tells how much the document says that it is of each kind.
func (r *reading) kindScores() []float64 {
	scores := make([]float64, len(r.lexicon.kinds))
	titles, words := r.kindPhrases()
	for i := range scores {
		scores[i] = min(float64(titles[i]), 2)*0.6 + 0.16*float64(min(words[i], 10))
	}
	prose := r.proseShare()
	for i := range r.lexicon.kinds {
		switch r.lexicon.kinds[i].name {
		case "receipt":
			scores[i] += r.receiptLike()
		case "contract":
			if prose > 0.5 && words[i] > 3 {
				scores[i] += 1.2 * prose
			} else {
				scores[i] *= 0.6
			}
		case "invoice":
			scores[i] += r.billLike()
			if prose > 0.6 {
				scores[i] *= 0.5
			}
		}
	}
	return scores
}

// kindPhrases counts titles and different words of each kind.
func (r *reading) kindPhrases() (titles, words []int) {
	titles, words = make([]int, len(r.lexicon.kinds)), make([]int, len(r.lexicon.kinds))
	seen := map[string]bool{}
	for n, l := range r.sheet.lines {
		for i := range l.tokens {
			folded := ""
			for j := i; j < min(i+4, len(l.tokens)); j++ {
				folded += l.tokens[j].fold
				if j == i && r.lexicon.kinds[0].name == "invoice" && n < 2*titleLines && titleWord(folded) && len(folded) > 8 {
					titles[0]++
				}
				title := n < titleLines && len(l.segmentAt(i).text) < 60 && l.segmentAt(i).to-l.segmentAt(i).from <= titleWords
				for k := range r.lexicon.kinds {
					if title && r.lexicon.kinds[k].title[folded] {
						titles[k]++
					}
					if r.lexicon.kinds[k].word[folded] && !seen[r.lexicon.kinds[k].name+folded] {
						seen[r.lexicon.kinds[k].name+folded] = true
						words[k]++
					}
				}
			}
		}
	}
	return titles, words
}

// proseShare is the share of words that stand in long runs without a gap.
func (r *reading) proseShare() float64 {
	long, all := 0, 0
	for _, l := range r.sheet.lines {
		for _, s := range l.segments {
			n := s.to - s.from
			all += n
			if n >= 9 {
				long += n
			}
		}
	}
	return float64(long) / float64(max(all, 1))
}

// receiptLike is the traces of a till: cash and change, rounding, a narrow page,
// few words.
func (r *reading) receiptLike() float64 {
	score := 0.0
	for _, c := range []concept{"cash_tendered", "change_due", "rounding_amount"} {
		for _, l := range r.labels[c] {
			if l.weight > 0.6 {
				score += 0.35
				break
			}
		}
	}
	if r.tillRoll() {
		score += 0.8
	}
	return score
}

// rollWidth is how many ems wide the print of a till is at most: 48 characters.
const rollWidth = 30

// tillRoll says whether the text is as narrow as a till prints it.
func (r *reading) tillRoll() bool {
	if len(r.sheet.pages) != 1 || !r.sheet.pages[0].source.Scanned || len(r.sheet.lines) < 5 {
		return false
	}
	var left, right []float64
	for _, l := range r.sheet.lines {
		left, right = append(left, l.box.X), append(right, l.box.Right())
	}
	slices.Sort(left)
	slices.Sort(right)
	n := len(left)
	return right[n*9/10]-left[n/10] < rollWidth*r.sheet.pages[0].em
}

// billLike is the traces of a bill: a buyer, a way to pay, a table of positions.
func (r *reading) billLike() float64 {
	score := 0.0
	for _, c := range []concept{"buyer_name", "due_date", "iban", "net_total", "tax_total", "unit_price", "document_number"} {
		for _, l := range r.labels[c] {
			if l.weight > 0.7 {
				score += 0.12
				break
			}
		}
	}
	return score
}
