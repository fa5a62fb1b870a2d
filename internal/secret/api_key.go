package secret

import (
	"crypto/rand"
	"hash/crc32"
	"math/big"
	"strings"
)

const (
	apiKeyPrefix   = "ext_"
	apiKeyChance   = 43 // base62 digits: 256 bits
	apiKeyChecksum = 6  // base62 digits of the CRC-32 of what comes before
	base62         = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// NewAPIKey is "ext_", 43 random base62 digits and 6 of a CRC-32, by which a
// mistyped or invented key is refused without asking the database.
func NewAPIKey() string {
	var b strings.Builder
	b.WriteString(apiKeyPrefix)
	for range apiKeyChance {
		n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(base62))))
		b.WriteByte(base62[n.Int64()])
	}
	return b.String() + checksum(b.String())
}

// ValidAPIKey says whether key has NewAPIKey's form; it says nothing of
// whether the key exists.
func ValidAPIKey(key string) bool {
	const size = len(apiKeyPrefix) + apiKeyChance + apiKeyChecksum
	return len(key) == size && strings.HasPrefix(key, apiKeyPrefix) &&
		checksum(key[:size-apiKeyChecksum]) == key[size-apiKeyChecksum:]
}

// APIKeyPrefix is the part of a key that may be shown: "ext_" and six digits.
func APIKeyPrefix(key string) string { return key[:len(apiKeyPrefix)+6] }

func checksum(text string) string {
	n := crc32.ChecksumIEEE([]byte(text))
	digits := make([]byte, apiKeyChecksum)
	for i := range digits {
		digits[apiKeyChecksum-1-i] = base62[n%uint32(len(base62))]
		n /= uint32(len(base62))
	}
	return string(digits)
}
