package api

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

// FuzzReceiveParts sends arbitrary bytes as a multipart body: it is received
// within its limits, or refused with a reason that is the client's.
func FuzzReceiveParts(f *testing.F) {
	const part = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.7\r\n"
	for _, body := range []string{
		"", "--b--", part + "--b--\r\n", part, part + part + "--b--\r\n",
		"--b\r\nContent-Disposition: form-data; name=\"documentId\"\r\n\r\nx\r\n" + part + "--b--\r\n",
		"--b\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Disposition: form-data; name=file; filename*=UTF-8''%e2%80%ae\r\n\r\n=\r\n--b--",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		form, err := receiveParts(multipart.NewReader(bytes.NewReader(body), "b"))
		if err != nil {
			if code := models.CodeOf(err); code != models.CodeInvalid {
				t.Fatalf("%s: %v", code, err)
			}
			return
		}
		defer form.close()
		if up := form.upload; up.Size < 1 || up.Size > intake.MaxFileSize || up.Type == "" || up.Size > int64(len(body)) {
			t.Errorf("%d bytes of type %q were taken", up.Size, up.Type)
		}
		content, err := form.upload.Content()
		if err != nil {
			t.Fatal(err)
		}
		if stored, err := io.ReadAll(content); err != nil || !bytes.Contains(body, stored[:1]) || int64(len(stored)) != form.upload.Size {
			t.Errorf("%d bytes are stored, %v", len(stored), err)
		}
		for name, value := range form.fields {
			if _, err := models.Text(name, value, models.MaxDescriptionLength); err != nil {
				t.Errorf("%s was taken: %v", name, err)
			}
		}
	})
}

// FuzzCredentials sends arbitrary text as key, address and Idempotency-Key: no
// text but one that newToken made passes for a key.
func FuzzCredentials(f *testing.F) {
	f.Add("ext_", "jo@acme.test", `"k"`)
	f.Add(secret.NewAPIKey(), "JO@ACME.TEST", "k")
	f.Add(secret.NewSessionToken(), "\x00", "\"")
	f.Fuzz(func(t *testing.T, key, email, idempotency string) {
		request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		request.Header = http.Header{"Authorization": {"Bearer " + key}, "X-User-Email": {email}}
		given, err := readCredentials(request)
		if err != nil {
			if models.CodeOf(err) != models.CodeInvalid {
				t.Fatal(err)
			}
			return
		}
		if given.email != strings.ToLower(given.email) || given.key != strings.TrimSpace(key) {
			t.Errorf("got %q and %q", given.key, given.email)
		}
		if secret.ValidAPIKey(given.key) && secret.ValidSessionToken(given.key) {
			t.Errorf("%q is both", given.key)
		}
		name, err := idempotencyKey(idempotency)
		if err == nil && (name == "" || len(name) > maxIdempotencyKey) {
			t.Errorf("%q is taken as %q", idempotency, name)
		}
		quoted, quotedErr := idempotencyKey(`"` + name + `"`)
		if err == nil && (quotedErr != nil || quoted != name) {
			t.Errorf("%q, quoted: %q, %v", name, quoted, quotedErr)
		}
	})
}
