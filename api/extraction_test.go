package api_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"decoded.digital/extractor/api"
	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/models"
)

func TestAnUploadIsAnsweredAndRun(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	got := s.upload(t, a, `C:\scans\..\Rechnung Ü.pdf`, sample(t))
	id := got.text(t, "extractionId")
	if got.status != http.StatusOK || got.value(t, "success") != true || got.text(t, "status") != "processing" ||
		got.text(t, "fileName") != "Rechnung Ü.pdf" || got.text(t, "fileType") != "application/pdf" ||
		!strings.HasPrefix(got.text(t, "fileUrl"), "https://extractor.test/") || got.text(t, "message") == "" {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if len(s.runner.calls) != 1 || s.runner.calls[0] != "start "+id || len(s.promises(t)) != 0 {
		t.Errorf("got calls %v", s.runner.calls)
	}
}

func TestWithoutTemporalAnUploadIsStillAPromise(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	s.runner.err = errors.New("Temporal is away")
	id := s.extraction(t, a)
	if entries := s.promises(t); len(entries) != 1 || entries[0].SubjectID != id || entries[0].Kind != models.OutboxStartExtraction {
		t.Errorf("got %+v", entries)
	}
}

func TestABadUploadIsToldWhy(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	for name, tc := range map[string]struct {
		content []byte
		fields  []string
		want    string
	}{
		"empty":           {nil, nil, "file is empty"},
		"too large":       {bytes.Repeat([]byte("%PDF-1.7 "), intake.MaxFileSize/9+1), nil, "file is larger than 10MB"},
		"text":            {[]byte("hello"), nil, "valid are PDF, JPEG, PNG and WebP"},
		"HTML with a PDF": {[]byte("<html><script>alert(1)</script>%PDF-1.7"), nil, "valid are PDF"},
		"SVG":             {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), nil, "valid are PDF"},
		"program":         {[]byte("MZ\x90\x00"), nil, "valid are PDF"},
		"bad document id": {sample(t), []string{"documentId", "x"}, "Invalid document ID format"},
		"no such one":     {sample(t), []string{"documentId", "507f1f77bcf86cd799439011"}, "Document not found"},
	} {
		if got := s.upload(t, a, "x.pdf", tc.content, tc.fields...); got.status < 400 || got.status > 404 || !strings.Contains(got.body, tc.want) {
			t.Errorf("%s: got %d %s", name, got.status, got.body)
		}
	}
	multipart := map[string]string{"Content-Type": "multipart/form-data; boundary=b"}
	s.run(t, map[string]scenario{
		"no multipart": {call{method: "POST", path: "/extract", as: a, body: "{}"}, 400, []string{"multipart/form-data"}, nil},
		"no file":      {call{method: "POST", path: "/extract", as: a, body: "--b--\r\n", header: multipart}, 400, []string{"file is required"}, nil},
		"cut off":      {call{method: "POST", path: "/extract", as: a, body: "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n%PDF", header: multipart}, 400, []string{"ended early"}, nil},
		"no caller":    {call{method: "POST", path: "/extract"}, 401, nil, nil},
	})
	if len(s.runner.calls) != 0 {
		t.Errorf("a bad upload was run: %v", s.runner.calls)
	}
}

func TestAnExtractionIsShownAsTheGuideSays(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	id := s.extraction(t, a)
	s.run(t, map[string]scenario{
		"detail": {call{method: "GET", path: "/extractions/" + id, as: a}, 200, []string{
			`"id":"` + id + `"`, `"_id":"` + id + `"`, `"fileName":"invoice.pdf"`, `"fileType":"application/pdf"`, `"status":"uploaded"`,
			`"extractedData":null`, `"document":null`, `"error":null`, `"source":"embed"`, `"attempt":1`,
		}, nil},
		"list":          {call{method: "GET", path: "/extractions?status=uploaded&search=INVOICE", as: a}, 200, []string{id, `"totalCount":1`}, []string{"extractedData", "evidence"}},
		"other status":  {call{method: "GET", path: "/extractions?status=completed", as: a}, 200, []string{`"items":[]`}, nil},
		"status spaces": {call{method: "GET", path: "/extractions?status=analysis+failed", as: a}, 200, []string{`"items":[]`}, nil},
		"bad status":    {call{method: "GET", path: "/extractions?status=done", as: a}, 400, []string{"status must be one of"}, nil},
		"bad document":  {call{method: "GET", path: "/extractions?documentId=x", as: a}, 400, []string{"Invalid document ID format"}, nil},
		"bad id":        {call{method: "GET", path: "/extractions/x", as: a}, 400, []string{"Invalid extraction ID format"}, nil},
		"unknown":       {call{method: "GET", path: "/extractions/507f1f77bcf86cd799439011", as: a}, 404, []string{"Extraction not found"}, nil},
	})
}

func TestOnlyAFailedExtractionIsRetriedAndOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	id := s.extraction(t, a)
	retry := call{method: "POST", path: "/extractions/" + id + "/retry", as: a}
	if got := s.do(t, retry); got.status < 400 || !strings.Contains(got.body, "Only failed extractions can be retried") {
		t.Errorf("in progress: %d %s", got.status, got.body)
	}
	s.fail(t, id)
	var retries sync.WaitGroup
	var mutex sync.Mutex
	statuses := map[int]int{}
	for range 8 {
		retries.Go(func() {
			got := s.do(t, retry)
			mutex.Lock()
			defer mutex.Unlock()
			statuses[got.status]++
		})
	}
	retries.Wait()
	if statuses[http.StatusOK] != 1 {
		t.Errorf("got %v", statuses)
	}
	resets := 0
	for _, made := range s.runner.calls {
		if strings.HasPrefix(made, "reset "+id+" by user ") {
			resets++
		}
	}
	if resets != 1 || len(s.promises(t)) != 0 {
		t.Errorf("got calls %v", s.runner.calls)
	}
}

func TestADeletedExtractionLeavesNoBytes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	id := s.extraction(t, a)
	x, err := s.store.System().LoadExtraction(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	pages := x.File.BlobKey + ".pages"
	if err := s.blobs.Put(t.Context(), pages, strings.NewReader("[]")); err != nil {
		t.Fatal(err)
	}
	at := call{method: "DELETE", path: "/extractions/" + id, as: a}
	s.run(t, map[string]scenario{"delete": {at, 200, []string{`"deleted":true`, id}, nil}})
	s.run(t, map[string]scenario{"again": {at, 404, []string{"Extraction not found"}, nil}})
	for _, key := range []string{x.File.BlobKey, pages} {
		if _, err := s.blobs.Get(t.Context(), key); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("%s is still there: %v", key, err)
		}
	}
	if last := s.runner.calls[len(s.runner.calls)-1]; last != "cancel "+id {
		t.Errorf("its run goes on: %v", s.runner.calls)
	}
}

func TestOwnersAndAdminsAreLedToTheRun(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *api.Config) { c.RunURL = func(id string) string { return "https://temporal.test/" + id } })
	owner := s.onboard(t, "jo@acme.test")
	got := s.do(t, call{method: "POST", path: "/users", as: owner, body: `{"firstName":"F","lastName":"L","email":"al@acme.test"}`})
	if got.status != http.StatusCreated {
		t.Fatal(got.body)
	}
	member := &tenant{id: owner.id, key: owner.key, email: "al@acme.test"}
	id := s.extraction(t, owner)
	s.run(t, map[string]scenario{
		"owner":  {call{method: "GET", path: "/extractions/" + id, as: owner}, 200, []string{`"workflowUrl":"https://temporal.test/` + id + `"`}, nil},
		"member": {call{method: "GET", path: "/extractions/" + id, as: member}, 200, nil, []string{"workflowUrl", "temporal.test"}},
	})
}

func TestAFailureSaysWhetherRetryingHelps(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	id := s.extraction(t, a)
	at := call{method: "GET", path: "/extractions/" + id, as: a}
	s.run(t, map[string]scenario{"before": {at, 200, []string{`"failure":null`}, nil}})
	s.fail(t, id)
	s.run(t, map[string]scenario{"after": {at, 200, []string{`"failure":{"type":"DocumentBroken","retryHelps":false}`}, nil}})
}
