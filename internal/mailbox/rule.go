package mailbox

import "strings"

// Rule says which attachments a source takes, and by which template. An empty
// condition holds for everything; all conditions of a rule must hold. Patterns
// know no case; * stands for any text.
type Rule struct {
	Name    string
	Sender  string   // an address, or @domain
	Subject string   // a part of the subject, or a pattern of the whole with *
	File    string   // likewise, of the attachment's name
	Types   []string // MIME types, or their first half: application/pdf, image
	// Template is the document by which the attachments are extracted; empty: it
	// is chosen by their content.
	Template string
	// Ignore leaves out what the rule matches.
	Ignore bool
}

// Rules are tried in order; the first that matches decides. With no rule that
// takes, everything is taken that is not ignored.
type Rules []Rule

// Mail says whether anything of a mail can be taken, whatever is attached to
// it; if not, rule is the name of the one that ignores it, or empty because none
// takes it.
func (rs Rules) Mail(m Message) (may bool, rule string) {
	for _, r := range rs {
		if !r.mail(m) {
			continue
		}
		if !r.Ignore {
			return true, ""
		}
		if r.File == "" && len(r.Types) == 0 {
			return false, r.Name
		}
	}
	return !rs.selective(), ""
}

// File is the rule that takes an attachment, by its name and the type that its
// bytes have. Not taken: rule is the one that ignores it, or a zero Rule because
// none takes it.
func (rs Rules) File(m Message, name, mimeType string) (rule Rule, take bool) {
	for _, r := range rs {
		if r.mail(m) && r.file(name, mimeType) {
			return r, !r.Ignore
		}
	}
	return Rule{}, !rs.selective()
}

func (rs Rules) selective() bool {
	for _, r := range rs {
		if !r.Ignore {
			return true
		}
	}
	return false
}

func (r Rule) mail(m Message) bool {
	return sender(r.Sender, m.From.Address) && fits(r.Subject, m.Subject)
}

func (r Rule) file(name, mimeType string) bool {
	if !fits(r.File, name) {
		return false
	}
	family, _, _ := strings.Cut(mimeType, "/")
	for _, t := range r.Types {
		if strings.EqualFold(t, mimeType) || strings.EqualFold(t, family) {
			return true
		}
	}
	return len(r.Types) == 0
}

func sender(pattern, address string) bool {
	if strings.HasPrefix(pattern, "@") {
		pattern = "*" + pattern
	}
	return pattern == "" || glob(strings.ToLower(pattern), strings.ToLower(address))
}

func fits(pattern, text string) bool {
	if !strings.Contains(pattern, "*") {
		pattern = "*" + pattern + "*"
	}
	return glob(strings.ToLower(pattern), strings.ToLower(text))
}

// glob matches in linear time: after each * the first place that fits is as
// good as any later one.
func glob(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return pattern == text
	}
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, p := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(text, p)
		if !found {
			return false
		}
		text = after
	}
	return true
}
