package secret

import (
	"bytes"
	"regexp"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func newKeys(t *testing.T) *Keys {
	t.Helper()
	keys, err := NewKeys(bytes.Repeat([]byte{7}, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestAPIKeyHasTheGuidesFormAndAChecksum(t *testing.T) {
	t.Parallel()
	key := NewAPIKey()
	if !regexp.MustCompile(`^ext_[0-9A-Za-z]{49}$`).MatchString(key) || !ValidAPIKey(key) {
		t.Fatalf("key %q has not the right form", key)
	}
	for i := range key {
		changed := []byte(key)
		changed[i] = '0'
		if string(changed) != key && ValidAPIKey(string(changed)) {
			t.Errorf("a key changed at %d passes for a valid one", i)
		}
	}
}

func TestSealedValueOpensForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	keys := newKeys(t)
	sealed := keys.Seal([]byte("whsec_x"), "row-1")
	if plain, err := keys.Open(sealed, "row-1"); err != nil || string(plain) != "whsec_x" {
		t.Fatalf("got %q, %v", plain, err)
	}
	if _, err := keys.Open(sealed, "row-2"); err == nil {
		t.Error("a sealed value was moved to another row and opened")
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := keys.Open(sealed, "row-1"); err == nil {
		t.Error("a changed value was opened")
	}
	if _, err := keys.Open(nil, "row-1"); err == nil {
		t.Error("nothing was opened")
	}
}

func TestFileSignatureHoldsForOneFileAndTime(t *testing.T) {
	t.Parallel()
	keys := newKeys(t)
	signature := keys.SignFile("a", 100)
	if !keys.ValidFile("a", 100, signature) {
		t.Error("its own signature is refused")
	}
	if keys.ValidFile("b", 100, signature) || keys.ValidFile("a", 101, signature) || keys.ValidFile("a", 100, "") {
		t.Error("another file's or time's signature is accepted")
	}
}

func TestWebhookSignatureIsAcceptedByTheStandardsLibrary(t *testing.T) {
	t.Parallel()
	secret, body, at := NewWebhookSecret(), []byte(`{"type":"extraction.completed"}`), time.Now()
	signature, err := SignWebhook(secret, "507f1f77bcf86cd799439011", at, body)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	want, err := verifier.Sign("507f1f77bcf86cd799439011", at, body)
	if err != nil || want != signature {
		t.Fatalf("got %q, the library signs %q (%v)", signature, want, err)
	}
}
