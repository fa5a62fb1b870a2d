package secret

import (
	"strings"
	"testing"
)

// FuzzValidAPIKey mutates keys: one that is taken has the form, and is no longer
// taken when any one character of it is another.
func FuzzValidAPIKey(f *testing.F) {
	f.Add(NewAPIKey(), 7, byte('x'))
	f.Add("ext_"+strings.Repeat("0", 49), 50, byte('1'))
	f.Add("ext_", 0, byte(0))
	f.Fuzz(func(t *testing.T, key string, at int, other byte) {
		if !ValidAPIKey(key) {
			return
		}
		if len(key) != 53 || !strings.HasPrefix(key, "ext_") || checksum(key[:47]) != key[47:] {
			t.Fatalf("%q is taken", key)
		}
		at = int(uint(at) % uint(len(key)))
		if changed := key[:at] + string(other) + key[at+1:]; changed != key && ValidAPIKey(changed) {
			t.Errorf("%q is taken, changed from %q", changed, key)
		}
	})
}
