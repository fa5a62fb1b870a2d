package mailbox

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzAttachment sends hostile bytes and names through every opener: nothing
// may panic, run away or be decided without a reason that a user understands.
func FuzzAttachment(f *testing.F) {
	f.Add("invoice.pdf", "application/pdf", pdf)
	f.Add("a/../\u202efdp.exe", "message/rfc822", emls(5))
	f.Add(strings.Repeat("x", 300)+".eml", "", eml("b.zip", "application/zip", []byte("PK\x03\x04")))
	f.Add("winmail.dat", "application/ms-tnef", tnefOf("A", "b", pdf))
	f.Add("smime.p7m", "application/pkcs7-mime", encrypted(3))
	f.Add("x.zip", "", []byte("PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, name, contentType string, content []byte) {
		o, err := open(t, part{name: name, contentType: contentType}, bytes.NewReader(content))
		if err != nil {
			t.Fatalf("bytes in memory can't fail: %v", err)
		}
		if len(o.decisions) == 0 {
			t.Fatal("nothing was decided")
		}
		paths := map[string]bool{}
		for _, d := range o.decisions {
			if d.Taken == (d.Reason != "") || (!d.Taken && d.Reason.Sentence() == "") {
				t.Errorf("undecided: %+v", d)
			}
			if d.Taken && paths[d.Path] {
				t.Errorf("path %q was taken twice", d.Path)
			}
			paths[d.Path] = paths[d.Path] || d.Taken
			if d.Path != "p" && !strings.HasPrefix(d.Path, "p/") {
				t.Errorf("path %q leads out of the attachment", d.Path)
			}
		}
		if len(o.taken) > maxParts {
			t.Errorf("%d files were taken", len(o.taken))
		}
	})
}

// FuzzTNEF checks that a winmail.dat's files lie inside of it.
func FuzzTNEF(f *testing.F) {
	f.Add(tnefOf("A", "b", pdf))
	f.Add([]byte{0x78, 0x9f, 0x3e, 0x22, 1, 0, 2, 2, 0x90, 6, 0, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, content []byte) {
		files, err := readTNEF(content)
		sum := 0
		for _, file := range files {
			sum += len(file.data)
		}
		if sum > len(content) || len(files) > maxParts+1 {
			t.Errorf("%d files of %d bytes from %d bytes, %v", len(files), sum, len(content), err)
		}
	})
}

// FuzzGlob compares with what a pattern means.
func FuzzGlob(f *testing.F) {
	f.Add("*@acme.test", "billing@acme.test")
	f.Add("a*b*a", "aba")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 30 || len(text) > 60 {
			return
		}
		if got, want := glob(pattern, text), slowGlob(pattern, text); got != want {
			t.Errorf("%q on %q: %v, want %v", pattern, text, got, want)
		}
	})
}

// slowGlob tries every way to fill the first star.
func slowGlob(pattern, text string) bool {
	reach := map[int]bool{0: true} // lengths of text that the pattern so far can match
	for i := range len(pattern) {
		next := map[int]bool{}
		for n := range reach {
			switch {
			case pattern[i] == '*':
				for m := n; m <= len(text); m++ {
					next[m] = true
				}
			case n < len(text) && text[n] == pattern[i]:
				next[n+1] = true
			}
		}
		reach = next
	}
	return reach[len(text)]
}
