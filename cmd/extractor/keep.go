package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/secret"
)

// keepSecrets makes the keys that are not configured, once, in the data folder.
func keepSecrets(c *config.Config) error {
	if c.SetupKey == "" {
		key, err := keep(filepath.Join(c.DataDir, "setup.key"), hex.EncodeToString(random(16)))
		if err != nil {
			return err
		}
		c.SetupKey = key
	}
	if c.EncryptionKey != nil {
		return nil
	}
	path := filepath.Join(c.DataDir, "encryption.key")
	text, err := keep(path, base64.StdEncoding.EncodeToString(random(secret.KeySize)))
	if err != nil {
		return err
	}
	c.EncryptionKey, err = base64.StdEncoding.DecodeString(text)
	if err != nil || len(c.EncryptionKey) != secret.KeySize {
		return fmt.Errorf("%s is damaged: it must hold %d bytes in base64", path, secret.KeySize)
	}
	return nil
}

// keep is the text of the file at path, which is made with fresh if it is not
// there.
func keep(path, fresh string) (string, error) {
	text, err := os.ReadFile(path)
	if err == nil {
		return string(text), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read a kept key: %w", err)
	}
	if err := os.WriteFile(path, []byte(fresh), 0o600); err != nil {
		return "", fmt.Errorf("keep a key: %w", err)
	}
	return fresh, nil
}

func random(size int) []byte {
	b := make([]byte, size)
	rand.Read(b)
	return b
}
