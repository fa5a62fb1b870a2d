package secret

import (
	"crypto/rand"
	"hash/crc32"
	"math/big"
	"strings"
)

const (
	apiKeyPrefix  = "ext_"
	sessionPrefix = "ems_"
	tokenChance   = 43 // base62 digits: 256 bits
	tokenChecksum = 6  // base62 digits of the CRC-32 of what comes before
	base62        = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// NewAPIKey is "ext_", 43 random base62 digits and 6 of a CRC-32, by which a
// mistyped or invented key is refused without asking the database.
func NewAPIKey() string { return newToken(apiKeyPrefix) }

// ValidAPIKey says whether key has NewAPIKey's form; it says nothing of
// whether the key exists.
func ValidAPIKey(key string) bool { return validToken(apiKeyPrefix, key) }

// NewSessionToken is an API key's form with "ems_".
func NewSessionToken() string { return newToken(sessionPrefix) }

// ValidSessionToken says whether token has NewSessionToken's form.
func ValidSessionToken(token string) bool { return validToken(sessionPrefix, token) }

func newToken(prefix string) string {
	var b strings.Builder
	b.WriteString(prefix)
	for range tokenChance {
		n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(base62))))
		b.WriteByte(base62[n.Int64()])
	}
	return b.String() + checksum(b.String())
}

func validToken(prefix, token string) bool {
	body, digits := len(prefix)+tokenChance, tokenChecksum
	return len(token) == body+digits && strings.HasPrefix(token, prefix) && checksum(token[:body]) == token[body:]
}

// APIKeyPrefix is the part of a key that may be shown: "ext_" and six digits.
func APIKeyPrefix(key string) string { return key[:len(apiKeyPrefix)+6] }

func checksum(text string) string {
	n := crc32.ChecksumIEEE([]byte(text))
	digits := make([]byte, tokenChecksum)
	for i := range digits {
		digits[tokenChecksum-1-i] = base62[n%uint32(len(base62))]
		n /= uint32(len(base62))
	}
	return string(digits)
}
