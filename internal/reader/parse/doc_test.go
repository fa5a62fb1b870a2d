package parse

import (
	"os/exec"
	"strings"
	"testing"

	"decoded.digital/extractor/internal/testkit/draw"
	"decoded.digital/extractor/models"
)

func TestWord97DocumentsAreRead(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("antiword"); err != nil {
		t.Fatal("antiword is missing: run make ocr")
	}
	d, err := readDoc(t.Context(), draw.Word6("Rechnung 4711\rSumme 12,50\r"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(lines(d), " | "); !strings.Contains(got, "Rechnung 4711 | Summe 12,50") {
		t.Errorf("got %q", got)
	}
}

func TestWhatIsNoWord97DocumentSaysSo(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		content string
		want    models.FailureType
	}{
		"RTF": {`{\rtf1 x}`, models.FailureDocumentUnsupported}, "HTML": {"<html>", models.FailureDocumentUnsupported},
		"no stream of text": {oleMagic + strings.Repeat("\x00", 2000), models.FailureDocumentBroken},
	} {
		if _, err := readDoc(t.Context(), []byte(tc.content)); !isFailure(err, tc.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// FuzzDoc: whatever a Word 97 document holds, its programs end, with text or
// with an error.
func FuzzDoc(f *testing.F) {
	f.Add(draw.Word6("Rechnung 4711\rSumme 12,50\r"))
	f.Add([]byte(oleMagic))
	f.Fuzz(func(t *testing.T, content []byte) {
		d, err := readDoc(t.Context(), append([]byte(oleMagic), content[min(len(content), len(oleMagic)):]...))
		if err != nil && !isFailure(err, models.FailureDocumentBroken) {
			t.Errorf("got %v", err)
		}
		if err == nil && len(d.Pages) == 0 {
			t.Error("no page and no error")
		}
	})
}
