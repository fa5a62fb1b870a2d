// Package parse turns bytes into pages of words with boxes. What is not read
// here can't be understood later. It runs behind the wall, in a child process.
package parse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// MaxPages is the most pages that a document may have.
const MaxPages = 500

const (
	memoryPages = 256 * 16 // of 64 KiB: 256 MiB for one document
	instances   = 2
)

// Reader reads documents; it may be used by many goroutines at once.
type Reader struct {
	pool  pdfium.Pool
	cache wazero.CompilationCache
}

// New starts pdfium in a WebAssembly sandbox. cacheDir keeps its compiled form:
// without it every start costs seconds.
func New(cacheDir string) (*Reader, error) {
	cache, err := wazero.NewCompilationCacheWithDir(cacheDir)
	if err != nil {
		return nil, fmt.Errorf("open the compilation cache: %w", err)
	}
	runtime := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling). // pdfium's build needs exceptions
		WithCompilationCache(cache).
		WithMemoryLimitPages(memoryPages)
	pool, err := webassembly.Init(webassembly.Config{
		MinIdle: 1, MaxIdle: 1, MaxTotal: instances, RuntimeConfig: runtime,
		FSConfig: wazero.NewFSConfig(), // the default mounts the host's root
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start pdfium: %w", err), cache.Close(context.Background())) //nolint:forbidigo // to close takes no time
	}
	return &Reader{pool: pool, cache: cache}, nil
}

// Close ends the sandbox.
func (r *Reader) Close() error {
	return errors.Join(r.pool.Close(), r.cache.Close(context.Background())) //nolint:forbidigo // to close takes no time
}

// instanceWait is how long a document waits for its turn.
const instanceWait = 2 * time.Minute

// Read reads a document of the given MIME type, and tells progress before each
// page, where that is not nil. Every failure that the document is to blame for is a models.Failed with
// a sentence for the user.
func (r *Reader) Read(ctx context.Context, fileType string, content []byte, progress func(page, of int)) (*reader.Document, error) {
	var pages []reader.Page
	var err error
	switch {
	case len(content) == 0:
		return nil, models.Failed(models.FailureDocumentEmpty, "The document is empty. Upload it again.", nil)
	case fileType == "application/pdf":
		pages, err = r.readPDF(ctx, content, progress)
	case strings.HasPrefix(fileType, "text/plain"):
		pages = readText(string(content))
	default:
		return nil, models.Failed(models.FailureDocumentUnsupported, "Pictures and Word documents can't be read by this server yet. Upload a PDF that holds text.", nil)
	}
	if err != nil {
		return nil, err
	}
	for _, p := range pages {
		if slices.ContainsFunc(p.Words, func(w reader.Word) bool { return !w.Hidden }) {
			return &reader.Document{Pages: pages}, nil
		}
	}
	return nil, models.Failed(models.FailureDocumentEmpty, "The document holds no text; it may be a scan, which this server can't read yet. Upload a PDF that holds text.", nil)
}

// readText lays lines out on a page of its own, in a grid of characters.
func readText(text string) []reader.Page {
	const columns, rows = 120, 66
	var pages []reader.Page
	for i, line := range strings.Split(strings.ToValidUTF8(text, ""), "\n") {
		if i/rows >= MaxPages {
			break
		}
		if i%rows == 0 {
			pages = append(pages, reader.Page{Number: i/rows + 1, Width: 595, Height: 842})
		}
		page := &pages[len(pages)-1]
		column := 0
		for part := range strings.SplitSeq(strings.TrimRight(line, "\r"), " ") {
			width := len([]rune(part))
			if width > 0 {
				page.Words = append(page.Words, reader.Word{Text: part, Size: 10, Box: models.Box{
					X: min(float64(column)/columns, 1), Y: float64(i%rows) / rows, Width: float64(width) / columns, Height: 1.0 / rows,
				}})
			}
			column += width + 1
		}
	}
	return pages
}
