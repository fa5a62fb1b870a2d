package reader

import (
	"errors"
	"os"
	"strings"
	"testing"

	"decoded.digital/extractor/models"
)

func TestReader(t *testing.T) {
	t.Parallel()
	r, err := New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	sample, err := os.ReadFile("../../samples/invoice.pdf")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("words of a PDF stand where they are printed", func(t *testing.T) {
		pages, err := r.Read(t.Context(), "application/pdf", sample)
		if err != nil || len(pages) != 1 {
			t.Fatalf("got %d pages, %v", len(pages), err)
		}
		for _, w := range pages[0].Words {
			if w.Box.X < 0 || w.Box.Y < 0 || w.Box.Right() > 1 || w.Box.Bottom() > 1 || w.Hidden {
				t.Errorf("word %q is off the page: %+v", w.Text, w.Box)
			}
			// Printed at 190, 680 points from the lower left of 595 x 842.
			if w.Text == "NP-2026-0417" && (w.Box.X < 0.31 || w.Box.X > 0.33 || w.Box.Bottom() < 0.18 || w.Box.Bottom() > 0.2) {
				t.Errorf("the number stands at %+v", w.Box)
			}
		}
	})
	for name, tc := range map[string]struct {
		kind    string
		content string
		want    models.FailureType
	}{
		"empty":     {"application/pdf", "", models.FailureDocumentEmpty},
		"broken":    {"application/pdf", "%PDF-1.4\nnothing of the kind", models.FailureDocumentBroken},
		"truncated": {"application/pdf", string(sample[:200]), models.FailureDocumentBroken},
		"picture":   {"image/png", "\x89PNG", models.FailureDocumentUnsupported},
		"blank":     {"text/plain", " \n ", models.FailureDocumentEmpty},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.Read(t.Context(), tc.kind, []byte(tc.content))
			failure, ok := errors.AsType[*models.Error](err)
			if !ok || failure.Type != tc.want || !strings.HasSuffix(failure.Message, ".") {
				t.Errorf("got %v, want %s with a sentence", err, tc.want)
			}
		})
	}
}
