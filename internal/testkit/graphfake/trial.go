package graphfake

import (
	"regexp"
	"time"
)

// Misbehave makes a share of all requests fail in every way that passes. wait is
// the Retry-After of those few that a client is not to wait for itself.
func (s *Server) Misbehave(wait string) {
	delta, value := regexp.MustCompile(`delta`), regexp.MustCompile(`value$`)
	for _, f := range []Fault{
		{Probability: 0.01, Break: Throttle("0")},
		{Probability: 0.001, Break: Throttle(wait)},
		{Probability: 0.01, Break: Busy(503)},
		{Probability: 0.01, Break: Busy(500)},
		{Path: delta, Probability: 0.05, Break: Gone()},
		{Path: delta, Probability: 0.05, Break: LostSync()},
		{Path: delta, Probability: 0.1, Break: s.EmptyPage()},
		{Path: delta, Probability: 0.1, Break: Repeat()},
		{Path: value, Probability: 0.02, Break: Cut(100)},
		{Path: value, Probability: 0.02, Break: WrongLength(7)},
	} {
		s.Inject(f)
	}
}

// DeliverInvoices puts n mails into a folder, a minute apart, and answers their
// default ids and how many documents are in all of them: InvoiceDocuments.
func (s *Server) DeliverInvoices(mailbox, folder string, from, n int, first time.Time) (ids []string, documents int) {
	for number := from; number < from+n; number++ {
		mail := Mail{From: "a@b.test", Subject: "Invoice", Received: first.Add(time.Duration(number-from) * time.Minute)}
		for _, o := range invoices(number) {
			mail.Attachments = append(mail.Attachments, o.Attachment)
		}
		id, _ := s.Deliver(mailbox, folder, mail)
		ids, documents = append(ids, id), documents+InvoiceDocuments(number)
	}
	return ids, documents
}

// InvoiceDocuments is how many documents are in the mail of this number, each of
// them PDF(number).
func InvoiceDocuments(number int) (documents int) {
	for _, o := range invoices(number) {
		documents += o.Documents
	}
	return documents
}

// invoices are a PDF, and in each twentieth mail one of every oddity.
func invoices(number int) []Oddity {
	if number%20 == 0 {
		return Oddities(number)
	}
	return []Oddity{{Attachment{Name: "invoice.pdf", Content: PDF(number)}, 1}}
}
