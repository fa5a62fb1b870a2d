package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/internal/reader/parse"
)

// What a process that reads documents may take.
const (
	readerMemory    = 4 << 30   // bytes of address space, of which libraries reserve more than they use
	readerHeap      = 640 << 20 // bytes that Go's own heap aims at
	readerFile      = 256 << 20 // bytes of a temporary file
	readerStall     = 20 * time.Second
	readerDocuments = 200 // after which it is replaced
	readerProcesses = 2
)

// The environment of `extractor reader`, beside PATH and TMPDIR.
const (
	readerCache = "EXTRACTOR_READER_CACHE"
	readerOCR   = "EXTRACTOR_READER_OCR"
)

// readerFolders are where the readers keep compiled code and find their models.
func readerFolders(c *config.Config) (cache, ocr string, err error) {
	cache, err = filepath.Abs(c.CacheDir)
	if err != nil {
		return "", "", err
	}
	ocr, err = filepath.Abs(c.OCRDir)
	return cache, ocr, err
}

// newReaders starts the processes in which documents are read. What stands in
// Env is all that they get of ours.
func newReaders(ctx context.Context, c *config.Config) (*reader.Pool, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find our own program: %w", err)
	}
	cache, ocr, err := readerFolders(c)
	if err != nil {
		return nil, err
	}
	return reader.NewPool(ctx, reader.Options{
		Command: []string{program, "reader"},
		// glibc's arenas would let ONNX Runtime take half as much memory again.
		Env:  []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + filepath.Join(cache, "tmp"), "MALLOC_ARENA_MAX=1", readerCache + "=" + cache, readerOCR + "=" + ocr},
		Size: readerProcesses, Stall: readerStall, Documents: readerDocuments,
	})
}

// runReader is the process in which documents are read, behind the wall; it
// ends with its input.
func runReader(ctx context.Context, getenv func(string) string, in io.Reader, out io.Writer) error {
	cache, ocr := getenv(readerCache), getenv(readerOCR)
	if cache == "" {
		return errors.New("this command is the worker's; it sets " + readerCache)
	}
	if err := os.MkdirAll(getenv("TMPDIR"), 0o700); err != nil { // inside the cache
		return fmt.Errorf("make the cache folder: %w", err)
	}
	if err := shutIn(cache, ocr); err != nil {
		return err
	}
	documents, err := parse.New(cache, ocr)
	if err != nil {
		return err
	}
	defer documents.Close()
	return reader.Serve(ctx, documents, in, out)
}
