package api

import (
	"bytes"
	"strings"

	"github.com/gin-gonic/gin"
)

// plainJSON writes <, > and & as they stand. The generated code escapes them as
// if the answer were put into HTML, which it never is, and an address with
// \u0026 in it can't be pasted.
func plainJSON(c *gin.Context) {
	c.Writer = &jsonWriter{ResponseWriter: c.Writer}
}

type jsonWriter struct{ gin.ResponseWriter }

func (w *jsonWriter) Write(p []byte) (int, error) {
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		return w.ResponseWriter.Write(p)
	}
	plain := unescape(p)
	if len(plain) < len(p) {
		w.Header().Del("Content-Length") // it counted the escapes
	}
	if _, err := w.ResponseWriter.Write(plain); err != nil {
		return 0, err
	}
	return len(p), nil
}

// unescape replaces the escapes of <, > and & in a whole JSON text.
func unescape(text []byte) []byte {
	if !bytes.Contains(text, []byte(`\u00`)) {
		return text
	}
	plain := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			plain = append(plain, text[i])
			continue
		}
		escape := text[i:min(i+6, len(text))]
		switch string(escape) {
		case `\u003c`:
			plain, i = append(plain, '<'), i+5
		case `\u003e`:
			plain, i = append(plain, '>'), i+5
		case `\u0026`:
			plain, i = append(plain, '&'), i+5
		default: // the next character belongs to this escape, a backslash too
			plain, i = append(plain, text[i], text[i+1]), i+1
		}
	}
	return plain
}
