package tests

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"decoded.digital/extractor/internal/testkit"
)

const userEmail = "jo@acme.test"

// host is a host application: one tenant's key and the API's address.
type host struct {
	base   string
	key    string
	client *http.Client // nil: Go's own, which keeps two connections
}

// usage is what a language model took.
type usage struct {
	Model       string   `json:"model"`
	Calls       int      `json:"calls"`
	InputTokens int64    `json:"inputTokens"`
	Cost        *float64 `json:"cost"`
}

// extraction is the detail answer, as far as the scenarios look at it.
type extraction struct {
	ID            string         `json:"id"`
	Status        string         `json:"status"`
	Attempt       int            `json:"attempt"`
	PageCount     int            `json:"pageCount"`
	Error         *string        `json:"error"`
	WorkflowURL   string         `json:"workflowUrl"`
	DocumentID    *string        `json:"documentId"`
	FileURL       string         `json:"fileUrl"`
	ExtractedData map[string]any `json:"extractedData"`
	Evidence      map[string]any `json:"evidence"`
	Checks        []any          `json:"checks"`
	Usage         *usage         `json:"usage"`
}

func onboard(t testing.TB, base, setupKey string) *host {
	t.Helper()
	h := &host{base: base}
	var answer struct {
		APIKey struct {
			Key string `json:"key"`
		} `json:"apiKey"`
	}
	body := `{"organizationName":"Acme","firstName":"Jo","lastName":"Doe","email":"` + userEmail + `"}`
	h.call(t, http.MethodPost, "/api/embed/onboard", body, http.StatusCreated, &answer, "X-Setup-Key", setupKey)
	h.key = answer.APIKey.Key
	return h
}

// call makes a request and decodes the data of its answer into data.
func (h *host) call(t testing.TB, method, path, body string, wantStatus int, data any, headers ...string) {
	t.Helper()
	headers = append(headers, "Content-Type", "application/json")
	status, answer := h.send(t, method, path, bytes.NewBufferString(body), headers...)
	if status != wantStatus {
		t.Fatalf("%s %s: got %d %s, want %d", method, path, status, answer, wantStatus)
	}
	envelope := struct {
		Data any `json:"data"`
	}{data}
	if err := json.Unmarshal(answer, &envelope); err != nil {
		t.Fatalf("%s %s: %v in %s", method, path, err, answer)
	}
}

func (h *host) send(t testing.TB, method, path string, body io.Reader, headers ...string) (int, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, h.base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-API-Key", h.key)
	request.Header.Set("X-User-Email", userEmail)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := cmp.Or(h.client, http.DefaultClient).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer
}

// createDocument creates the template that the project ships.
func (h *host) createDocument(t testing.TB) string {
	t.Helper()
	var answer struct {
		ID string `json:"id"`
	}
	h.call(t, http.MethodPost, "/api/embed/documents", string(sample(t, "invoice.json")), http.StatusCreated, &answer)
	return answer.ID
}

// upload sends a file and answers its extraction's id.
func (h *host) upload(t testing.TB, name string, content []byte, headers ...string) string {
	t.Helper()
	status, answer := h.sendFile(t, name, content, headers...)
	return acceptedID(t, status, answer)
}

// acceptedID takes the extraction's id out of an answer.
func acceptedID(t testing.TB, status int, answer []byte) string {
	t.Helper()
	var accepted struct {
		Data struct {
			Success      bool   `json:"success"`
			ExtractionID string `json:"extractionId"`
		} `json:"data"`
	}
	if err := json.Unmarshal(answer, &accepted); err != nil || status != http.StatusOK || !accepted.Data.Success {
		t.Fatalf("upload: got %d %s, %v", status, answer, err)
	}
	return accepted.Data.ExtractionID
}

// uploadFor sends a file to be extracted by a template.
func (h *host) uploadFor(t testing.TB, documentID, name string, content []byte) string {
	t.Helper()
	status, answer := h.sendForm(t, map[string]string{"documentId": documentID}, name, content)
	return acceptedID(t, status, answer)
}

// sendFile sends a file to be extracted.
func (h *host) sendFile(t testing.TB, name string, content []byte, headers ...string) (status int, answer []byte) {
	t.Helper()
	return h.sendForm(t, nil, name, content, headers...)
}

func (h *host) sendForm(t testing.TB, fields map[string]string, name string, content []byte, headers ...string) (status int, answer []byte) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for field, value := range fields {
		if err := form.WriteField(field, value); err != nil {
			t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return h.send(t, http.MethodPost, "/api/embed/extract", &body, append(headers, "Content-Type", form.FormDataContentType())...)
}

func (h *host) get(t testing.TB, id string) extraction {
	t.Helper()
	var x extraction
	h.call(t, http.MethodGet, "/api/embed/extractions/"+id, "", http.StatusOK, &x)
	return x
}

// await waits until an extraction has a status in an attempt.
func (h *host) await(t testing.TB, id, status string, attempt int) extraction {
	t.Helper()
	var x extraction
	eventually(t, fmt.Sprintf("%s is %q in attempt %d", id, status, attempt), func() error {
		if x = h.get(t, id); x.Status == status && x.Attempt == attempt {
			return nil
		}
		return fmt.Errorf("it is %q in attempt %d", x.Status, x.Attempt)
	})
	return x
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(testkit.Root(t), "samples", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
