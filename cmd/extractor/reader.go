package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/internal/reader/parse"
	"decoded.digital/extractor/internal/reader/wall"
)

// What a process that reads documents may take.
const (
	readerMemory    = 4 << 30 // bytes of address space, of which libraries reserve more than they use; Go's own heap:
	readerHeap      = 640 << 20
	readerFile      = 256 << 20
	readerStall     = 20 * time.Second
	readerDocuments = 200 // after which it is replaced
	readerProcesses = 2
)

// The environment of `extractor reader`, which is all that it gets.
const (
	readerCache = "EXTRACTOR_READER_CACHE"
	readerOCR   = "EXTRACTOR_READER_OCR"
)

// newReaders starts the processes in which documents are read.
func newReaders(ctx context.Context, c *config.Config) (*reader.Pool, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find our own program: %w", err)
	}
	cache, err := filepath.Abs(c.CacheDir)
	if err != nil {
		return nil, err
	}
	ocr, err := filepath.Abs(c.OCRDir)
	if err != nil {
		return nil, err
	}
	return reader.NewPool(ctx, reader.Options{
		Command: []string{program, "reader"},
		Env:     []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + filepath.Join(cache, "tmp"), "OMP_THREAD_LIMIT=1", readerCache + "=" + cache, readerOCR + "=" + ocr},
		Size:    readerProcesses, Stall: readerStall, Documents: readerDocuments,
	})
}

// runReader is the process in which documents are read, behind the wall; it
// ends with its input.
func runReader(ctx context.Context, getenv func(string) string, in io.Reader, out io.Writer) error {
	debug.SetMemoryLimit(readerHeap)
	cache, ocr := getenv(readerCache), getenv(readerOCR)
	if cache == "" {
		return fmt.Errorf("this command is for the worker to start; it sets %s", readerCache)
	}
	if err := os.MkdirAll(getenv("TMPDIR"), 0o700); err != nil { // inside the cache
		return fmt.Errorf("make the cache folder: %w", err)
	}
	programs := filepath.SplitList(getenv("PATH"))
	err := wall.Enter(wall.Limits{
		Memory: readerMemory, FileSize: readerFile,
		Read:  slices.Concat(programs, []string{"/usr", "/lib", "/lib64", "/etc", "/opt", "/proc/self", "/sys/devices/system/cpu", ocr}),
		Write: []string{cache},
	})
	if err != nil {
		return err
	}
	documents, err := parse.New(cache, ocr)
	if err != nil {
		return err
	}
	defer documents.Close()
	return reader.Serve(ctx, documents, in, out)
}
