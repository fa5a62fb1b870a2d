package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/models"
)

// health says that the process lives.
func (s *server) health(c *gin.Context) { c.JSON(http.StatusOK, envelope{Data: gin.H{"status": "ok"}}) }

// ready says that database and blobs are there.
func (s *server) ready(c *gin.Context) {
	if err := s.Store.Ping(c.Request.Context()); err != nil {
		s.respondError(c, models.Unavailable("the database is not there", err))
		return
	}
	if err := s.Blobs.Ping(c.Request.Context()); err != nil {
		s.respondError(c, models.Unavailable("the file storage is not there", err))
		return
	}
	c.JSON(http.StatusOK, envelope{Data: gin.H{"status": "ready"}})
}
