package models

import (
	"net"
	"net/url"
	"strings"
)

// MaxDomains is how many domains an API key may be restricted to.
const MaxDomains = 100

// NormalDomains checks and lower-cases the domains that an API key is
// restricted to, as the guide has them: a host, "*." and a host for all its
// sub-domains, or localhost.
func NormalDomains(domains []string) ([]string, error) {
	if len(domains) > MaxDomains {
		return nil, Invalid("allowedDomains may have %d entries", MaxDomains)
	}
	normal := make([]string, 0, len(domains))
	for i, domain := range domains {
		domain = strings.ToLower(strings.TrimSpace(domain))
		host := strings.TrimPrefix(domain, "*.")
		wildcard := host != domain
		if !validHost(host) || (wildcard && !strings.Contains(host, ".")) {
			return nil, Invalid("allowedDomains[%d] must be a host without scheme, port and path: example.com, *.example.com or localhost", i)
		}
		normal = append(normal, domain)
	}
	return normal, nil
}

// validHost says whether host is a name of LDH labels (RFC 1123, section 2.1)
// with a dot, an IPv4 address, or localhost. Names in other scripts are written
// in their xn-- form.
func validHost(host string) bool {
	if host == "localhost" {
		return true
	}
	labels := strings.Split(host, ".")
	if len(host) > 253 || len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
	}
	return true
}

// DomainAllowed says whether an origin (scheme, host and port, as a browser
// sends it) is one that domains allow. No domains allow every origin.
func DomainAllowed(domains []string, origin string) bool {
	if len(domains) == 0 {
		return true
	}
	host := originHost(origin)
	if host == "" {
		return false
	}
	for _, domain := range domains {
		parent, wildcard := strings.CutPrefix(domain, "*")
		if host == domain || (wildcard && len(host) > len(parent) && strings.HasSuffix(host, parent)) {
			return true
		}
	}
	return false
}

// originHost is the host of an http or https origin in lower case, empty for
// anything else ("null" of a sandboxed frame, an extension's origin).
func originHost(origin string) string {
	u, err := url.Parse(origin)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil {
		return ""
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if ip := net.ParseIP(host); ip == nil && !validHost(host) {
		return ""
	}
	return host
}

// NormalOrigin is the origin of an address: scheme, host and port alone, lower
// case, without a default port; empty if it has none.
func NormalOrigin(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || originHost(address) == "" {
		return ""
	}
	host := strings.ToLower(u.Host)
	if port := u.Port(); (u.Scheme == "https" && port == "443") || (u.Scheme == "http" && port == "80") {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return u.Scheme + "://" + host
}
