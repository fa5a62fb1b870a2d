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
		"empty signature":   {call{method: "GET", path: path + "?token=", as: a}, 403, refused, nil},
		"nobody":            {call{method: "GET", path: path}, 401, []string{"API key is required"}, nil},
		"another tenant":    {call{method: "GET", path: path, as: s.onboard(t, "al@other.test")}, 404, []string{"File not found"}, nil},
	})
	s.clock.pass(15*time.Minute + time.Second)
	if got := s.do(t, at); got.status != http.StatusForbidden {
		t.Errorf("after its time: %d", got.status)
	}
	if got := s.do(t, call{method: "GET", path: path, as: a}); got.status != http.StatusOK || got.body != string(sample(t)) {
		t.Errorf("its owner's key gets %d and %d bytes", got.status, len(got.body))
	}
}

func TestAFileIsKeptByItselfAndExtractedTwice(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	kept := s.uploadTo(t, "/files", a, "lease.pdf", sample(t), "description", "The 2026 lease")
	id := kept.text(t, "id")
	if kept.status != http.StatusOK || kept.text(t, "_id") != id || kept.text(t, "status") != "uploaded" || kept.text(t, "message") != "File uploaded successfully" {
		t.Errorf("got %d %s", kept.status, kept.body)
	}
	if len(s.runner.calls) != 0 {
		t.Errorf("it was run: %v", s.runner.calls)
	}
	document := s.document(t, a)
	extract := func(body string) answer {
		return s.do(t, call{method: "POST", path: "/files/" + id + "/extract", as: a, body: body})
	}
	first, second := extract(`{"documentId":"`+document+`"}`), extract("")
	if first.text(t, "extractionId") == second.text(t, "extractionId") || len(s.runner.calls) != 2 || second.text(t, "status") != "processing" {
		t.Errorf("got %s, %s", first.body, second.body)
	}
	at := "/extractions/" + first.text(t, "extractionId")
	s.run(t, map[string]scenario{
		"with its template": {call{method: "GET", path: at, as: a}, 200, []string{document, `"fileName":"lease.pdf"`}, nil},
		"in use":            {call{method: "DELETE", path: "/files/" + id, as: a}, 409, []string{"The file belongs to an extraction; delete that first"}, nil},
	})
	for _, x := range []answer{first, second} {
		s.do(t, call{method: "DELETE", path: "/extractions/" + x.text(t, "extractionId"), as: a})
	}
	s.run(t, map[string]scenario{"it stays": {call{method: "GET", path: "/files", as: a}, 200, []string{id}, nil}})
	s.run(t, map[string]scenario{"delete": {call{method: "DELETE", path: "/files/" + id, as: a}, 200, []string{`"deleted":true`, id}, nil}})
	s.run(t, map[string]scenario{"gone": {call{method: "GET", path: "/files", as: a}, 200, []string{`"items":[]`}, nil}})
}

func TestFilesAreListedAndFound(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	s.uploadTo(t, "/files", a, "lease.pdf", sample(t), "description", "first")
	s.clock.pass(time.Second)
	s.uploadTo(t, "/files", a, "Receipt 100%.png", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"))
	list := func(query string) call { return call{method: "GET", path: "/files" + query, as: a} }
	s.run(t, map[string]scenario{
		"newest first":           {list("?limit=1"), 200, []string{"Receipt 100%.png", `"totalCount":2`, `"fileType":"image/png"`, `"source":"embed"`}, []string{"lease.pdf"}},
		"by name":                {list("?search=LEASE"), 200, []string{"lease.pdf", `"description":"first"`, `"totalCount":1`}, nil},
		"a wildcard is a letter": {list("?search=0%25.p"), 200, []string{"Receipt 100%.png", `"totalCount":1`}, nil},
		"by type":                {list("?fileType=image/png"), 200, []string{"Receipt", `"totalCount":1`}, nil},
		"by no type":             {list("?fileType=text/plain"), 200, []string{`"items":[]`}, nil},
	})
}
