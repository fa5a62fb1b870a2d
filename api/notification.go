package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/internal/store"
)

const (
	maxValidationToken = 4096
	maxNotifications   = 1000 // of one request
)

// notification is what of Microsoft's is looked at; mail is never read from it.
type notification struct {
	SubscriptionID string `json:"subscriptionId"`
	ClientState    string `json:"clientState"`
	LifecycleEvent string `json:"lifecycleEvent"`
	TenantID       string `json:"tenantId"` // Microsoft's; not in every event
}

// microsoftNotification takes what Microsoft tells: it lets folders be read
// sooner, and does nothing else. Whoever does not know a subscription's client
// state changes nothing, and learns nothing.
func (s *Server) microsoftNotification(c *gin.Context) {
	if token := c.Query("validationToken"); token != "" && len(token) <= maxValidationToken {
		c.Header("X-Content-Type-Options", "nosniff") // it is anybody's text
		c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(token))
		return
	}
	var body struct{ Value []notification }
	content, err := io.ReadAll(c.Request.Body) // limitBody ends it
	if err != nil || json.Unmarshal(content, &body) != nil || len(body.Value) > maxNotifications {
		c.Header("Connection", "close")
		c.Status(http.StatusAccepted)
		c.Writer.WriteHeaderNow()
		return
	}
	if err := s.wake(c, body.Value); err != nil {
		s.respondError(c, err) // Microsoft tells again
		return
	}
	c.Status(http.StatusAccepted)
	c.Writer.WriteHeaderNow()
}

// wake lets the mailboxes of genuine notifications be read.
func (s *Server) wake(c *gin.Context, told []notification) error {
	ids := make([]string, 0, len(told))
	for _, n := range told {
		ids = append(ids, n.SubscriptionID)
	}
	if len(ids) == 0 {
		return nil
	}
	ctx, system := c.Request.Context(), s.Store.System()
	boxes, err := system.FindSubscriptions(ctx, ids)
	if err != nil || len(boxes) == 0 {
		return err
	}
	known := make(map[string]*store.Subscribed, len(boxes))
	for i := range boxes {
		known[boxes[i].SubscriptionID] = &boxes[i]
	}
	fresh, lost := map[string]bool{}, map[string]bool{}
	for _, n := range told {
		m := known[n.SubscriptionID]
		if m == nil || !genuine(m, &n) {
			continue
		}
		if n.LifecycleEvent == "" {
			fresh[m.ID] = true
		} else { // reauthorizationRequired, subscriptionRemoved, missed
			lost[m.ID] = true
		}
	}
	if err := system.WakeMailboxes(ctx, keys(fresh), false); err != nil {
		return err
	}
	return system.WakeMailboxes(ctx, keys(lost), true)
}

// genuine compares in constant time; a mailbox without a client state has no
// genuine notifications, nor has it those of another organisation.
func genuine(m *store.Subscribed, n *notification) bool {
	sum := sha256.Sum256([]byte(n.ClientState))
	same := subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(m.ClientStateHash)) == 1
	return m.ClientStateHash != "" && same && (n.TenantID == "" || strings.EqualFold(n.TenantID, m.MicrosoftTenantID))
}

func keys(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for key := range set {
		list = append(list, key)
	}
	return list
}
