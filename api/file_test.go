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
	refused := []string{"not valid or has expired"}
	s.run(t, map[string]scenario{
		"changed signature": {call{method: "GET", path: at.path + "x"}, 403, refused, nil},
		"later expiry":      {call{method: "GET", path: strings.Replace(at.path, "expires=1", "expires=2", 1)}, 403, refused, nil},
		"another file":      {call{method: "GET", path: "/files/507f1f77bcf86cd799439011/content?" + strings.SplitN(at.path, "?", 2)[1]}, 403, refused, nil},
		"no signature":      {call{method: "GET", path: strings.SplitN(at.path, "?", 2)[0], as: a}, 403, refused, nil},
	})
	s.clock = s.clock.Add(15*time.Minute + time.Second)
	if got := s.do(t, at); got.status != http.StatusForbidden {
		t.Errorf("after its time: %d", got.status)
	}
}
