// Package outbound has the one HTTP client for addresses that a customer gave.
// A webhook's address is chosen by whoever holds a key, so it must not become a
// way into the network that this product runs in: the address is judged when
// it is dialled, after DNS, because a name that was harmless when it was
// checked can point elsewhere a moment later.
package outbound

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"time"

	"code.dny.dev/ssrf"
)

// Timeout is the longest that one call may take, from dial to the last byte.
const Timeout = 15 * time.Second

// NewClient makes the client. With allowPrivate it reaches http and private
// addresses, for development alone.
func NewClient(allowPrivate bool) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	if !allowPrivate {
		guard := ssrf.New(
			ssrf.WithPorts(443, 8443),
			// Azure's WireServer has a public address and answers every
			// machine there; the registries that the guard knows don't list it.
			ssrf.WithDeniedV4Prefixes(netip.MustParsePrefix("168.63.129.16/32")),
		)
		dialer.Control = guard.Safe
	}
	return &http.Client{
		Timeout: Timeout,
		// A redirect would be a second address that nobody agreed to.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  nil, // behind a proxy the guard would see the proxy's address
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    5 * time.Second,
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: 16 << 10,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		},
	}
}
