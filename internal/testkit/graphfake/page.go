package graphfake

import (
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// pages are what a browser sees of the fake, with nothing but HTML.
func pages() *template.Template {
	return template.Must(template.New("").Parse(`
{{define "head"}}<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.}}</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem}
a.choice{display:block;padding:.8rem 1rem;margin:.5rem 0;border:1px solid #888;border-radius:.4rem;color:inherit}
td,th{text-align:left;padding:.2rem 1rem .2rem 0}form{display:grid;gap:.6rem;max-width:30rem}</style>{{end}}

{{define "sign in"}}{{template "head" "Sign in"}}
<h1>Sign in</h1><p>This is no Microsoft: it plays one on this machine. Who are you?</p>
{{range .Boxes}}<a class="choice" href="?{{.Query}}">Allow as {{.Address}}</a>{{end}}
<a class="choice" href="?{{.Denied}}">Cancel</a>
<a class="choice" href="?{{.Consent}}">Play an organisation whose administrator must approve</a>{{end}}

{{define "approve"}}{{template "head" "Approve"}}
<h1>Approve for your organisation</h1><p>This is no Microsoft: it plays one on this machine. The application asks for:</p>
<p><code>{{.Scope}}</code></p><a class="choice" href="?{{.Approve}}">Approve</a><a class="choice" href="?{{.Denied}}">Cancel</a>{{end}}

{{define "mail"}}{{template "head" "Mail"}}
<h1>Mail</h1><p>This is no Outlook: it plays one on this machine. Send a mail and watch it become an extraction.</p>
<form method="post" action="/fake/send" enctype="multipart/form-data">
<label>To <select name="to">{{range .}}<option>{{.Address}}</option>{{end}}</select></label>
<label>From <input name="from" value="billing@contoso.test"></label>
<label>Subject <input name="subject" value="Your invoice"></label>
<label>Attachment, else a small invoice <input type="file" name="file"></label>
<button>Send</button></form>
{{range .}}<h2>{{.Address}}</h2><table><tr><th>Folder<th>From<th>Subject<th>Attachments<th>Read<th>Categories
{{range .Mails}}<tr><td>{{.Folder}}<td>{{.From}}<td>{{.Subject}}<td>{{.Attachments}}<td>{{if .Read}}yes{{end}}<td>{{.Categories}}{{end}}</table>{{end}}{{end}}`))
}

func show(w http.ResponseWriter, page string, content any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = pages().ExecuteTemplate(w, page, content)
}

// choice is a request with one more parameter.
func choice(q url.Values, name, value string) template.URL {
	next := url.Values{}
	for known := range q {
		next.Set(known, q.Get(known))
	}
	next.Set(name, value)
	return template.URL(next.Encode())
}

// signInPage lets a person pick who they are; the caller holds mu.
func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) {
	type box struct {
		Address string
		Query   template.URL
	}
	q := r.URL.Query()
	var boxes []box
	for _, b := range s.all() {
		boxes = append(boxes, box{b.address, choice(q, "login_hint", b.address)})
	}
	show(w, "sign in", map[string]any{
		"Boxes": boxes, "Denied": choice(q, "login_hint", "denied"), "Consent": choice(q, "login_hint", "consent"),
	})
}

// all are the mailboxes, by address; the caller holds mu.
func (s *Server) all() []*mailbox {
	var boxes []*mailbox
	for key, b := range s.boxes {
		if key == strings.ToLower(b.address) {
			boxes = append(boxes, b)
		}
	}
	slices.SortFunc(boxes, func(a, b *mailbox) int { return strings.Compare(a.address, b.address) })
	return boxes
}

func (s *Server) mailPage(w http.ResponseWriter, _ *http.Request) {
	type mail struct {
		Folder, From, Subject, Categories string
		Attachments                       int
		Read                              bool
	}
	type box struct {
		Address string
		Mails   []mail
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var boxes []box
	for _, b := range s.all() {
		shown := box{Address: b.address}
		for _, m := range b.messages {
			shown.Mails = append(shown.Mails, mail{
				b.folder(m.folder).name, m.From, m.Subject, strings.Join(m.categories, ", "), len(m.Attachments), m.read,
			})
		}
		slices.Reverse(shown.Mails)
		boxes = append(boxes, shown)
	}
	show(w, "mail", boxes)
}

// sendPage delivers what the form of mailPage holds, and tells subscribers.
func (s *Server) sendPage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 32<<20)
	to := r.PostFormValue("to")
	if s.Folder(to, "inbox") == "" {
		http.Error(w, "no such mailbox", http.StatusBadRequest)
		return
	}
	attached := Attachment{Name: "invoice.pdf", ContentType: "application/pdf"}
	if file, header, err := r.FormFile("file"); err == nil {
		defer file.Close()
		if attached.Content, err = io.ReadAll(file); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		attached.Name, attached.ContentType = header.Filename, header.Header.Get("Content-Type")
	} else {
		s.mu.Lock()
		attached.Content = PDF(s.made)
		s.mu.Unlock()
	}
	s.Deliver(to, "inbox", Mail{
		From: r.PostFormValue("from"), To: []string{to}, Subject: r.PostFormValue("subject"), Text: "See the attachment.",
		Attachments: []Attachment{attached},
	})
	s.Notify(r.Context(), Mischief{})
	http.Redirect(w, r, "/fake/", http.StatusSeeOther)
}

// Demo seeds two mailboxes for a person who tries the product. invoice is a PDF
// that one of the mails has.
func (s *Server) Demo(invoice []byte) {
	for _, who := range []string{"jo", "accounts"} {
		address := who + "@contoso.test"
		s.AddMailbox(who, address)
		bills := s.AddFolder(who, "", "Invoices")
		s.AddFolder(who, bills, "Paid")
		s.Deliver(who, "inbox", Mail{
			From: "billing@fabrikam.test", FromName: "Fabrikam Billing", To: []string{address}, Subject: "Your invoice",
			HTML: "<p>Dear customer, your invoice is attached.</p>", Text: "Dear customer, your invoice is attached.",
			Attachments: []Attachment{{Name: "invoice.pdf", ContentType: "application/pdf", Content: invoice}},
		})
		s.Deliver(who, "inbox", Mail{From: "friend@fabrikam.test", To: []string{address}, Subject: "Lunch?", Text: "At noon?"})
	}
}
