package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"decoded.digital/extractor/activities"
	"decoded.digital/extractor/api"
	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/internal/mailbox/msgraph"
	"decoded.digital/extractor/models"
)

// mail is the way to Microsoft, one in a process: a mailbox that two accounts
// read keeps its limit.
type mail struct {
	parts     *parts
	connector *mailbox.Connector
	transport *mailbox.Transport

	mu      sync.Mutex
	clients map[mailbox.Account]mailbox.Client
}

// newMail is nil where mailboxes are not offered.
func (p *parts) newMail() (*mail, error) {
	c := p.config.Microsoft
	if !c.Offered() {
		return nil, nil //nolint:nilnil // not offered is no error
	}
	authority, err := url.Parse(c.AuthorityURL)
	if err != nil {
		return nil, fmt.Errorf("EXTRACTOR_MICROSOFT_AUTHORITY_URL: %w", err)
	}
	graph, err := url.Parse(c.GraphURL)
	if err != nil {
		return nil, fmt.Errorf("EXTRACTOR_GRAPH_URL: %w", err)
	}
	base, err := mailbox.Observe(&http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second,
		ResponseHeaderTimeout: time.Minute, // an answer may be streamed for long, but must begin
		IdleConnTimeout:       90 * time.Second, MaxIdleConns: 256, MaxIdleConnsPerHost: 64,
	}, p.telemetry.Meters)
	if err != nil {
		return nil, err
	}
	// No redirect is followed: a code or the secret would go along.
	entra := &http.Client{
		Transport: base, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &mail{
		parts: p, clients: map[mailbox.Account]mailbox.Client{}, transport: mailbox.NewTransport(base, graph, now),
		connector: &mailbox.Connector{
			ClientID: c.ClientID, Secret: c.ClientSecret, Authority: authority, Graph: graph,
			RedirectURL: p.config.PublicURL + api.MicrosoftCallback, Client: entra, Now: now,
		},
	}, nil
}

// client is an account's, the same one each time.
func (m *mail) client(a models.MailAccount) (mailbox.Client, error) {
	account := api.MailAccountOf(&a)
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.clients[account]; known != nil {
		return known, nil
	}
	tokens := &mailbox.AccountTokens{Account: account, Connector: m.connector, Store: m.parts.store.System(), Sealer: m.parts.keys}
	client, err := msgraph.New(m.transport, tokens)
	if err == nil {
		m.clients[account] = client
	}
	return client, err
}

// steps are what the worker reads mailboxes with; nil: they are not offered.
func (p *parts) mailSteps() (*activities.Mail, error) {
	m, err := p.newMail()
	if m == nil || err != nil {
		return nil, err
	}
	steps := &activities.Mail{Client: m.client, Graph: m.connector.Graph, Intake: p.intake(), Logger: p.logger}
	if m.tells(p.config.PublicURL) {
		steps.NotificationURL = p.config.PublicURL + api.MicrosoftNotifications
	}
	return steps, nil
}

// tells says whether Microsoft can reach us: it calls https addresses alone; a
// Graph on this machine, any.
func (m *mail) tells(publicURL string) bool {
	return strings.HasPrefix(publicURL, "https://") || m.connector.Graph.Scheme == "http"
}

// scheduleMail sweeps mailboxes where they are offered, and no longer where not.
func (p *parts) scheduleMail(ctx context.Context) error {
	if p.config.Microsoft.Offered() {
		return p.starter().ScheduleMailboxes(ctx)
	}
	return p.starter().UnscheduleMailboxes(ctx)
}
