//go:build fakegraph

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/testkit/graphfake"
)

// startFakeGraph plays Microsoft 365 on this machine, with two mailboxes to
// connect. page is where a browser sends mail to them.
func startFakeGraph(ctx context.Context, c *config.Config, address string) (page string, stop func(), err error) {
	invoice, err := os.ReadFile("samples/invoice.pdf")
	if err != nil {
		invoice = graphfake.PDF(1)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return "", nil, fmt.Errorf("start the fake Microsoft 365: %w", err)
	}
	fake := graphfake.New(graphfake.Options{Listener: listener})
	fake.Demo(invoice)
	fake.Reseed(uint64(time.Now().UnixNano())) // the folders stay the same from start to start, what is sent does not
	c.Microsoft = config.Microsoft{ClientID: "client", ClientSecret: "secret", AuthorityURL: fake.URL, GraphURL: fake.URL}
	return fake.URL + "/fake/", fake.Close, nil
}
