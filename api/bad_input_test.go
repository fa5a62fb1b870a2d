package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// hostile are JSON values that a field may be sent as.
func hostile() map[string]string {
	return map[string]string{
		"null": `null`, "a number": `7`, "a huge number": `1e999`, "a negative number": `-1`, "a truth": `true`, "an empty text": `""`,
		"a text": `"x"`, "a list": `[]`, "a list of lists": `[[[]]]`, "an object": `{}`, "a list of nulls": `[null]`,
		"NUL": `"a\u0000b"`, "half a surrogate": `"\ud800"`, "directions": `"\u202eabc\u2066"`, "emoji": `"😀🇩🇪"`, "a huge text": `"` + strings.Repeat("x", 300_000) + `"`,
		"deep nesting": strings.Repeat(`[`, 9_000) + strings.Repeat(`]`, 9_000), "SQL": `"' OR 1=1; --"`, "HTML": `"<script>alert(1)</script>"`,
	}
}

// checkRefusal holds for every answer to bad input: not our fault, in the
// envelope, and naming the field where it is refused for its value.
func checkRefusal(t *testing.T, what string, got answer, field string) {
	t.Helper()
	var envelope struct {
		Data  json.RawMessage
		Error *string
	}
	if got.status >= 500 {
		t.Errorf("%s: %d %s", what, got.status, short(got.body))
	}
	if err := json.Unmarshal([]byte(got.body), &envelope); err != nil {
		t.Errorf("%s: no envelope: %s", what, short(got.body))
		return
	}
	if (envelope.Error == nil) != (got.status < 400) || (got.status >= 400) != (string(envelope.Data) == "null") {
		t.Errorf("%s: %d %s", what, got.status, short(got.body))
	}
	if got.status == http.StatusBadRequest && field != "" && !strings.Contains(*envelope.Error, field) {
		t.Errorf("%s: the message does not name %s: %s", what, field, short(*envelope.Error))
	}
}

func short(text string) string { return text[:min(len(text), 300)] }

// testBadFieldsAreNamed sends every field of every JSON body missing and as each
// hostile value.
func testBadFieldsAreNamed(t *testing.T, w *world) {
	t.Helper()
	for _, o := range w.operations(t) {
		if o.body == "" {
			continue
		}
		t.Run(o.OperationID, func(t *testing.T) {
			var fields map[string]json.RawMessage
			if err := json.Unmarshal([]byte(o.body), &fields); err != nil {
				t.Fatal(err)
			}
			schema := o.RequestBody.Value.Content["application/json"].Schema.Value
			for name, valid := range fields {
				delete(fields, name)
				got := w.send(t, o, fields)
				checkRefusal(t, name+" is missing", got, "")
				for _, required := range schema.Required {
					if required == name && (got.status != http.StatusBadRequest || !strings.Contains(got.body, name+" is required")) {
						t.Errorf("%s is missing: %d %s", name, got.status, got.body)
					}
				}
				for kind, value := range hostile() {
					fields[name] = json.RawMessage(value)
					checkRefusal(t, name+" is "+kind, w.send(t, o, fields), name)
				}
				fields[name] = valid
			}
		})
	}
}

func (w *world) send(t *testing.T, o operation, fields map[string]json.RawMessage) answer {
	t.Helper()
	parts := make([]string, 0, len(fields))
	for name, value := range fields { // json.Marshal refuses what is to be sent
		parts = append(parts, `"`+name+`":`+string(value))
	}
	c := w.call(o)
	c.body = "{" + strings.Join(parts, ",") + "}"
	return w.do(t, c)
}

// testBadBodiesAreRefused sends what is no JSON object to every operation that
// wants one.
func testBadBodiesAreRefused(t *testing.T, w *world) {
	t.Helper()
	for _, o := range w.operations(t) {
		if o.body == "" {
			continue
		}
		for kind, body := range map[string]string{
			"nothing": "", "null": "null", "a list": "[]", "a text": `"x"`, "cut off": o.body[:len(o.body)-1], "no JSON": "name=x",
			"deep": strings.Repeat("[", 200_000), "deep objects": strings.Repeat(`{"a":`, 100_000), "too large": `{"x":"` + strings.Repeat("x", 1<<20) + `"}`,
			"bytes": "\xff\xfe\x00", "a field twice": `{"name":1,` + o.body[1:], "a byte order mark": "\xef\xbb\xbf" + o.body,
		} {
			c := w.call(o)
			c.body = body
			got := w.do(t, c)
			checkRefusal(t, o.OperationID+" gets "+kind, got, "")
			if got.status < 300 && kind != "a field twice" && (o.RequestBody.Value.Required || body != "") && o.OperationID != "extractFile" && !strings.HasPrefix(o.OperationID, "update") {
				t.Errorf("%s takes %s: %s", o.OperationID, kind, got.body)
			}
		}
	}
}

// testBadParametersAreNamed sends hostile text as every parameter of path and
// query.
func testBadParametersAreNamed(t *testing.T, w *world) {
	t.Helper()
	values := []string{
		"", "x", "0", "-1", "1.5", "99999999999999999999", "1e9", "\x00", "a\x00b", "\xff", "\u202e", "😀", strings.Repeat("9", 5000),
		"' OR 1=1; --", "%", "_", `\`, "507f1f77bcf86cd799439011", "2026-11-24T10:00:00Z", "a,b", "{}", "true", "../..",
	}
	for _, o := range w.operations(t) {
		for _, p := range o.parameters {
			name := p.Value.Name
			for _, value := range values {
				c := w.call(o)
				switch p.Value.In {
				case "path":
					if value == "" || strings.Contains(value, "..") {
						continue // another route
					}
					c.path = o.atWith(name, url.PathEscape(value))
					if o.OperationID == "getFileContent" {
						c.path += "?token=1.x"
					}
				case "query":
					c.path += "?" + url.Values{name: {value}}.Encode()
				default:
					continue
				}
				got := w.do(t, c)
				checkRefusal(t, o.OperationID+": "+name+"="+short(value), got, name)
				if p.Value.In == "path" && got.status < 400 {
					t.Errorf("%s takes the id %q", o.OperationID, value)
				}
			}
			if p.Value.In == "query" {
				c := w.call(o)
				c.path += "?" + url.Values{name: {"1", "2"}}.Encode()
				checkRefusal(t, o.OperationID+": "+name+" twice", w.do(t, c), name)
			}
		}
	}
}

// testUnknownRoutesAndMethodsAreTold asks for what the contract does not have.
func testUnknownRoutesAndMethodsAreTold(t *testing.T, w *world) {
	t.Helper()
	doc, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths.Map() {
		at := strings.NewReplacer("{id}", w.ids["documents"], "{deliveryId}", w.ids["deliveries"]).Replace(path)
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"} {
			if item.Operations()[method] != nil {
				continue
			}
			got := w.do(t, call{method: method, path: "/" + at, as: w.tenant})
			checkRefusal(t, method+" "+path, got, "")
			if got.status != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", method, path, got.status)
			}
		}
		for _, wrong := range []string{at + "/x", at + "x", at + "//", "/api/embed/%00"} {
			if got := w.do(t, call{method: "GET", path: "/" + wrong, as: w.tenant}); got.status != http.StatusNotFound && got.status != http.StatusBadRequest && got.status != http.StatusMethodNotAllowed {
				t.Errorf("%s: %d %s", wrong, got.status, got.body)
			}
		}
	}
}

// testNobodyGetsInWithoutAKey calls every operation without credentials.
func testNobodyGetsInWithoutAKey(t *testing.T, w *world) {
	t.Helper()
	before := w.rows(t, w.id)
	for _, o := range w.operations(t) {
		if o.OperationID == "getFileContent" {
			continue // authorised by its address
		}
		c := w.call(o)
		c.as, c.header = nil, nil
		if got := w.do(t, c); got.status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", o.OperationID, got.status, got.body)
		}
	}
	for table, rows := range w.rows(t, w.id) {
		if rows != before[table] {
			t.Errorf("%s changed", table)
		}
	}
}

// testDamagedUploadsAreRefused sends multipart bodies as no client should.
func testDamagedUploadsAreRefused(t *testing.T, w *world) {
	t.Helper()
	const part, end = "--b\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n", "\r\n--b--\r\n"
	text := func(name, extra, content string) string {
		return strings.NewReplacer("%s\"%s", name+"\""+extra).Replace(part) + content
	}
	file := text("file", `; filename="a.pdf"`, "%PDF-1.7")
	for name, tc := range map[string]struct{ body, want string }{
		"nothing":             {"", "file is required"},
		"no part":             {"--b--\r\n", "file is required"},
		"another boundary":    {strings.ReplaceAll(file+end, "--b", "--c"), "file is required"},
		"cut off in the head": {file[:20], "multipart body"},
		"cut off in the file": {file, "multipart body"},
		"two files":           {file + "\r\n" + file + end, "file must be given once"},
		"a field twice":       {text("documentId", "", "a") + "\r\n" + text("documentId", "", "b") + end, "documentId must be given once"},
		"a huge field":        {text("documentId", "", strings.Repeat("x", 100_000)) + end, "documentId is longer"},
		"NUL in a field":      {text("documentId", "", "\x00") + "\r\n" + file + end, "documentId is not valid text"},
		"no id":               {text("documentId", "", "x") + "\r\n" + file + end, "documentId"},
		"a huge head":         {"--b\r\nX: " + strings.Repeat("x", 2<<20) + "\r\n\r\nx" + end, "file is required"},
		"file as a field":     {text("file", "", "") + end, "file is empty"},
	} {
		for _, path := range []string{"/extract", "/files"} {
			got := w.do(t, call{method: "POST", path: path, as: w.tenant, body: tc.body, header: map[string]string{"Content-Type": "multipart/form-data; boundary=b"}})
			checkRefusal(t, name, got, "")
			if strings.Contains(tc.want, "documentId is not") || tc.want == "documentId" {
				if path == "/files" && tc.want == "documentId" {
					continue // means nothing there
				}
			}
			if got.status != http.StatusBadRequest || !strings.Contains(got.body, tc.want) {
				t.Errorf("%s to %s: %d %s", name, path, got.status, got.body)
			}
		}
	}
	for _, kind := range []string{"multipart/form-data", "text/plain", "multipart/form-data; boundary=" + strings.Repeat("x", 200), ""} {
		got := w.do(t, call{method: "POST", path: "/extract", as: w.tenant, body: file + end, header: map[string]string{"Content-Type": kind}})
		checkRefusal(t, "type "+kind, got, "")
		if got.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", kind, got.status, got.body)
		}
	}
}

// endless repeats itself for ever.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.text[e.at%len(e.text)]
		e.at++
	}
	return len(p), nil
}

func testAnEndlessUploadEnds(t *testing.T, w *world) {
	t.Helper()
	for name, body := range map[string]io.Reader{
		"file":  io.MultiReader(strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-"), &endless{text: "x"}),
		"parts": &endless{text: "\r\n--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nx"},
		"field": io.MultiReader(strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n"), &endless{text: "x"}),
	} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/embed/extract", body)
		request.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		request.Header.Set("X-API-Key", w.key)
		request.Header.Set("X-User-Email", w.email)
		recorder := httptest.NewRecorder()
		w.ServeHTTP(recorder, request)
		if recorder.Code != http.StatusBadRequest || !strings.Contains(recorder.Body.String(), "larger than 10MB") {
			t.Errorf("%s: %d %s", name, recorder.Code, recorder.Body.String())
		}
	}
}
