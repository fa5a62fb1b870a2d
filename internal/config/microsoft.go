package config

import (
	"net"
	"net/url"
)

// Microsoft is the application that is registered with Entra, by which
// mailboxes are read. The URLs have no slash at their end.
type Microsoft struct {
	ClientID     string // empty: mailboxes are not offered
	ClientSecret string
	AuthorityURL string // of Entra
	GraphURL     string
}

// Offered says whether mailboxes can be connected.
func (m Microsoft) Offered() bool { return m.ClientID != "" }

// microsoftVariables are a part of Variables.
func microsoftVariables() []Variable {
	return []Variable{
		{"EXTRACTOR_MICROSOFT_CLIENT_ID", "", "the application's id at Entra, by which mailboxes are read; empty: they are not offered", false},
		{"EXTRACTOR_MICROSOFT_CLIENT_SECRET", "", "the application's secret; set together with the id", true},
		{"EXTRACTOR_MICROSOFT_AUTHORITY_URL", "https://login.microsoftonline.com", "where users sign in; a sovereign cloud has its own", false},
		{"EXTRACTOR_GRAPH_URL", "https://graph.microsoft.com", "where mail is read; a sovereign cloud has its own", false},
	}
}

func (l *loader) microsoft() Microsoft {
	m := Microsoft{
		ClientID: l.text("EXTRACTOR_MICROSOFT_CLIENT_ID"), ClientSecret: l.text("EXTRACTOR_MICROSOFT_CLIENT_SECRET"),
		AuthorityURL: l.cloudURL("EXTRACTOR_MICROSOFT_AUTHORITY_URL"), GraphURL: l.cloudURL("EXTRACTOR_GRAPH_URL"),
	}
	switch {
	case m.ClientID == "" && m.ClientSecret != "":
		l.refuse("EXTRACTOR_MICROSOFT_CLIENT_ID", "set together with EXTRACTOR_MICROSOFT_CLIENT_SECRET, or neither")
	case m.ClientID != "" && m.ClientSecret == "":
		l.refuse("EXTRACTOR_MICROSOFT_CLIENT_SECRET", "set together with EXTRACTOR_MICROSOFT_CLIENT_ID, or neither")
	}
	return m
}

// cloudURL is an address that tokens go to: https, or this machine's. Its path
// is the product's to make.
func (l *loader) cloudURL(name string) string {
	value := l.pageURL(name)
	u, err := url.Parse(value)
	if err != nil {
		return value // refused already
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
	if (u.Scheme != "https" && !local) || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		l.refuse(name, "an https URL without a path, for example "+l.defaults[name])
	}
	return value
}
