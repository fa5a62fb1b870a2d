// Package outbound has the one HTTP client for addresses that a customer gave.
// A webhook's address is chosen by whoever holds a key, so it must not become a
// way into the network that this product runs in: the address is judged when
// it is dialled, after DNS, because a name that was harmless when it was
// checked can point elsewhere a moment later.
package outbound

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"code.dny.dev/ssrf"

	"decoded.digital/extractor/models"
)

// Timeout is the longest that one call may take, from dial to the last byte.
const Timeout = 15 * time.Second

// Policy says which addresses may be called.
type Policy struct {
	// AllowPrivate reaches http and private addresses, for development alone.
	AllowPrivate bool
	// Own are addresses of the product's own machines, public ones too. Without a
	// list nothing but private and special ones are refused.
	Own []netip.Addr
	// OwnHost is the product's own name, which no webhook may call.
	OwnHost string

	resolver *net.Resolver // nil: the system's; tests bring their own
}

var errBlocked = errors.New("this address may not be called")

// Blocked says whether a call was refused because of its address.
func Blocked(err error) bool {
	for _, reason := range []error{errBlocked, ssrf.ErrProhibitedIP, ssrf.ErrProhibitedPort, ssrf.ErrProhibitedNetwork} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}

// NewClient makes the client.
func NewClient(p Policy) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Resolver: p.resolver}
	if !p.AllowPrivate {
		dialer.Control = p.guard().Safe
	}
	return &http.Client{
		Timeout: Timeout,
		// A redirect would be a second address that nobody agreed to.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: guarded{policy: p, next: &http.Transport{
			Proxy:                  nil, // behind a proxy the guard would see the proxy's address
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    5 * time.Second,
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: 16 << 10,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		}},
	}
}

func ports() []uint16 { return []uint16{443, 8443} }

// guard judges an address that is about to be dialled.
func (p Policy) guard() *ssrf.Guardian {
	// Azure's WireServer has a public address and answers every machine there;
	// the registries that the guard knows don't list it.
	v4, v6 := []netip.Prefix{netip.MustParsePrefix("168.63.129.16/32")}, []netip.Prefix{}
	for _, own := range p.Own {
		own = own.Unmap().WithZone("")
		prefix := netip.PrefixFrom(own, own.BitLen())
		if own.Is4() {
			v4 = append(v4, prefix)
		} else {
			v6 = append(v6, prefix)
		}
	}
	return ssrf.New(ssrf.WithPorts(ports()...), ssrf.WithDeniedV4Prefixes(v4...), ssrf.WithDeniedV6Prefixes(v6...))
}

// guarded refuses what can be told from the address's text.
type guarded struct {
	policy Policy
	next   http.RoundTripper
}

func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := g.policy.Check(r.URL); err != nil {
		return nil, fmt.Errorf("%w: %w", errBlocked, err)
	}
	return g.next.RoundTrip(r)
}

// Check refuses an address that could never be called, with a sentence for who
// gives it. That it passes promises nothing: what its name stands for is judged
// at each call.
func (p Policy) Check(u *url.URL) error {
	if p.AllowPrivate {
		return nil
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	switch {
	case u.Scheme != "https":
		return models.Invalid("url must be an https URL")
	case host == p.OwnHost || host == "localhost" || strings.HasSuffix(host, ".localhost"):
		return models.Invalid("url must not be an address of this product")
	case u.Port() != "" && u.Port() != "443" && u.Port() != "8443":
		return models.Invalid("url must have no port, or port 443 or 8443")
	}
	if ip, err := netip.ParseAddr(host); err == nil && p.guard().SafeAddr(ip) != nil { // else it is a name
		return models.Invalid("url must have a public address")
	}
	return nil
}

// Interfaces are the addresses of this machine.
func Interfaces() ([]netip.Addr, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("list this machine's addresses: %w", err)
	}
	var own []netip.Addr
	for _, address := range addresses {
		if prefix, err := netip.ParsePrefix(address.String()); err == nil {
			own = append(own, prefix.Addr())
		}
	}
	return own, nil
}
