package webhook

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzAnswer reads what a receiver may send: whatever it is, it is kept as text
// that a database takes, and asks for no wait in the past.
func FuzzAnswer(f *testing.F) {
	now := time.Date(2026, 3, 11, 10, 30, 0, 0, time.UTC)
	for _, seed := range []string{"", "7", "-7", "soon", "99999999999999999999", "Wed, 11 Mar 2026 11:30:00 GMT", "\x00", "a\xff\x00b", "Sun, 06 Nov 1994 08:49:37 GMT"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if wait := retryAfter(text, now); wait < 0 {
			t.Errorf("%q is a wait of %s", text, wait)
		}
		if kept := readable([]byte(text)); !utf8.ValidString(kept) || strings.ContainsRune(kept, 0) {
			t.Errorf("%q is kept as %q", text, kept)
		}
	})
}
