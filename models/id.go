package models

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"time"
)

const idBytes = 12

// NewID is 24 hex digits: 4 bytes of seconds since 1970, so that ids sort by
// age, then 8 random bytes.
func NewID(now time.Time) string {
	var b [idBytes]byte
	binary.BigEndian.PutUint32(b[:4], uint32(now.Unix())) //nolint:gosec // seconds fit into 32 bits until 2106
	rand.Read(b[4:])
	return hex.EncodeToString(b[:])
}

// ValidID says whether id has the form that NewID gives.
func ValidID(id string) bool {
	b, err := hex.DecodeString(id)
	return err == nil && len(b) == idBytes
}
