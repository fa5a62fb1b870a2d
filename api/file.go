package api

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

// fileURLLife is how long a file's address works.
const fileURLLife = 15 * time.Minute

// FileURL makes the function that writes a file's address: whoever has it can
// fetch the bytes for a while.
func FileURL(publicURL string, keys *secret.Keys, now func() time.Time) func(models.File) string {
	return func(f models.File) string {
		expires := now().Add(fileURLLife).Unix()
		signature := keys.SignFile(f.ID, expires)
		return fmt.Sprintf("%s/api/embed/files/%s/content?expires=%d&signature=%s", publicURL, f.ID, expires, signature)
	}
}

func (s *server) fileURL(f models.File) string { return FileURL(s.PublicURL, s.Keys, s.Now)(f) }

// fileContent serves a file's bytes to who has its signed address. An upload
// can be two kinds of file at once, so the browser is told to run none of it.
func (s *server) fileContent(c *gin.Context) {
	expires, err := strconv.ParseInt(c.Query("expires"), 10, 64)
	id := c.Param("id")
	if err != nil || expires < s.Now().Unix() || !s.Keys.ValidFile(id, expires, c.Query("signature")) {
		s.respondError(c, models.Forbidden("This address is not valid or has expired; get a new one from the extraction"))
		return
	}
	file, err := s.Store.System().LoadFile(c.Request.Context(), id)
	if err != nil {
		s.respondError(c, err)
		return
	}
	content, err := s.Blobs.Get(c.Request.Context(), file.BlobKey)
	if err != nil {
		s.respondError(c, err)
		return
	}
	defer content.Close()
	c.Header("Content-Type", file.Type)
	c.Header("Content-Length", strconv.FormatInt(file.Size, 10))
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("Content-Security-Policy", "sandbox; default-src 'none'")
	c.Header("Cache-Control", "private, no-store")
	c.Status(http.StatusOK)
	if _, err := io.Copy(c.Writer, content); err != nil {
		s.Logger.WarnContext(c.Request.Context(), "a download ended early", "id", id, "error", err)
	}
}
