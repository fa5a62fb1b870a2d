package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/models"
)

func TestDisk(t *testing.T) {
	t.Parallel()
	disk, err := NewDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	testStore(t, disk)
	t.Run("no key leaves the folder", func(t *testing.T) {
		t.Parallel()
		for _, key := range []string{"../escape", "/etc/escape", "a/../../escape"} {
			if err := disk.Put(t.Context(), key, strings.NewReader("x")); err == nil {
				t.Errorf("Put(%q) wrote", key)
			}
		}
	})
}

func TestAzure(t *testing.T) {
	t.Parallel()
	address := testkit.StartAzurite(t)
	azure, err := NewAzure(t.Context(), address, "extractor")
	if err != nil {
		t.Fatal(err)
	}
	testStore(t, azure)
	t.Run("a second start finds its container", func(t *testing.T) {
		t.Parallel()
		if _, err := NewAzure(t.Context(), address, "extractor"); err != nil {
			t.Error(err)
		}
	})
	t.Run("a storage that is away is told without its key", func(t *testing.T) {
		t.Parallel()
		wrong := strings.Replace(address, testkit.AzuriteKey, "d3Jvbmcga2V5", 1)
		_, err := NewAzure(t.Context(), wrong, "extractor")
		if err == nil || strings.Contains(err.Error(), "d3Jvbmcga2V5") || len(err.Error()) > 200 {
			t.Errorf("got %v, want one short line", err)
		}
	})
}

// testStore is the suite that every store passes.
func testStore(t *testing.T, s Store) {
	t.Helper()
	testWrites(t, s)
	t.Run("what was put is got", func(t *testing.T) {
		t.Parallel()
		large := bytes.Repeat([]byte("0123456789abcdef"), 5<<20/16)
		for key, content := range map[string][]byte{"tenant/files/a": []byte("first"), "tenant/files/empty": {}, "tenant/files/large": large} {
			put(t, s, key, content)
			if got := get(t, s, key); !bytes.Equal(got, content) {
				t.Errorf("%s: got %d bytes, want %d", key, len(got), len(content))
			}
		}
	})
	t.Run("put again replaces", func(t *testing.T) {
		t.Parallel()
		put(t, s, "again", []byte("a longer first"))
		put(t, s, "again", []byte("second"))
		if got := get(t, s, "again"); string(got) != "second" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a key that is not there is not found", func(t *testing.T) {
		t.Parallel()
		if _, err := s.Get(t.Context(), "nowhere/at/all"); err == nil || models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("got %v", err)
		}
	})
	t.Run("delete removes, and may be repeated", func(t *testing.T) {
		t.Parallel()
		put(t, s, "gone", []byte("x"))
		for range 2 {
			if err := s.Delete(t.Context(), "gone"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Get(t.Context(), "gone"); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("it is still there: %v", err)
		}
	})
	t.Run("it is there", func(t *testing.T) {
		t.Parallel()
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("a cancelled call ends", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Put(ctx, "cancelled", strings.NewReader("x")); err == nil {
			t.Error("a cancelled call wrote")
		}
	})
}

// testWrites is how the suite's stores write.
func testWrites(t *testing.T, s Store) {
	t.Helper()
	t.Run("an upload that breaks off leaves what was there", func(t *testing.T) {
		t.Parallel()
		put(t, s, "broken", []byte("whole"))
		broken := io.MultiReader(strings.NewReader("half"), failing{})
		if err := s.Put(t.Context(), "broken", broken); err == nil {
			t.Error("a broken upload is a success")
		}
		if got := get(t, s, "broken"); string(got) != "whole" {
			t.Errorf("got %q", got)
		}
	})
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the connection broke") }

func put(t *testing.T, s Store, key string, content []byte) {
	t.Helper()
	if err := s.Put(t.Context(), key, bytes.NewReader(content)); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

func get(t *testing.T, s Store, key string) []byte {
	t.Helper()
	r, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("get %s: %v", key, err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read %s: %v", key, err)
	}
	return content
}
