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
		".ttf": "font/ttf", ".pfb": "application/octet-stream", ".bcmap": "application/octet-stream",
	}
}

// serveAsset answers a page's script, style or picture. Its name has a hash of
// what it holds, so browsers may keep it for good; the build put it packed beside itself.
// Every page may have it: it says nothing of anyone, and a host's page takes
// fonts from here. A worker's policy is that of its own script (HTML, section
// 10.2.4), so scripts carry one, which leaves the worker that opens a stranger's
// file nothing but our files.
func (s *Server) serveAsset(c *gin.Context) {
	name := strings.TrimPrefix(path.Clean("/assets/"+c.Param("name")), "/")
	kind, known := assetTypes()[path.Ext(name)]
	if !known {
		s.respondError(c, models.NotFound("asset"))
		return
	}
	c.Header("Vary", "Accept-Encoding")
	content, encoding, err := s.readAsset(name, c.GetHeader("Accept-Encoding"))
	if err != nil {
		s.respondError(c, models.NotFound("asset"))
		return
	}
	if encoding != "" {
		c.Header("Content-Encoding", encoding)
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("Access-Control-Allow-Origin", "*")
	c.Header("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'")
	c.Data(http.StatusOK, kind, content)
}

// readAsset reads a file as the browser takes it best, and says how it is packed.
func (s *Server) readAsset(name, accepts string) (content []byte, encoding string, err error) {
	for _, packed := range []struct{ encoding, ending string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !strings.Contains(accepts, packed.encoding) {
			continue
		}
		if content, err = fs.ReadFile(s.Pages, name+packed.ending); err == nil {
			return content, packed.encoding, nil
		}
	}
	content, err = fs.ReadFile(s.Pages, name)
	return content, "", err
}
