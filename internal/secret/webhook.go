package secret

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

const webhookSecretPrefix = "whsec_"

// NewWebhookSecret is "whsec_" and 32 random bytes in base64 (Standard
// Webhooks 1.0.0, "Signature scheme": 24 to 64 bytes).
func NewWebhookSecret() string {
	key := make([]byte, 32)
	rand.Read(key)
	return webhookSecretPrefix + base64.StdEncoding.EncodeToString(key)
}

// SignWebhook is one signature of the webhook-signature header: "v1," and the
// HMAC-SHA-256 of "id.timestamp.body" in base64 (Standard Webhooks 1.0.0).
func SignWebhook(secret, id string, at time.Time, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, webhookSecretPrefix))
	if err != nil {
		return "", fmt.Errorf("webhook secret is not base64: %w", err)
	}
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%s.%d.", id, at.Unix())
	h.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil)), nil
}
