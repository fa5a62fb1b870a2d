// Package secret makes, hashes, seals and signs. Everything derives from one
// encryption key, so that an installation has one secret to keep: a purpose of
// its own for each use (HKDF, RFC 5869) keeps a leak of one from the others.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
)

// KeySize is the length of the encryption key in bytes.
const KeySize = 32

// Keys holds what was derived from the encryption key.
type Keys struct {
	apiKeys  []byte
	sessions []byte
	fileURLs []byte
	seal     cipher.AEAD
}

// NewKeys derives every key from the encryption key of KeySize bytes.
func NewKeys(encryptionKey []byte) (*Keys, error) {
	if len(encryptionKey) != KeySize {
		return nil, fmt.Errorf("encryption key has %d bytes, must have %d", len(encryptionKey), KeySize)
	}
	derive := func(purpose string) ([]byte, error) {
		return hkdf.Key(sha256.New, encryptionKey, nil, "extractor/"+purpose, KeySize)
	}
	apiKeys, err := derive("api-keys")
	if err != nil {
		return nil, fmt.Errorf("derive: %w", err)
	}
	sessions, err := derive("sessions")
	if err != nil {
		return nil, fmt.Errorf("derive: %w", err)
	}
	fileURLs, err := derive("file-urls")
	if err != nil {
		return nil, fmt.Errorf("derive: %w", err)
	}
	sealing, err := derive("seal")
	if err != nil {
		return nil, fmt.Errorf("derive: %w", err)
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return nil, fmt.Errorf("cipher: %w", err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("cipher: %w", err)
	}
	return &Keys{apiKeys: apiKeys, sessions: sessions, fileURLs: fileURLs, seal: seal}, nil
}

// HashAPIKey is the keyed hash under which a key is stored. API keys have 256
// bits of chance, so a slow hash would add nothing.
func (k *Keys) HashAPIKey(key string) string {
	return hex.EncodeToString(sum(k.apiKeys, key))
}

// HashSession is the keyed hash under which a session's token is stored.
func (k *Keys) HashSession(token string) string {
	return hex.EncodeToString(sum(k.sessions, token))
}

// Seal encrypts plain (AES-256-GCM); owner, the id of the row that it belongs
// to, must be given again to Open, so that a sealed value can't be moved to
// another row.
func (k *Keys) Seal(plain []byte, owner string) []byte {
	nonce := make([]byte, k.seal.NonceSize())
	rand.Read(nonce)
	return k.seal.Seal(nonce, nonce, plain, []byte(owner))
}

// Open is the inverse of Seal.
func (k *Keys) Open(sealed []byte, owner string) ([]byte, error) {
	size := k.seal.NonceSize()
	if len(sealed) < size {
		return nil, errors.New("sealed value is too short")
	}
	return k.seal.Open(nil, sealed[:size], sealed[size:], []byte(owner))
}

// SignFile is the signature of a file's address until expires (Unix seconds).
func (k *Keys) SignFile(fileID string, expires int64) string {
	return base64.RawURLEncoding.EncodeToString(sum(k.fileURLs, fmt.Sprintf("%s.%d", fileID, expires)))
}

// ValidFile checks SignFile's signature in constant time; whether expires is
// over is the caller's to check.
func (k *Keys) ValidFile(fileID string, expires int64, signature string) bool {
	return hmac.Equal([]byte(k.SignFile(fileID, expires)), []byte(signature))
}

func sum(key []byte, message string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(message))
	return h.Sum(nil)
}
