package tests

import (
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"testing"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/internal/testkit"
)

const (
	parallelUploads = 50
	uploadSize      = 10 << 20 // the most that is accepted
	uploadRounds    = 3        // more would show nothing and fill the disk
	// uploadLimit is the most that an upload may take of the process's memory while
	// it lasts, in bytes.
	uploadLimit = 1 << 20
)

// BenchmarkUpload measures how far the product's resident memory grows while 50
// files of 10 MB come in at once, with each file storage. growth/limit must stay
// below 1; every upload must succeed.
func BenchmarkUpload(b *testing.B) {
	p := build(b)
	for _, storage := range []string{"disk", "azure"} {
		b.Run(storage, func(b *testing.B) {
			env := devEnvironment(b)
			env["EXTRACTOR_RATE_LIMIT"] = "off"
			if storage == "azure" {
				env["EXTRACTOR_BLOB_URL"] = testkit.StartAzurite(b)
			}
			run, base := p.startDev(b, env)
			h := onboard(b, base, env["EXTRACTOR_SETUP_KEY"])
			body, kind := largeUpload(b)
			if err := h.keep(b, body, kind); err != nil { // what is made once is made
				b.Fatal(err)
			}
			before := memory(b, run, "VmRSS")
			forgetPeak(b, run)
			for round := 0; b.Loop(); round++ {
				if round < uploadRounds {
					uploadAtOnce(b, h, body, kind)
				}
			}
			each := (memory(b, run, "VmHWM") - before) / parallelUploads
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(before)/(1<<20), "MB-before")
			b.ReportMetric(float64(each)/(1<<20), "MB/upload")
			b.ReportMetric(float64(each)/uploadLimit, "growth/limit")
		})
	}
}

// largeUpload is a form with the largest PDF that is accepted.
func largeUpload(b *testing.B) (body []byte, kind string) {
	b.Helper()
	var text bytes.Buffer
	form := multipart.NewWriter(&text)
	part, err := form.CreateFormFile("file", "large.pdf")
	if err != nil {
		b.Fatal(err)
	}
	_, err = part.Write(append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("x"), uploadSize-9)...))
	if err = errors.Join(err, form.Close()); err != nil {
		b.Fatal(err)
	}
	return text.Bytes(), form.FormDataContentType()
}

func uploadAtOnce(b *testing.B, h *host, body []byte, kind string) {
	b.Helper()
	var uploads errgroup.Group
	for range parallelUploads {
		uploads.Go(func() error { return h.keep(b, body, kind) })
	}
	if err := uploads.Wait(); err != nil {
		b.Fatal(err)
	}
}

// keep uploads a file by itself, so that nothing reads it.
func (h *host) keep(b *testing.B, body []byte, kind string) error {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, h.base+"/api/embed/files", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("X-API-Key", h.key)
	request.Header.Set("X-User-Email", userEmail)
	request.Header.Set("Content-Type", kind)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("upload: got %s", response.Status)
	}
	return nil
}

// memory is a figure of the process's memory in bytes, as the kernel has it
// (proc(5), /proc/pid/status).
func memory(b *testing.B, run *process, name string) int {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", run.command.Process.Pid))
	if err != nil {
		b.Fatalf("this benchmark needs Linux: %v", err)
	}
	found := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		b.Fatalf("no %s in %s", name, status)
	}
	kilobytes, err := strconv.Atoi(string(found[1]))
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes << 10
}

// forgetPeak lets VmHWM begin anew at what the process has now (proc(5),
// /proc/pid/clear_refs).
func forgetPeak(b *testing.B, run *process) {
	b.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", run.command.Process.Pid), []byte("5"), 0); err != nil {
		b.Fatal(err)
	}
}
