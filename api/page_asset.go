package api

import (
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/models"
)

// assetTypes are the types of the files that the UI's build makes.
func assetTypes() map[string]string {
	return map[string]string{
		".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
		".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2", ".wasm": "application/wasm", ".json": "application/json",
	}
}

// serveAsset answers a page's script, style or picture. Its name has a hash of
// what it holds, so browsers may keep it for good; the build put its gzip beside it.
func (s *Server) serveAsset(c *gin.Context) {
	name := strings.TrimPrefix(path.Clean("/assets/"+c.Param("name")), "/")
	kind, known := assetTypes()[path.Ext(name)]
	if !known {
		s.respondError(c, models.NotFound("asset"))
		return
	}
	c.Header("Vary", "Accept-Encoding")
	packed := strings.Contains(c.GetHeader("Accept-Encoding"), "gzip")
	content, err := fs.ReadFile(s.Pages, name+".gz")
	if packed = packed && err == nil; !packed {
		content, err = fs.ReadFile(s.Pages, name)
	}
	if err != nil {
		s.respondError(c, models.NotFound("asset"))
		return
	}
	if packed {
		c.Header("Content-Encoding", "gzip")
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	c.Header("X-Content-Type-Options", "nosniff")
	c.Data(http.StatusOK, kind, content)
}
