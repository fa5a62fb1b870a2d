package outbound

import (
	"net/netip"
	"net/url"
	"testing"
)

// FuzzCheck holds that no literal address that passes the check is private,
// however it is written.
func FuzzCheck(f *testing.F) {
	for _, seed := range append(refused(), "https://93.184.215.14", "https://example.com:8443", "https://[::ffff:0:127.0.0.1]", "https://127.0.0.1.", "https://%31%32%37.0.0.1") {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := url.Parse(text)
		if err != nil || policy().Check(u) != nil {
			return
		}
		ip, err := netip.ParseAddr(u.Hostname())
		if ip = ip.Unmap(); err == nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast()) {
			t.Errorf("%q passes", text)
		}
	})
}
