package parse

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"decoded.digital/extractor/internal/testkit"
	"decoded.digital/extractor/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func file(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func newReader(t testing.TB) *Reader {
	t.Helper()
	r, err := New(testkit.Cache(t), testkit.OCR(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// TestReader shares one reader, as a worker does.
func TestReader(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	for name, test := range map[string]func(*testing.T, *Reader){
		"boxes are as a reader sees the page":        testBoxes,
		"turned text comes out as words":             testTurnedText,
		"what no reader can see is hidden":           testHidden,
		"pages are counted from one, empty ones too": testPages,
		"many are read at once":                      testAtOnce,
		"what can't be read says why":                testUnreadable,
		"a PDF that forbids changes alone is read":   testRestricted,
		"plain text is laid out on pages":            testText,
		"a page is drawn, turned":                    testPicture,
		"a cancelled call ends":                      testCancelled,
		"unseen words are marked":                    testUnseen,
		"rulings are found and joined":               testRules,
		"attachments and metadata are read":          testAttachments,
		"forms that were filled in are read":         testForms,
		"scans are read from their picture":          testScans,
		"invisible layers count where they are true": testLayers,
	} {
		t.Run(name, func(t *testing.T) { test(t, r) })
	}
}

func testUnreadable(t *testing.T, r *Reader) {
	sample := file(t, "../../../samples/invoice.pdf")
	for name, tc := range map[string]struct {
		kind    string
		content []byte
		want    models.FailureType
	}{
		"empty":       {"application/pdf", nil, models.FailureDocumentEmpty},
		"broken":      {"application/pdf", []byte("%PDF-1.4\nnothing of the kind"), models.FailureDocumentBroken},
		"truncated":   {"application/pdf", sample[:200], models.FailureDocumentBroken},
		"no pages":    {"application/pdf", pdf(), models.FailureDocumentEmpty},
		"no text":     {"application/pdf", pdf([2]string{portrait, "0 0 100 100 re f"}), models.FailureDocumentEmpty},
		"encrypted":   {"application/pdf", file(t, "testdata/encrypted.pdf"), models.FailureDocumentEncrypted},
		"picture":     {"image/png", []byte("\x89PNG"), models.FailureDocumentBroken},
		"sound":       {"audio/mpeg", []byte("ID3"), models.FailureDocumentUnsupported},
		"blank":       {"text/plain", []byte(" \n "), models.FailureDocumentEmpty},
		"hidden only": {"application/pdf", pdf([2]string{portrait, show("tiny", 1, 60, 600)}), models.FailureDocumentEmpty},
	} {
		_, err := r.Read(t.Context(), tc.kind, tc.content, func(int, int) {})
		failure, ok := errors.AsType[*models.Error](err)
		if !ok || failure.Type != tc.want || !strings.HasSuffix(failure.Message, ".") {
			t.Errorf("%s: got %v, want %s with a sentence", name, err, tc.want)
		}
	}
}

func testRestricted(t *testing.T, r *Reader) {
	word(t, read(t, r, file(t, "testdata/restricted.pdf")), "NP-2026-0417")
}

func testText(t *testing.T, r *Reader) {
	d, err := r.Read(t.Context(), "text/plain; charset=utf-8", []byte("Total:  5\r\n"+strings.Repeat("\n", 70)+"last"), func(int, int) {})
	if err != nil || len(d.Pages) != 2 {
		t.Fatalf("got %+v, %v", d, err)
	}
	if w := word(t, d.Pages, "Total:"); w.Box.X != 0 || w.Box.Y != 0 {
		t.Errorf("got %+v", w)
	}
	word(t, d.Pages, "last")
}

func testCancelled(t *testing.T, r *Reader) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Read(ctx, "application/pdf", pdf([2]string{portrait, show("x", 10, 60, 700)}), func(int, int) {}); err == nil {
		t.Error("a cancelled call read on")
	}
}

// FuzzRead: whatever the bytes, the answer is pages or a sentence.
func FuzzRead(f *testing.F) {
	f.Add(file(f, "../../../samples/invoice.pdf"))
	f.Add(file(f, "testdata/encrypted.pdf"))
	f.Add(pdf([2]string{portrait, show("Total", 10, 60, 700)}))
	f.Add([]byte("%PDF-"))
	r := newReader(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		d, err := r.Read(t.Context(), "application/pdf", content, func(int, int) {})
		if _, ours := errors.AsType[*models.Error](err); err != nil && !ours {
			t.Fatalf("got %v", err)
		}
		if err != nil {
			return
		}
		for _, p := range d.Pages {
			for _, w := range p.Words {
				if w.Text == "" || strings.ContainsAny(w.Text, " \n\t") {
					t.Errorf("got word %q", w.Text)
				}
			}
		}
	})
}
