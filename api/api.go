// Package api speaks HTTP: it decodes, checks, calls, answers. gin lives here
// alone. openapi.yaml is the contract; types, decoding and routes are generated
// from it, and the Server's methods are its operations.
package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/internal/mailbox"
	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
	"decoded.digital/extractor/web"
)

//go:generate go tool -modfile=../tools/contract/go.mod oapi-codegen -config oapi-codegen.yaml -o openapi.gen.go openapi.yaml
//go:generate ../tools/node_modules/.bin/openapi-typescript openapi.yaml -o ../web/packages/react/src/gen/openapi.d.ts

// Runner starts, resets and cancels the run of an extraction. All of it may be
// repeated; what fails here is repeated by the relay.
type Runner interface {
	Start(ctx context.Context, x models.ExtractionDetail) error
	// Reset begins it anew; who says for operators who asked for that.
	Reset(ctx context.Context, x models.ExtractionDetail, who string) error
	Cancel(ctx context.Context, extractionID string) error
}

// Config is what the API needs; every field must be set but those that say
// otherwise.
type Config struct {
	Store     *store.Store
	Blobs     blob.Store
	Intake    *intake.Intake
	Runner    Runner
	Keys      *secret.Keys
	SetupKey  string
	PublicURL string
	// FileURL writes the address at which a file can be fetched for a while.
	FileURL func(models.File) string
	// RunURL writes the address of an extraction's run in the Temporal UI; nil
	// where the UI has none.
	RunURL func(extractionID string) string
	// RateLimit is what a tenant may ask; zero: as much as it likes.
	RateLimit RateLimit
	// AllowPrivateWebhooks lets webhooks be created for http addresses.
	AllowPrivateWebhooks bool
	// CheckAddress refuses a webhook's address that could never be called; nil:
	// none is refused. Each call judges it again.
	CheckAddress func(*url.URL) error
	// Connector is the way to Microsoft's sign-in, Mail an account's to its mail;
	// both nil: mailboxes are not offered.
	Connector *mailbox.Connector
	Mail      func(models.MailAccount) (mailbox.Client, error)
	// Pages is the build of the pages that hosts embed; nil: package web's.
	Pages fs.FS
	// Probes are the parts that GET /readyz asks.
	Probes []Probe
	// Traces and Meters are what requests are traced and measured with; nil:
	// they are not.
	Traces trace.TracerProvider
	Meters metric.MeterProvider
	Logger *slog.Logger
	Now    func() time.Time
}

// Server answers the API's requests.
type Server struct {
	Config
	handler      http.Handler
	origin       string // our own, from PublicURL
	setupKeyHash [sha256.Size]byte
	callers      *callers
	usage        *usage
	limiter      *limiter
	requests     requests
	closing      chan struct{} // closed by EndStreams
}

// New makes the server. Run must run beside it.
func New(config Config) *Server {
	s := &Server{
		Config: config, origin: models.NormalOrigin(config.PublicURL), setupKeyHash: sha256.Sum256([]byte(config.SetupKey)),
		callers: newCallers(), usage: newUsage(), limiter: newLimiter(config.RateLimit), requests: newRequests(config.Traces, config.Meters), closing: make(chan struct{}),
	}
	if s.Pages == nil {
		s.Pages = web.Dist()
	}
	s.handler = s.routes()
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// EndStreams lets the streams end, so that a server that shuts down need not
// wait for them. Their clients come back to another one. It is called once.
func (s *Server) EndStreams() { close(s.closing) }

// Run counts the use of the API keys and clears up what has expired until ctx
// ends.
func (s *Server) Run(ctx context.Context) error {
	flush := time.NewTicker(usageInterval)
	defer flush.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), usageInterval)
			defer cancel()
			return s.flush(last)
		case <-flush.C:
			err := errors.Join(s.flush(ctx), s.Store.System().DeleteOldRequests(ctx))
			if err != nil && ctx.Err() == nil {
				s.Logger.WarnContext(ctx, "count the use of API keys; it is tried again", "error", err)
			}
		}
	}
}

// routes puts what every request passes through before the generated routes.
func (s *Server) routes() http.Handler {
	gin.SetMode(gin.ReleaseMode) // debug mode prints the routes, and requests with their keys
	router := gin.New()
	router.HandleMethodNotAllowed = true
	router.RedirectTrailingSlash = false
	_ = router.SetTrustedProxies(nil)
	router.Use(
		s.requestID, s.observe, s.logRequests, s.recoverPanics, plainJSON,
		s.preflight, s.limitBody, s.checkQuery,
		s.authenticate, s.limitRate, s.idempotent,
	)
	router.NoRoute(func(c *gin.Context) { s.respondError(c, models.NotFound("route")) })
	router.NoMethod(func(c *gin.Context) { s.respond(c, http.StatusMethodNotAllowed, "method not allowed") })
	probes := gin.WrapH(NewProbes(s.Probes, s.Logger))
	router.GET("/healthz", probes)
	router.GET("/readyz", probes)
	router.GET("/openapi.json", serveContract())
	router.GET("/docs", serveDocs())
	router.GET(MicrosoftCallback, s.microsoftCallback)
	router.POST(MicrosoftNotifications, s.microsoftNotification)
	for address, page := range pageRoutes() {
		router.GET(address, s.servePage(page))
	}
	router.GET("/embed/assets/*name", s.serveAsset)
	operations := NewStrictHandlerWithOptions(s, nil, StrictGinServerOptions{
		RequestErrorHandlerFunc: s.respondBadBody, HandlerErrorFunc: s.respondError, ResponseErrorHandlerFunc: s.respondBroken,
	})
	RegisterHandlersWithOptions(router, operations, GinServerOptions{ErrorHandler: s.respondBadParameter})
	return router
}
