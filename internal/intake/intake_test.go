package intake

import (
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

func receive(t *testing.T, name, content string) *Upload {
	t.Helper()
	up, err := Receive(name, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = up.Close() })
	return up
}

func TestAnAcceptedFileIsStoredAndPromised(t *testing.T) {
	t.Parallel()
	in, caller := setup(t)
	x, entry, err := in.Extract(t.Context(), caller, receive(t, "a\x00\u202e.pdf", "%PDF-1.7 x"), Order{Source: models.SourceEmail})
	if err != nil {
		t.Fatal(err)
	}
	if x.Status != models.StatusUploaded || x.Attempt != 1 || x.File.Size != 10 || x.File.Type != "application/pdf" || x.AppName != "host" ||
		x.File.Name != "a.pdf" || x.File.OriginalName != "a\ufffd\u202e.pdf" || x.Source != models.SourceEmail || len(x.File.SHA256) != 64 || entry.SubjectID != x.ID || entry.Kind != models.OutboxStartExtraction {
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
	_, _, err := in.Extract(t.Context(), caller, receive(t, "a.pdf", "%PDF-1.7"), Order{})
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
	if _, err := Receive("a.pdf", io.MultiReader(strings.NewReader("%PDF-1.7"), brokenReader{})); !errors.Is(err, errReset) {
		t.Errorf("got %v", err)
	}
}

var errReset = errors.New("reset by peer")

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errReset }

func TestAFileByItselfIsKeptAndExtractedLater(t *testing.T) {
	t.Parallel()
	in, caller := setup(t)
	text, err := in.Keep(t.Context(), caller, receive(t, "a.txt", "plain"), Order{Source: models.SourceEmbed, Description: "a note"})
	if err != nil || text.Type != "text/plain" || text.Description != "a note" {
		t.Fatalf("got %+v, %v", text, err)
	}
	if _, _, err := in.ExtractFile(t.Context(), caller, text, Order{}); models.CodeOf(err) != models.CodeInvalid || err == nil {
		t.Errorf("text was extracted: %v", err)
	}
	pdf, err := in.Keep(t.Context(), caller, receive(t, "a.pdf", "%PDF-1.7"), Order{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		x, _, err := in.ExtractFile(t.Context(), caller, pdf, Order{})
		if err != nil {
			t.Fatal(err)
		}
		if entry, err := in.Store.DeleteExtraction(t.Context(), caller, x.ID); err != nil || entry.Detail != "" {
			t.Errorf("the file went with its extraction: %v", err)
		}
	}
	if _, err := in.Store.DeleteFile(t.Context(), caller, pdf.ID); err != nil {
		t.Error(err)
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
