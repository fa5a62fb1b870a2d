package tests

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	chaosClients = 8
	// chaosPatience is how long a client repeats one request.
	chaosPatience = 4 * time.Minute
)

// chaosClient is a host application that repeats each request, under its
// Idempotency-Key, until the answer says more than "not now".
type chaosClient struct {
	base    atomic.Value // where the API is
	host    *host
	http    http.Client
	permits chan int
	uploads int // how many were permitted
	running sync.WaitGroup
	whole   []byte // the sample; a part of it is a broken file

	mutex    sync.Mutex
	accepted map[string]bool // id to whether the file is broken
	statuses map[int]int     // 0: no answer
	slowest  time.Duration
}

func newChaosClient(t *testing.T, h *host) *chaosClient {
	t.Helper()
	c := &chaosClient{
		host: h, http: http.Client{Timeout: time.Minute}, permits: make(chan int, 1000), whole: sample(t, "invoice.pdf"),
		accepted: map[string]bool{}, statuses: map[int]int{},
	}
	c.base.Store(h.base)
	return c
}

func (c *chaosClient) start(t *testing.T) {
	t.Helper()
	for range chaosClients {
		c.running.Go(func() {
			for number := range c.permits {
				c.upload(t, number)
			}
		})
	}
	t.Cleanup(c.finish)
}

// permit lets the clients upload some more files.
func (c *chaosClient) permit(files int) {
	for range files {
		c.permits <- c.uploads
		c.uploads++
	}
}

// finish waits until what was permitted is uploaded.
func (c *chaosClient) finish() {
	if c.permits != nil {
		close(c.permits)
		c.permits = nil
	}
	c.running.Wait()
}

// upload sends one file; each eighth is broken.
func (c *chaosClient) upload(t *testing.T, number int) {
	content, broken := c.whole, number%8 == 7
	if broken {
		content = append([]byte("%PDF-1.7\n"), c.whole[100:300]...)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "invoice.pdf")
	if err == nil {
		_, err = part.Write(content)
	}
	if err = errors.Join(err, form.Close()); err != nil {
		t.Error(err)
		return
	}
	var answer struct {
		ExtractionID string `json:"extractionId"`
	}
	err = c.ask(t, http.MethodPost, "/extract", body.Bytes(), &answer,
		"Content-Type", form.FormDataContentType(), "Idempotency-Key", fmt.Sprintf("upload %d", number))
	if err != nil {
		t.Errorf("upload %d: %v", number, err)
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if _, twice := c.accepted[answer.ExtractionID]; twice || answer.ExtractionID == "" {
		t.Errorf("upload %d was answered with the id %q of another", number, answer.ExtractionID)
	}
	c.accepted[answer.ExtractionID] = broken
}

// ask repeats a request while nothing answers, or 503, or the answer is that the
// same request is being answered.
func (c *chaosClient) ask(t *testing.T, method, path string, body []byte, data any, headers ...string) error {
	for begun := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		status, answer, err := c.try(t.Context(), method, path, body, headers)
		switch {
		case status == http.StatusOK:
			envelope := struct {
				Data any `json:"data"`
			}{data}
			return json.Unmarshal(answer, &envelope)
		case err == nil && !c.notNow(t, status, answer):
			return fmt.Errorf("got %d %s", status, answer)
		case time.Since(begun) > chaosPatience || t.Context().Err() != nil:
			return fmt.Errorf("gave up: %d %s %w", status, answer, err)
		}
	}
}

// notNow says whether an answer means that the request may be repeated.
func (c *chaosClient) notNow(t *testing.T, status int, answer []byte) bool {
	var envelope struct{ Error string }
	if err := json.Unmarshal(answer, &envelope); err != nil || envelope.Error == "" {
		t.Errorf("%d without the envelope: %s", status, answer)
	}
	return status == http.StatusServiceUnavailable || (status == http.StatusConflict && strings.Contains(envelope.Error, "being answered"))
}

func (c *chaosClient) try(ctx context.Context, method, path string, body []byte, headers []string) (int, []byte, error) {
	base, _ := c.base.Load().(string)
	request, err := http.NewRequestWithContext(ctx, method, base+"/api/embed"+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("X-API-Key", c.host.key)
	request.Header.Set("X-User-Email", userEmail)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	begun, status := time.Now(), 0
	defer func() { c.note(status, time.Since(begun)) }()
	response, err := c.http.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, nil, err
	}
	status = response.StatusCode
	return status, answer, nil
}

func (c *chaosClient) note(status int, took time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.statuses[status]++
	c.slowest = max(c.slowest, took)
}

// completed is how many extractions the API says are.
func (c *chaosClient) completed(t *testing.T) int {
	return c.total(t, "/extractions?limit=1&status=completed")
}

func (c *chaosClient) total(t *testing.T, path string) int {
	t.Helper()
	var list struct {
		Pagination struct{ TotalCount int }
	}
	if err := c.ask(t, http.MethodGet, path, nil, &list); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return list.Pagination.TotalCount
}

func (c *chaosClient) acknowledged() map[string]bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return maps.Clone(c.accepted)
}

// answers is how often each status was answered.
func (c *chaosClient) answers() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(c.statuses)) {
		name := fmt.Sprint(status)
		if status == 0 {
			name = "none"
		}
		parts = append(parts, fmt.Sprintf("%s %d×", name, c.statuses[status]))
	}
	return strings.Join(parts, ", ")
}

// wantFinal waits until every acknowledged extraction is final, with the right
// status and data, and sees that there is one for each upload.
func (x *chaos) wantFinal(t *testing.T) {
	t.Helper()
	acknowledged := x.client.acknowledged()
	if len(acknowledged) != x.client.uploads {
		t.Errorf("%d uploads were acknowledged of %d", len(acknowledged), x.client.uploads)
	}
	for id, broken := range acknowledged {
		var e extraction
		eventually(t, id+" is final", func() error {
			e = extraction{} // the decoder leaves what an answer has not
			if err := x.client.ask(t, http.MethodGet, "/extractions/"+id, nil, &e); err != nil {
				return err
			}
			if e.Status != "completed" && !strings.Contains(e.Status, "failed") {
				return fmt.Errorf("it is %q", e.Status)
			}
			return nil
		})
		if broken && (e.Status != "analysis failed" || e.Error == nil || !strings.Contains(*e.Error, "damaged")) {
			t.Errorf("%s, of a broken file, is %+v", id, e)
		}
		if !broken && (e.Status != "completed" || e.ExtractedData["invoice_number"] != "NP-2026-0417" || e.ExtractedData["total"] != 208.25) {
			why := ""
			if e.Error != nil {
				why = *e.Error
			}
			t.Errorf("%s is %q with %v, error %q", id, e.Status, e.ExtractedData, why)
		}
	}
	if total := x.client.total(t, "/extractions?limit=1"); total != len(acknowledged) {
		t.Errorf("the list counts %d extractions, acknowledged were %d", total, len(acknowledged))
	}
}

// wantRows looks into Postgres: one row and one file for each upload, and no
// promise is left.
func (x *chaos) wantRows(t *testing.T, address string) {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(t.Context())
	for query, want := range map[string]int{
		"SELECT COUNT(*) FROM extractions":                           x.client.uploads,
		"SELECT COUNT(*) FROM files":                                 x.client.uploads,
		"SELECT COUNT(*) FROM extractions WHERE attempt <> 1":        0,
		"SELECT COUNT(*) FROM outbox":                                0,
		"SELECT COUNT(*) FROM deliveries":                            x.client.uploads,
		"SELECT COUNT(*) FROM deliveries WHERE state <> 'succeeded'": 0,
	} {
		eventually(t, query, func() error {
			var got int
			if err := connection.QueryRow(t.Context(), query).Scan(&got); err != nil {
				return err
			}
			if got != want {
				return fmt.Errorf("got %d, want %d", got, want)
			}
			return nil
		})
	}
}
