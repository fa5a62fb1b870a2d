// Package parse turns bytes into pages of words with boxes. What is not read
// here can't be understood later. It runs behind the wall, in a child process:
// what it parses may be made to harm.
package parse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"decoded.digital/extractor/internal/ocr"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// MaxPages is the most pages that a document may have.
const MaxPages = 500

// memoryPages is what pdfium may take for one document, in pages of 64 KiB: 192
// MiB.
const memoryPages = 192 * 16

// Reader reads documents, one after the other.
type Reader struct {
	pool     pdfium.Pool
	cache    wazero.CompilationCache
	pictures pictureReader
}

// New starts pdfium in a WebAssembly sandbox. cacheDir keeps its compiled form:
// without it every start costs seconds. ocrDir holds the models that read
// pictures, see ocr.New.
func New(cacheDir, ocrDir string) (*Reader, error) {
	cache, err := wazero.NewCompilationCacheWithDir(cacheDir)
	if err != nil {
		return nil, fmt.Errorf("open the compilation cache: %w", err)
	}
	runtime := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling). // pdfium's build needs exceptions
		WithCompilationCache(cache).
		WithMemoryLimitPages(memoryPages)
	pool, err := webassembly.Init(webassembly.Config{
		MinIdle: 1, MaxIdle: 1, MaxTotal: 1, RuntimeConfig: runtime,
		FSConfig: wazero.NewFSConfig(),           // the default mounts the host's root
		Stdout:   io.Discard, Stderr: io.Discard, // ours carries what was read
		Context: experimental.WithMemoryAllocator(context.Background(), mapped{}), //nolint:forbidigo // it lives as long as the pool
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start pdfium: %w", err), cache.Close(context.Background())) //nolint:forbidigo // to close takes no time
	}
	return &Reader{pool: pool, cache: cache, pictures: ocr.New(ocrDir)}, nil
}

// Warm loads what the first picture would wait for; a server without OCR has
// nothing to load.
func (r *Reader) Warm(ctx context.Context) error {
	if err := r.pictures.Warm(ctx); !errors.Is(err, ocr.ErrNoReader) {
		return err
	}
	return nil
}

// Close ends the sandbox.
func (r *Reader) Close() error {
	return errors.Join(r.pictures.Close(), r.pool.Close(), r.cache.Close(context.Background())) //nolint:forbidigo // to close takes no time
}

// instanceWait is how long a document waits for its turn.
const instanceWait = 2 * time.Minute

// Read reads a document of the given MIME type, and tells progress before each
// page. Every failure that the document is to blame for is a models.Failed with
// a sentence for the user.
func (r *Reader) Read(ctx context.Context, fileType string, content []byte, progress func(page, of int)) (*reader.Document, error) {
	if len(content) == 0 {
		return nil, models.Failed(models.FailureDocumentEmpty, "The document is empty. Upload it again.", nil)
	}
	document, err := r.read(ctx, fileType, content, progress)
	if err != nil {
		return nil, err
	}
	scanned := false
	for _, p := range document.Pages {
		scanned = scanned || p.Scanned
		if slices.ContainsFunc(p.Words, func(w reader.Word) bool { return !w.Hidden }) {
			return document, nil
		}
	}
	if err := r.pictures.Warm(ctx); scanned && errors.Is(err, ocr.ErrNoReader) {
		return nil, noPictureReader(err)
	}
	if scanned {
		return nil, models.Failed(models.FailureDocumentEmpty, "No text was found on the picture. Take it again, sharper and straight from above.", nil)
	}
	return nil, models.Failed(models.FailureDocumentEmpty, "The document holds no text. Check that it is the right one and upload it again.", nil)
}

func (r *Reader) read(ctx context.Context, fileType string, content []byte, progress func(page, of int)) (*reader.Document, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	kind, _, _ := strings.Cut(fileType, ";")
	switch kind {
	case "application/pdf":
		return r.readPDF(ctx, content, progress)
	case "image/jpeg", "image/png", "image/webp":
		return r.readImage(ctx, content, progress)
	case "application/vnd.openxmlformats-officedocument.wordprocessingml.document":
		return readDocx(content)
	case "application/msword":
		return readDoc(ctx, content)
	case "text/plain":
		return readText(content), nil
	}
	return nil, models.Failed(models.FailureDocumentUnsupported, "Documents of this kind can't be read. Upload a PDF, a picture (JPEG, PNG, WebP), a Word document or plain text.", nil)
}
