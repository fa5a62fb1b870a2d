package tests

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	largeFiles = 100
	largeSize  = 10 << 20 // bytes
)

// BenchmarkReaderStart measures when a fresh child has read its first PDF, and
// its first picture, a small blank one, for which it loads its models.
func BenchmarkReaderStart(b *testing.B) {
	p := build(b)
	content := sample(b, "invoice.pdf")
	var blank bytes.Buffer
	if err := png.Encode(&blank, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		b.Fatal(err)
	}
	var document, picture []time.Duration
	for b.Loop() {
		begun := time.Now()
		pool := newReaders(b, p, 1)
		if _, err := readBytes(b.Context(), pool, pdfType, content); err != nil {
			b.Fatal(err)
		}
		document = append(document, time.Since(begun))
		pool.Close()
		begun = time.Now()
		pool = newReaders(b, p, 1)
		if _, err := readBytes(b.Context(), pool, "image/png", blank.Bytes()); err == nil {
			b.Fatal("a blank picture has words")
		}
		picture = append(picture, time.Since(begun))
		pool.Close()
	}
	b.ReportMetric(milliseconds(median(document)), "ms-pdf")
	b.ReportMetric(milliseconds(median(picture)), "ms-picture")
}

// BenchmarkReaderMemory measures the memory of API and worker, in one process,
// while large files are taken in and read.
func BenchmarkReaderMemory(b *testing.B) {
	env := devEnvironment(b)
	env["EXTRACTOR_RATE_LIMIT"] = "off"
	run, base := build(b).startDev(b, env)
	h := onboard(b, base, env["EXTRACTOR_SETUP_KEY"])
	h.createDocument(b)
	content := padded(sample(b, "invoice.pdf"), largeSize-4096)
	forgetPeak(b, run)
	for b.Loop() {
		var group errgroup.Group
		group.SetLimit(4)
		ids := make([]string, largeFiles)
		for i := range ids {
			group.Go(func() error {
				ids[i] = h.upload(b, fmt.Sprintf("large-%d.pdf", i), content)
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			b.Fatal(err)
		}
		for _, id := range ids {
			h.await(b, id, "completed", 1)
		}
	}
	b.ReportMetric(float64(memory(b, run, "VmHWM"))/(1<<20), "MB-peak")
}

// padded is a PDF with an object that no page shows.
func padded(content []byte, size int) []byte {
	fill := bytes.Repeat([]byte("x"), size-len(content))
	return fmt.Appendf(bytes.Clone(content), "\n99 0 obj << /Length %d >> stream\n%s\nendstream endobj\n", len(fill), fill)
}
