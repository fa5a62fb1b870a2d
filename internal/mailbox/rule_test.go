package mailbox

import "testing"

func TestRules(t *testing.T) {
	t.Parallel()
	mail := Message{From: Address{Address: "Billing@Acme.test"}, Subject: "Your Invoice 17"}
	for name, c := range map[string]struct {
		rules    Rules
		mayMail  bool
		take     bool
		template string
	}{
		"none take everything":       {nil, true, true, ""},
		"a sender":                   {Rules{{Sender: "billing@acme.test", Template: "t"}}, true, true, "t"},
		"another sender":             {Rules{{Sender: "sales@acme.test"}}, false, false, ""},
		"a part of a sender":         {Rules{{Sender: "acme.test"}}, false, false, ""},
		"a domain":                   {Rules{{Sender: "@ACME.test", Template: "t"}}, true, true, "t"},
		"another domain":             {Rules{{Sender: "@evilacme.test"}}, false, false, ""},
		"a part of the subject":      {Rules{{Subject: "invoice", Template: "t"}}, true, true, "t"},
		"a pattern of the subject":   {Rules{{Subject: "*invoice *7", Template: "t"}}, true, true, "t"},
		"a pattern of another":       {Rules{{Subject: "invoice*"}}, false, false, ""},
		"a name":                     {Rules{{File: "inv-*.pdf", Template: "t"}}, true, true, "t"},
		"another name":               {Rules{{File: "order-*.pdf"}}, true, false, ""},
		"a type":                     {Rules{{Types: []string{"image", "application/pdf"}, Template: "t"}}, true, true, "t"},
		"another type":               {Rules{{Types: []string{"image"}}}, true, false, ""},
		"the first of two":           {Rules{{Sender: "@acme.test", Template: "a"}, {Template: "b"}}, true, true, "a"},
		"a sender that is ignored":   {Rules{{Sender: "@acme.test", Ignore: true}, {Template: "b"}}, false, false, ""},
		"another one that is":        {Rules{{Sender: "@b.test", Ignore: true}}, true, true, ""},
		"a name that is ignored":     {Rules{{File: "inv", Ignore: true}}, true, false, ""},
		"taken before it is ignored": {Rules{{Subject: "invoice", Template: "t"}, {Sender: "@acme.test", Ignore: true}}, true, true, "t"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			may, _ := c.rules.Mail(mail)
			rule, take := c.rules.File(mail, "INV-17.pdf", "application/pdf")
			if may != c.mayMail || take != c.take || (take && rule.Template != c.template) {
				t.Errorf("mail %v, attachment %v by %q", may, take, rule.Template)
			}
		})
	}
}

func TestARuleThatLeavesOutIsNamed(t *testing.T) {
	t.Parallel()
	if _, rule := (Rules{{Name: "no ads", Subject: "sale", Ignore: true}}).Mail(Message{Subject: "SALE!"}); rule != "no ads" {
		t.Errorf("named %q", rule)
	}
}
