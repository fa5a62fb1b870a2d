package outbound

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

func call(t *testing.T, c *http.Client, url string) (*http.Response, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.Do(request)
	if err == nil {
		_ = response.Body.Close()
	}
	return response, err
}

// refused are addresses that no webhook may call.
func refused() []string {
	return []string{
		"https://127.0.0.1", "https://[::1]", "https://localhost", "https://169.254.169.254/latest/meta-data", "https://10.0.0.1", "https://192.168.1.1:8443",
		"https://172.16.0.1", "https://[::ffff:10.0.0.1]", "https://[::ffff:7f00:1]", "https://168.63.129.16", "https://0.0.0.0", "https://100.64.0.1",
		"https://[fd00::1]", "https://[fe80::1]", "https://[64:ff9b::7f00:1]", "https://192.0.0.8", "https://192.0.2.1", "https://198.18.0.1", "https://198.51.100.1",
		"https://203.0.113.1", "https://192.88.99.1", "https://192.31.196.1", "https://224.0.0.1", "https://240.0.0.1", "https://255.255.255.255", "https://[::]",
		"https://[::127.0.0.1]", "https://[64:ff9b:1::1]", "https://[2002:7f00:1::]", "https://[2001::1]", "https://[fd00:ec2::254]", "https://[fec0::1]",
		"https://[2001:db8::1]", "https://[2620:4f:8000::1]", "https://[100::1]", "https://[3fff::1]", "https://[5f00::1]", "https://[::1%25lo]",
		"http://93.184.215.14", "http://93.184.215.14:443", "https://93.184.215.14:22", "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:25",
		"https://20.50.2.3", "https://[2a01:111::9]", "https://extractor.test", "https://EXTRACTOR.test./x", "ftp://93.184.215.14",
	}
}

func policy() Policy {
	return Policy{OwnHost: "extractor.test", Own: []netip.Addr{netip.MustParseAddr("20.50.2.3"), netip.MustParseAddr("2a01:111::9%eth0")}}
}

func TestTheGuardRefusesWhatIsNotPublic(t *testing.T) {
	t.Parallel()
	c := NewClient(policy())
	for _, address := range refused() {
		if _, err := call(t, c, address); !Blocked(err) {
			t.Errorf("%s: %v", address, err)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if policy().Check(u) == nil {
			t.Errorf("%s passes the check at creation", address)
		}
	}
}

// TestNumbersAreNames: what inet_aton would take for an address is asked of DNS,
// which has no such name.
func TestNumbersAreNames(t *testing.T) {
	t.Parallel()
	names := serveDNS(t, func(string) []netip.Addr { return nil })
	p := policy()
	p.resolver = names
	for _, address := range []string{"https://2130706433", "https://0x7f.1", "https://0177.0.0.1", "https://127.1", "https://0x7f000001"} {
		response, err := call(t, NewClient(p), address)
		if err == nil || strings.Contains(err.Error(), "connection refused") {
			t.Errorf("%s was dialled: %v, %v", address, response, err)
		}
	}
}

func TestAddressesThatAPublicServerHasPassTheCheck(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://93.184.215.14", "https://example.com", "https://example.com:8443/x?y=z", "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]"} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if err := policy().Check(u); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestANameIsJudgedByWhatItStandsForWhenItIsDialled holds names that were public
// when somebody looked, and are not any more.
func TestANameIsJudgedByWhatItStandsForWhenItIsDialled(t *testing.T) {
	t.Parallel()
	public, private := netip.MustParseAddr("93.184.215.14"), netip.MustParseAddr("127.0.0.1")
	var asked atomic.Int32
	p := policy()
	p.resolver = serveDNS(t, func(name string) []netip.Addr {
		switch name {
		case "changes.test.":
			if asked.Add(1) <= 2 { // A and AAAA of who checks
				return []netip.Addr{public}
			}
			return []netip.Addr{private}
		case "v6.test.":
			return []netip.Addr{netip.MustParseAddr("::1")}
		}
		return []netip.Addr{private}
	})
	if found, err := p.resolver.LookupNetIP(t.Context(), "ip", "changes.test."); err != nil || len(found) != 1 || found[0].Unmap() != public {
		t.Fatalf("got %v, %v", found, err)
	}
	for _, name := range []string{"changes.test", "v6.test", "inside.test"} {
		if _, err := call(t, NewClient(p), "https://"+name+"."); !Blocked(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// serveDNS answers A and AAAA by addresses until the test ends.
func serveDNS(t *testing.T, addresses func(name string) []netip.Addr) *net.Resolver {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = socket.Close()
		<-done
	})
	go func() {
		defer close(done)
		for buffer := make([]byte, 1500); ; {
			n, from, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer := answerDNS(buffer[:n], addresses); answer != nil {
				_, _ = socket.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
}

func answerDNS(query []byte, addresses func(string) []netip.Addr) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil
	}
	question := m.Questions[0]
	m.Response, m.Additionals = true, nil
	header := dnsmessage.ResourceHeader{Name: question.Name, Class: question.Class}
	found := addresses(question.Name.String())
	if found == nil {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, ip := range found {
		switch {
		case ip.Is4() && question.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: ip.As4()}})
		case ip.Is6() && question.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	answer, err := m.Pack()
	if err != nil {
		return nil
	}
	return answer
}

func TestAProxyOfTheEnvironmentIsNotAsked(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") }))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("HTTPS_PROXY", proxy.URL)
	if _, err := call(t, NewClient(policy()), "https://10.0.0.1"); !Blocked(err) {
		t.Errorf("got %v", err)
	}
}

func TestDevelopmentReachesLoopback(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.RedirectHandler("http://169.254.169.254/", http.StatusFound))
	t.Cleanup(server.Close)
	response, err := call(t, NewClient(Policy{AllowPrivate: true}), server.URL)
	if err != nil || response.StatusCode != http.StatusFound {
		t.Errorf("a redirect was followed, or loopback not reached: %v, %v", response, err)
	}
}

func TestThisMachinesAddressesAreItsOwn(t *testing.T) {
	t.Parallel()
	own, err := Interfaces()
	if err != nil || len(own) == 0 {
		t.Fatalf("got %v, %v", own, err)
	}
	for _, address := range own {
		if address == netip.MustParseAddr("127.0.0.1") {
			return
		}
	}
	t.Errorf("got %v", own)
}
