package main

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/internal/mailbox/msgraph"
)

// microsoft is this process's way to Entra and Graph. There is one, so that the
// limit of a mailbox holds for all who read it.
type microsoft struct {
	connector *mailbox.Connector
	transport *mailbox.Transport
}

// newMicrosoft makes it; nil: mailboxes are not offered.
func newMicrosoft(c *config.Config) (*microsoft, error) {
	if !c.Microsoft.Offered() {
		return nil, nil //nolint:nilnil // that it is not offered is no error
	}
	authority, err := url.Parse(c.Microsoft.AuthorityURL)
	if err != nil {
		return nil, fmt.Errorf("EXTRACTOR_MICROSOFT_AUTHORITY_URL: %w", err)
	}
	graph, err := url.Parse(c.Microsoft.GraphURL)
	if err != nil {
		return nil, fmt.Errorf("EXTRACTOR_GRAPH_URL: %w", err)
	}
	// The operator's addresses, no customer's. Its answer may be streamed for long,
	// but must begin.
	network := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second,
		ResponseHeaderTimeout: time.Minute, IdleConnTimeout: 90 * time.Second, MaxIdleConns: 100, MaxIdleConnsPerHost: 16,
	}
	return &microsoft{
		connector: &mailbox.Connector{
			ClientID: c.Microsoft.ClientID, Secret: c.Microsoft.ClientSecret, Authority: authority, Graph: graph,
			RedirectURL: c.PublicURL + "/api/microsoft/callback", Now: now,
			// No redirect is followed: a token would go along.
			Client: &http.Client{
				Transport: network, Timeout: time.Minute,
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			},
		},
		transport: mailbox.NewTransport(network, graph, now),
	}, nil
}

// client is an account's.
func (m *microsoft) client(a mailbox.Account, store mailbox.TokenStore, sealer mailbox.Sealer) (mailbox.Client, error) {
	return msgraph.New(m.transport, &mailbox.AccountTokens{Account: a, Connector: m.connector, Store: store, Sealer: sealer})
}
