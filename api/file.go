package api

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/models"
)

// fileURLLife is how long a file's address works.
const fileURLLife = 15 * time.Minute

// fileURL is an address at which the file's bytes can be fetched for a while,
// by whoever has it.
func (s *server) fileURL(f models.File) string {
	expires := s.Now().Add(fileURLLife).Unix()
	return FileURL(s.PublicURL, f.ID, expires, s.Keys.SignFile(f.ID, expires))
}

// FileURL writes the address that fileContent serves.
func FileURL(publicURL, fileID string, expires int64, signature string) string {
	return fmt.Sprintf("%s/api/embed/files/%s/content?expires=%d&signature=%s", publicURL, fileID, expires, signature)
}

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
	defer content.Close() //nolint:errcheck // read only
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
