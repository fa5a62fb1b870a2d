package models

import (
	"strings"
	"testing"
)

// FuzzDomainAllowed holds the domain rule against a naive one, for every domain
// that an API key may have and every origin that a browser may send.
func FuzzDomainAllowed(f *testing.F) {
	for _, domain := range []string{"example.com", "*.example.com", "localhost", "*.localhost", "", "*.", "*", "a.b.c", "xn--e1a.com", "127.0.0.1"} {
		for _, origin := range []string{
			"https://example.com", "https://a.example.com:8443", "https://evil-example.com", "https://example.com.evil.test", "null",
			"http://localhost:3000", "https://example.com@evil.test", "https://evil.test/example.com", "https://EXAMPLE.com.", "//example.com",
		} {
			f.Add(domain, origin)
		}
	}
	f.Fuzz(func(t *testing.T, domain, origin string) {
		domains, err := NormalDomains([]string{domain})
		if err != nil {
			if CodeOf(err) != CodeInvalid {
				t.Fatal(err)
			}
			return
		}
		if again, err := NormalDomains(domains); err != nil || again[0] != domains[0] {
			t.Errorf("%q becomes %q, %v", domains, again, err)
		}
		if strings.ContainsAny(domains[0], " ;,'\"/\\:\r\n\x00") { // it goes into a header
			t.Errorf("%q is taken", domains[0])
		}
		if !DomainAllowed(domains, origin) {
			return
		}
		normal := NormalOrigin(origin)
		host := strings.TrimSuffix(hostOf(normal), ".")
		parent, wildcard := strings.CutPrefix(domains[0], "*.")
		if (wildcard && !strings.HasSuffix(host, "."+parent)) || (!wildcard && host != parent) {
			t.Errorf("%q allows %q, whose host is %q", domains[0], origin, host)
		}
	})
}

// hostOf cuts the host out of a normal origin by its characters alone.
func hostOf(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	host, _, _ = strings.Cut(host, ":")
	return host
}
