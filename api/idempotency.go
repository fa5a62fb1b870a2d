package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/models"
)

const (
	idempotencyHeader = "Idempotency-Key"
	maxIdempotencyKey = 255
)

// subjectKey is where the id stands that what a repeatable request makes has.
type subjectKey struct{}

// subjectID is that id; empty where the request has no Idempotency-Key.
func subjectID(ctx context.Context) string {
	id, _ := ctx.Value(subjectKey{}).(string)
	return id
}

// idempotent answers a POST that its client repeats under the same
// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07) with the first
// one's answer, and does nothing a second time.
func (s *Server) idempotent(c *gin.Context) {
	header := c.GetHeader(idempotencyHeader)
	if header == "" || c.Request.Method != http.MethodPost || c.FullPath() == "" {
		return
	}
	_, who := identityOf(c)
	r := models.IdempotentRequest{TenantID: who.caller.TenantID, Route: "POST " + c.Request.URL.Path}
	var err error
	if r.Key, err = idempotencyKey(header); err == nil {
		r.Fingerprint, err = s.fingerprint(c)
	}
	defer closeForm(c)
	if err != nil {
		s.respondError(c, err)
		return
	}
	ctx := context.WithoutCancel(c.Request.Context()) // a client that goes away leaves no claim behind
	first, mine, err := s.Store.System().ClaimRequest(ctx, &r)
	switch {
	case err != nil:
		s.respondError(c, err)
	case mine:
		s.answerOnce(ctx, c, &r)
	case first.Fingerprint != r.Fingerprint:
		s.respondError(c, &models.Error{Code: models.CodeReused, Message: "Idempotency-Key was used for another request; use a new one"})
	case first.Status == 0:
		s.respondError(c, models.Conflict("A request with this Idempotency-Key is being answered; retry in a moment"))
	default:
		s.replay(c, &first)
	}
}

// idempotencyKey takes the key bare, or as the draft's quoted string.
func idempotencyKey(header string) (string, error) {
	key := strings.TrimSpace(header)
	if len(key) >= 2 && key[0] == '"' && key[len(key)-1] == '"' {
		key = key[1 : len(key)-1]
	}
	if key == "" || len(key) > maxIdempotencyKey {
		return "", models.Invalid("Idempotency-Key must have 1 to %d characters", maxIdempotencyKey)
	}
	for _, c := range []byte(key) {
		if c < ' ' || c > '~' {
			return "", models.Invalid("Idempotency-Key must be of printable ASCII characters")
		}
	}
	return key, nil
}

// fingerprint tells two bodies apart, not two ways to write one: JSON by its
// values, an upload by its file's hash and its fields. The body can be read
// again afterwards.
func (s *Server) fingerprint(c *gin.Context) (string, error) {
	if isUpload(c) {
		// A copy: a request gives its parts once, and the operation asks for them too.
		form, err := s.receive(c.Request.WithContext(c.Request.Context()))
		if err != nil {
			return "", err
		}
		c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), formKey{}, form))
		return form.fingerprint(), nil
	}
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return "", badBody(err)
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) == nil {
		if canonical, err := json.Marshal(value); err == nil {
			body = canonical
		}
	}
	hash := sha256.Sum256(body)
	return hex.EncodeToString(hash[:]), nil
}

// answerOnce lets the request through and keeps its answer. An answer that
// trying again may change (5xx, 429) is not kept.
func (s *Server) answerOnce(ctx context.Context, c *gin.Context, r *models.IdempotentRequest) {
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), subjectKey{}, r.SubjectID))
	recorder := &recorder{ResponseWriter: c.Writer}
	c.Writer = recorder
	kept := false
	defer func() {
		if kept {
			return
		}
		if err := s.Store.System().ReleaseRequest(ctx, r); err != nil {
			s.Logger.ErrorContext(ctx, "release an Idempotency-Key", "error", err)
		}
	}()
	c.Next()
	r.Status, r.ContentType = recorder.Status(), recorder.Header().Get("Content-Type")
	if r.Status >= http.StatusInternalServerError || r.Status == http.StatusTooManyRequests {
		return
	}
	r.Answer = s.Keys.Seal(recorder.body.Bytes(), owner(r))
	if err := s.Store.System().FinishRequest(ctx, r); err != nil {
		s.Logger.ErrorContext(ctx, "keep an answer for its Idempotency-Key", "error", err)
		return
	}
	kept = true
}

func (s *Server) replay(c *gin.Context, r *models.IdempotentRequest) {
	answer, err := s.Keys.Open(r.Answer, owner(r))
	if err != nil {
		s.respondError(c, models.Internal("open a kept answer", err))
		return
	}
	c.Header("Idempotency-Replayed", "true")
	c.Data(r.Status, r.ContentType, answer)
	c.Abort()
}

// owner binds a sealed answer to its row.
func owner(r *models.IdempotentRequest) string {
	return strings.Join([]string{"idempotency", r.TenantID, r.Route, r.Key}, "\n")
}

// recorder keeps what is written.
type recorder struct {
	gin.ResponseWriter
	body bytes.Buffer
}

func (w *recorder) Write(p []byte) (int, error) {
	w.body.Write(p)
	return w.ResponseWriter.Write(p)
}

func (w *recorder) WriteString(text string) (int, error) { return w.Write([]byte(text)) }
