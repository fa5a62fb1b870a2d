package reader

import (
	"bufio"
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"decoded.digital/extractor/models"
)

func newReader(content []byte) *bufio.Reader { return bufio.NewReader(bytes.NewReader(content)) }

// children lists the processes that this one started and that run.
func children(t *testing.T) []int {
	t.Helper()
	var pids []int
	tasks, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		list, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended
		}
		for field := range strings.FieldsSeq(string(list)) {
			pid, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}

// TestUprightAndOriginalAreInverse: a point goes there and back, for any turn
// and skew.
func TestUprightAndOriginalAreInverse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := Page{
			Width: rapid.Float64Range(100, 2000).Draw(t, "width"), Height: rapid.Float64Range(100, 2000).Draw(t, "height"),
			Turn: rapid.SampledFrom([]int{0, 90, 180, 270}).Draw(t, "turn"), Skew: rapid.Float64Range(-15, 15).Draw(t, "skew"),
		}
		point := models.Box{X: rapid.Float64Range(0.4, 0.6).Draw(t, "x"), Y: rapid.Float64Range(0.4, 0.6).Draw(t, "y")}
		back := p.Upright(p.Original(point))
		if math.Abs(back.X-point.X) > 1e-9 || math.Abs(back.Y-point.Y) > 1e-9 {
			t.Fatalf("%+v came back as %+v", point, back)
		}
	})
}

func TestOriginalOfATurnedPage(t *testing.T) {
	t.Parallel()
	// The upper left corner of the upright page is the lower left one of a page
	// that had to be turned clockwise.
	p := Page{Width: 842, Height: 595, Turn: 90}
	got := p.Original(models.Box{X: 0, Y: 0, Width: 0.1, Height: 0.2})
	want := models.Box{X: 0, Y: 0.9, Width: 0.2, Height: 0.1}
	if math.Abs(got.X-want.X)+math.Abs(got.Y-want.Y)+math.Abs(got.Width-want.Width)+math.Abs(got.Height-want.Height) > 1e-9 {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestDecodeRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	encoded, err := Encode(page("x"))
	if err != nil {
		t.Fatal(err)
	}
	if d, err := Decode(encoded); err != nil || d.Pages[0].Words[0].Text != "x" {
		t.Errorf("got %+v, %v", d, err)
	}
	if _, err := Decode([]byte(`[{"n":1}]`)); !errors.Is(err, ErrVersion) {
		t.Errorf("the first version: got %v", err)
	}
	if _, err := Decode(encoded[:len(encoded)/2]); err == nil || errors.Is(err, ErrVersion) {
		t.Errorf("cut off: got %v", err)
	}
}
