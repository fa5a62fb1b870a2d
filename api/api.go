// Package api speaks HTTP: it decodes, checks, calls, answers. gin lives here
// alone.
package api

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
)

// Runner starts, resets and cancels the run of an extraction. All of it may be
// repeated; what fails here is repeated by the relay.
type Runner interface {
	Start(ctx context.Context, x models.ExtractionDetail) error
	Reset(ctx context.Context, x models.ExtractionDetail) error
	Cancel(ctx context.Context, extractionID string) error
}

// Config is what the API needs; every field must be set.
type Config struct {
	Store     *store.Store
	Blobs     blob.Store
	Intake    *intake.Intake
	Runner    Runner
	Keys      *secret.Keys
	SetupKey  string
	PublicURL string
	// AllowPrivateWebhooks lets webhooks be created for http addresses.
	AllowPrivateWebhooks bool
	// Probes are the parts that GET /readyz asks.
	Probes []Probe
	Logger *slog.Logger
	Now    func() time.Time
}

type server struct {
	Config
	setupKeyHash [sha256.Size]byte
}

// New makes the handler of every route.
func New(config Config) http.Handler {
	s := &server{Config: config, setupKeyHash: sha256.Sum256([]byte(config.SetupKey))}
	gin.SetMode(gin.ReleaseMode) // debug mode prints the routes, and requests with their keys
	router := gin.New()
	router.HandleMethodNotAllowed = true
	_ = router.SetTrustedProxies(nil)
	router.Use(s.requestID, s.logRequests, s.recoverPanics)
	router.NoRoute(func(c *gin.Context) { s.respondError(c, models.NotFound("route")) })
	router.NoMethod(func(c *gin.Context) {
		c.PureJSON(http.StatusMethodNotAllowed, envelope{Error: "method not allowed"})
	})
	s.routes(router)
	return router
}

// routes is the table of the API.
func (s *server) routes(router *gin.Engine) {
	probes := gin.WrapH(NewProbes(s.Probes, s.Logger))
	router.GET("/healthz", probes)
	router.GET("/readyz", probes)
	g := router.Group("/api/embed")
	g.POST("/onboard", s.onboard)
	g.GET("/files/:id/content", s.fileContent) // authorised by its signature

	g.GET("/verify", handle(s, http.StatusOK, s.verify))
	g.POST("/extract", handle(s, http.StatusOK, s.extract))

	g.GET("/extractions", handle(s, http.StatusOK, s.listExtractions))
	g.GET("/extractions/:id", handle(s, http.StatusOK, s.getExtraction))
	g.DELETE("/extractions/:id", handle(s, http.StatusOK, s.deleteExtraction))
	g.POST("/extractions/:id/retry", handle(s, http.StatusOK, s.retryExtraction))

	g.GET("/documents", handle(s, http.StatusOK, s.listDocuments))
	g.POST("/documents", handle(s, http.StatusCreated, s.createDocument))
	g.GET("/documents/:id", handle(s, http.StatusOK, s.getDocument))
	g.PUT("/documents/:id", handle(s, http.StatusOK, s.updateDocument))
	g.DELETE("/documents/:id", handle(s, http.StatusOK, s.deleteDocument))

	g.GET("/webhooks", handle(s, http.StatusOK, s.listWebhooks))
	g.POST("/webhooks", handle(s, http.StatusCreated, s.createWebhook))
}
