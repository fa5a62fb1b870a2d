package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
)

func setup(t *testing.T) (*Intake, models.Caller) {
	t.Helper()
	clock := func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	disk, err := blob.NewDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	tenant := models.Tenant{ID: models.NewID(clock()), Name: "Acme", Status: models.TenantActive}
	o := models.Onboarding{
		Tenant: tenant, User: models.User{ID: models.NewID(clock()), Email: "jo@acme.test"},
		APIKey: models.APIKey{ID: models.NewID(clock()), TenantID: tenant.ID, AllowedDomains: []string{}},
	}
	if _, err := s.Onboard(t.Context(), &o); err != nil {
		t.Fatal(err)
	}
	return &Intake{Store: s, Blobs: disk, Now: clock}, models.Caller{TenantID: tenant.ID, AppName: "host"}
}

func TestAnAcceptedFileIsStoredAndPromised(t *testing.T) {
	t.Parallel()
	in, caller := setup(t)
	x, entry, err := in.Accept(t.Context(), caller, Upload{Name: "a.pdf", Content: strings.NewReader("%PDF-1.7 x"), Source: models.SourceEmail})
	if err != nil {
		t.Fatal(err)
	}
	if x.Status != models.StatusUploaded || x.Attempt != 1 || x.File.Size != 10 || x.File.Type != "application/pdf" || x.AppName != "host" ||
		x.Source != models.SourceEmail || len(x.File.SHA256) != 64 || entry.SubjectID != x.ID || entry.Kind != models.OutboxStartExtraction {
		t.Errorf("got %+v, %+v", x, entry)
	}
	kept, err := in.Blobs.Get(t.Context(), x.File.BlobKey)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if content, err := io.ReadAll(kept); err != nil || string(content) != "%PDF-1.7 x" {
		t.Errorf("got %q, %v", content, err)
	}
	if got, err := in.Store.GetExtraction(t.Context(), caller, x.ID); err != nil || got.File.SHA256 != x.File.SHA256 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAFileThatCantBeStoredIsNoExtraction(t *testing.T) {
	t.Parallel()
	in, caller := setup(t)
	in.Blobs = brokenStore{in.Blobs}
	_, _, err := in.Accept(t.Context(), caller, Upload{Name: "a.pdf", Content: strings.NewReader("%PDF-1.7")})
	if models.CodeOf(err) != models.CodeUnavailable {
		t.Errorf("got %v", err)
	}
	if _, total, err := in.Store.ListExtractions(t.Context(), caller, models.ExtractionFilter{}, models.Page{Number: 1, Limit: 1}); err != nil || total != 0 {
		t.Errorf("got %d rows, %v", total, err)
	}
}

type brokenStore struct{ blob.Store }

func (brokenStore) Put(context.Context, string, io.Reader) error {
	return errors.New("the disk is full")
}

func TestABrokenConnectionIsTold(t *testing.T) {
	t.Parallel()
	in, caller := setup(t)
	_, _, err := in.Accept(t.Context(), caller, Upload{Name: "a.pdf", Content: io.MultiReader(strings.NewReader("%PDF-1.7"), brokenReader{})})
	if models.CodeOf(err) != models.CodeInvalid || !strings.Contains(err.Error(), "ended early") {
		t.Errorf("got %v", err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("reset by peer") }

func TestTheBytesSayWhatAFileIs(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"%PDF-1.7":                        "application/pdf",
		"\xff\xd8\xff\xe0\x00\x10JFIF":    "image/jpeg",
		"\x89PNG\r\n\x1a\n":               "image/png",
		"RIFF\x00\x00\x00\x00WEBPVP8 ":    "image/webp",
		"junk\n%PDF-1.7":                  "",
		"<html>%PDF-1.7":                  "",
		"GIF89a=1;alert(1)":               "",
		"plain text":                      "",
		"PK\x03\x04\x14\x00word/document": "",
		"":                                "",
	} {
		got, err := sniff([]byte(content))
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v", content, got, err)
		}
	}
	if _, err := sniff(bytes.Repeat([]byte("%PDF-"), MaxFileSize/5+1)); err == nil || !strings.Contains(err.Error(), "10MB") {
		t.Errorf("too large: %v", err)
	}
}

func TestANameIsSafeToShow(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"invoice.pdf": "invoice.pdf", `C:\scans\a.pdf`: "a.pdf", "../../etc/passwd": "passwd", "": "document", "/": "document", "..": "document",
		"a\u202egpj.pdf": "agpj.pdf", "a\r\nSet-Cookie: x": "aSet-Cookie: x", strings.Repeat("ü", 300): strings.Repeat("ü", 255), "  ": "document",
	} {
		if got := SafeName(name); got != want {
			t.Errorf("SafeName(%q) = %q, want %q", name, got, want)
		}
	}
}

func FuzzSafeName(f *testing.F) {
	for _, seed := range []string{"a.pdf", "..", "a/b\\c", "\u202e\x00", strings.Repeat("x", 300), "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := SafeName(name)
		bad := func(r rune) bool {
			return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '/' || r == '\\'
		}
		if got == "" || got == "." || got == ".." || !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxNameLength || strings.ContainsFunc(got, bad) {
			t.Errorf("SafeName(%q) = %q", name, got)
		}
		if _, err := json.Marshal(got); err != nil {
			t.Error(err)
		}
	})
}
