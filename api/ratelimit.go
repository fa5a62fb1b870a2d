package api

import (
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"decoded.digital/extractor/models"
)

// RateLimit is how many requests a tenant may make in a window of time, by each
// process of the API.
type RateLimit struct {
	Requests int
	Window   time.Duration
}

// limiter has a token bucket for each tenant: it holds Requests and refills
// within Window.
type limiter struct {
	limit   RateLimit
	policy  string
	mutex   sync.Mutex
	buckets map[string]*rate.Limiter
}

func newLimiter(limit RateLimit) *limiter {
	return &limiter{
		limit: limit, buckets: map[string]*rate.Limiter{},
		policy: fmt.Sprintf(`"tenant";q=%d;w=%d`, limit.Requests, int(limit.Window.Seconds())),
	}
}

func (l *limiter) bucket(tenantID string) *rate.Limiter {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	b, ok := l.buckets[tenantID]
	if !ok {
		b = rate.NewLimiter(rate.Limit(float64(l.limit.Requests)/l.limit.Window.Seconds()), l.limit.Requests)
		l.buckets[tenantID] = b
	}
	return b
}

// limitRate answers 429 to a tenant that asks too often, and tells every
// caller what is left (draft-ietf-httpapi-ratelimit-headers-11).
func (s *Server) limitRate(c *gin.Context) {
	if err := s.overRate(c); err != nil {
		s.respondError(c, err)
	}
}

// overRate counts a request, and is the error of one that is too many.
func (s *Server) overRate(c *gin.Context) error {
	_, who := identityOf(c)
	if s.RateLimit.Requests == 0 || who.caller.TenantID == "" {
		return nil
	}
	now, bucket := s.Now(), s.limiter.bucket(who.caller.TenantID)
	allowed := bucket.AllowN(now, 1)
	left := max(bucket.TokensAt(now), 0)
	perSecond := float64(bucket.Limit())
	c.Header("RateLimit-Policy", s.limiter.policy)
	c.Header("RateLimit", fmt.Sprintf(`"tenant";r=%d;t=%d`, int(left), seconds((float64(s.RateLimit.Requests)-left)/perSecond)))
	if allowed {
		return nil
	}
	wait := max(seconds((1-left)/perSecond), 1)
	c.Header("Retry-After", strconv.Itoa(wait))
	return &models.Error{
		Code: models.CodeTooMany, Message: fmt.Sprintf("Too many requests: %d in %s are allowed. Retry in %d s.", s.RateLimit.Requests, s.RateLimit.Window, wait),
	}
}

func seconds(s float64) int { return int(math.Ceil(s)) }
