package engine

import (
	_ "embed" // the lexicon
	"strings"
)

//go:embed lexicon.txt
var lexiconText string

// concept names a business term: what a field asks for and a label says.
type concept string

// shape is the form that a concept's value has.
type shape string

// term is one concept of the lexicon.
type term struct {
	concept concept
	shape   shape
	ask     []phrase // how templates ask for it
}

// phrase is some words that name a concept.
type phrase struct {
	fold  string
	meant []string // its meanings, where it is a way to ask
}

// lexicon is the engine's multilingual table of business terms. Its source is
// lexicon.txt, where the form of an entry is explained.
type lexicon struct {
	terms  []term
	kinds  []kind
	shapes map[concept]shape
	same   map[string]string    // words of one meaning, to the one that stands for them
	labels map[string][]concept // by folded phrase: what a label with it says
	longer map[string]bool      // folded beginnings of labels, to stop looking early
	most   int                  // characters of the longest label
}

// newLexicon reads the table.
func newLexicon() *lexicon {
	x := &lexicon{kinds: newKinds(), shapes: map[concept]shape{}, same: map[string]string{}, labels: map[string][]concept{}, longer: map[string]bool{}}
	for entry := range strings.SplitSeq(lexiconText, "\n") {
		head, rest, _ := strings.Cut(entry, ":")
		switch {
		case strings.HasPrefix(entry, "["):
			name, kind, _ := strings.Cut(strings.Trim(entry, "[]"), " ")
			x.terms = append(x.terms, term{concept: concept(name), shape: shape(kind)})
			x.shapes[concept(name)] = shape(kind)
		case head == "same":
			words := strings.Fields(rest)
			for _, w := range words {
				x.same[w] = words[0]
			}
		case head == "ask":
			last := &x.terms[len(x.terms)-1]
			for _, p := range phrases(rest) {
				p.meant = x.meanings(p.meant)
				last.ask = append(last.ask, p)
			}
		case len(head) == 2:
			for _, p := range phrases(rest) {
				x.addLabel(p.fold, x.terms[len(x.terms)-1].concept)
			}
		}
	}
	return x
}

// meanings is words with each that has synonyms replaced by the one that stands
// for them, without those that say nothing.
func (x *lexicon) meanings(words []string) []string {
	var kept []string
	for _, w := range words {
		if filler(w) {
			continue
		}
		if one, ok := x.same[w]; ok {
			w = one
		}
		kept = append(kept, w)
	}
	return kept
}

func phrases(list string) []phrase {
	var all []phrase
	for part := range strings.SplitSeq(list, ";") {
		if words := strings.Fields(part); len(words) > 0 {
			all = append(all, phrase{fold: strings.Join(words, ""), meant: words})
		}
	}
	return all
}

func (x *lexicon) addLabel(folded string, c concept) {
	for _, known := range x.labels[folded] {
		if known == c {
			return
		}
	}
	x.labels[folded] = append(x.labels[folded], c)
	x.most = max(x.most, len(folded))
	for i := 1; i <= len(folded); i++ {
		x.longer[folded[:i]] = true
	}
}
