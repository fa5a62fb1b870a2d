package outbound

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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

func TestTheGuardRefusesWhatIsNotPublic(t *testing.T) {
	t.Parallel()
	c := NewClient(false)
	for _, address := range []string{
		"https://127.0.0.1", "https://[::1]", "https://localhost", "https://169.254.169.254/latest/meta-data", "https://10.0.0.1", "https://192.168.1.1:8443",
		"https://172.16.0.1", "https://[::ffff:10.0.0.1]", "https://[::ffff:7f00:1]", "https://168.63.129.16", "https://0.0.0.0", "https://100.64.0.1",
		"https://[fd00::1]", "https://[fe80::1]", "https://[64:ff9b::7f00:1]", "https://2130706433", "https://0x7f.1", "http://93.184.215.14", "https://93.184.215.14:22",
	} {
		if _, err := call(t, c, address); err == nil {
			t.Errorf("%s was called", address)
		} else if strings.Contains(err.Error(), "connection refused") {
			t.Errorf("%s was dialled: %v", address, err)
		}
	}
}

func TestDevelopmentReachesLoopback(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.RedirectHandler("http://169.254.169.254/", http.StatusFound))
	t.Cleanup(server.Close)
	response, err := call(t, NewClient(true), server.URL)
	if err != nil || response.StatusCode != http.StatusFound {
		t.Errorf("a redirect was followed, or loopback not reached: %v, %v", response, err)
	}
}
