package tests

import (
	"slices"
	"testing"
	"time"
)

// The limits that the benchmarks are measured against; docs/performance.md has
// the figures.
const (
	extractionLimit = 1500 * time.Millisecond // from the answer to completed
	startLimit      = 10 * time.Second        // from the command to ready, with all built
)

// BenchmarkExtraction measures one page at rest, from the answer of POST
// /extract to completed, polled every 20 ms. x/limit must stay below 1.
func BenchmarkExtraction(b *testing.B) {
	p := build(b)
	env := devEnvironment(b)
	_, base := p.startDev(b, env)
	h := onboard(b, base, env["EXTRACTOR_SETUP_KEY"])
	h.createDocument(b)
	content := sample(b, "invoice.pdf")
	var took []time.Duration
	for b.Loop() {
		id := h.upload(b, "invoice.pdf", content)
		begun := time.Now()
		h.await(b, id, "completed", 1)
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	report(b, took, extractionLimit)
}

// BenchmarkStart measures `extractor dev` with a data folder that has been used.
func BenchmarkStart(b *testing.B) {
	p := build(b)
	env := devEnvironment(b)
	run, _ := p.startDev(b, env)
	run.interrupt(b)
	var took []time.Duration
	for b.Loop() {
		begun := time.Now()
		run, _ := p.startDev(b, env)
		took = append(took, time.Since(begun))
		run.interrupt(b)
	}
	slices.Sort(took)
	report(b, took, startLimit)
}

func report(b *testing.B, took []time.Duration, limit time.Duration) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // it holds what is not measured, too
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "ms-median")
	b.ReportMetric(float64(took[len(took)-1].Milliseconds()), "ms-max")
	b.ReportMetric(float64(took[len(took)-1])/float64(limit), "max/limit")
}
