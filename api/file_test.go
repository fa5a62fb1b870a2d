package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAFilesAddressWorksForAWhile(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	url := s.upload(t, a, "Rechnung \"Ü\".pdf", sample(t)).text(t, "fileUrl")
	at := call{method: "GET", path: strings.TrimPrefix(url, "https://extractor.test/api/embed")}
	got := s.do(t, at)
	if got.status != http.StatusOK || got.body != string(sample(t)) {
		t.Fatalf("got %d and %d bytes", got.status, len(got.body))
	}
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
		"Cache-Control": "private, no-store",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s: got %q", name, got.header.Get(name))
		}
	}
	if disposition := got.header.Get("Content-Disposition"); !strings.HasPrefix(disposition, "attachment; filename") {
		t.Errorf("got %s", disposition)
	}
	refused := []string{"token is not valid"}
	path, token, _ := strings.Cut(at.path, "?token=")
	_, signature, _ := strings.Cut(token, ".")
	s.run(t, map[string]scenario{
		"changed signature": {call{method: "GET", path: at.path + "x"}, 403, refused, nil},
		"later expiry":      {call{method: "GET", path: path + "?token=9999999999." + signature}, 403, refused, nil},
		"another file":      {call{method: "GET", path: "/files/507f1f77bcf86cd799439011/content?token=" + token}, 403, refused, nil},
		"no signature":      {call{method: "GET", path: path, as: a}, 400, []string{"token must be given"}, nil},
	})
	s.clock.pass(15*time.Minute + time.Second)
	if got := s.do(t, at); got.status != http.StatusForbidden {
		t.Errorf("after its time: %d", got.status)
	}
}
