//go:build linux

package ocr

import (
	"image"
	_ "image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkCorpus says how much of what is printed is in the text: of the
// chosen readings alone, and of these and the alternatives. EXTRACTOR_CORPORA
// names the folder that has the pictures with their true values; each is read
// once, whatever -benchtime says.
func BenchmarkCorpus(b *testing.B) {
	root := os.Getenv("EXTRACTOR_CORPORA")
	if root == "" {
		b.Skip("EXTRACTOR_CORPORA is not set: it names the folder that has receipts-sroie and invoices-scanned")
	}
	program(b)
	r := New(dir(b))
	b.Cleanup(func() { _ = r.Close() })
	for _, name := range []string{"receipts-sroie", "invoices-scanned"} {
		b.Run(name, func(b *testing.B) { measureCorpus(b, r, filepath.Join(root, name)) })
	}
}

func measureCorpus(b *testing.B, r *Reader, dir string) {
	labels, kinds := corpus(b, dir)
	if b.N == 1 { // a benchmark is tried once before it is run
		labels = labels[:1]
	}
	found := map[string]float64{}
	all := map[string]float64{}
	begun := cpuSeconds(b)
	for _, l := range labels {
		result, err := r.Read(b.Context(), decode(b, filepath.Join(dir, l.File)), 0)
		if err != nil {
			b.Fatal(err)
		}
		chosen, both := texts(result.Words)
		for key, value := range l.Expected {
			field, have, of := holds(kinds[key], key, value, chosen)
			found[field], all[field] = found[field]+have, all[field]+of
			_, have, _ = holds(kinds[key], key, value, both)
			found[field+"-with-alternatives"], all[field+"-with-alternatives"] = found[field+"-with-alternatives"]+have, all[field+"-with-alternatives"]+of
		}
	}
	b.ReportMetric((cpuSeconds(b)-begun)/float64(len(labels)), "cpu-s/picture")
	b.ReportMetric(peak(b), "peak-MB")
	b.ReportMetric(0, "ns/op")
	for field, of := range all {
		if of > 0 {
			b.ReportMetric(found[field]/of, field)
		}
	}
}

// holds says under which name a value counts, and how much of it a text has.
func holds(kind, key string, value any, text string) (field string, have, of float64) {
	switch {
	case strings.HasPrefix(kind, "List"):
		return key, 0, 0
	case key == "address":
		n, m := wordsPresent(value.(string), text)
		return "address-words", float64(n), float64(m)
	case key == "company":
		if strings.Contains(squash(text), squash(value.(string))) {
			have = 1
		}
		return key, have, 1
	}
	if present(kind, key, value, text) {
		have = 1
	}
	if key != "total" && key != "date" { // an invoice has 17 of them
		key = "values"
	}
	return key, have, 1
}

// texts are what was chosen, and the same with the alternatives after it.
func texts(words []Word) (chosen, both string) {
	other := make([]Word, len(words))
	for i, w := range words {
		if other[i] = w; w.Alternative != "" {
			other[i].Text = w.Alternative
		}
	}
	chosen = strings.Join(textLines(words), "\n")
	return chosen, chosen + "\n" + strings.Join(textLines(other), "\n")
}

func decode(b *testing.B, path string) image.Image {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		b.Fatal(err)
	}
	return img
}

// cpuSeconds are those of this process and of the tesseracts that it started.
func cpuSeconds(b *testing.B) float64 {
	b.Helper()
	sum := 0.0
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
	}
	return sum
}

// peak is the most memory that this process has had (what the kernel says of
// children counts what they shared with it when they began), in MB of 2^20 bytes.
func peak(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Maxrss) / 1024
}

// BenchmarkReady is how long a picture waits for the models after a start.
func BenchmarkReady(b *testing.B) {
	program(b)
	path := dir(b)
	for b.Loop() {
		r := New(path)
		if err := r.Warm(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/1.2, "share/limit")
}
