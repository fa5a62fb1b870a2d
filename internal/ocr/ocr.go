// Package ocr turns a picture into words. Two readers are joined, because
// neither is enough: PP-OCRv4 reads noisy characters far better, but loses the
// spaces and has no ö, ß or €; tesseract has both. Where one of them is missing
// the other serves alone. Models are hostile ground for a process that holds
// keys: this package runs in a child process.
package ocr

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"os/exec"
	"slices"
	"sync"
)

// ErrNoReader is the error of Read and Warm where neither reader is installed.
var ErrNoReader = errors.New("no reader of pictures is installed; run: make ocr")

// Word is a run of characters without a space.
type Word struct {
	Text        string
	Box         image.Rectangle // pixels of the upright picture
	Confidence  float64         // how sure the characters are, 0 to 1
	Line        int             // words of one printed line share it; from 1
	Alternative string          // what the other reader saw here; empty: the same
}

// Result is what was read of one picture.
type Result struct {
	Words  []Word // in the order in which they are read
	Width  int    // pixels of the upright picture
	Height int    // likewise
	// Turn is by how much the picture was turned clockwise to stand upright, in
	// degrees: 0, 90, 180 or 270.
	Turn int
	// Skew is by how much it was turned clockwise about its middle after that, in
	// degrees: -15 to 15. The picture keeps its size; what is turned out of it at
	// its corners is lost.
	Skew float64
}

// Reader reads pictures, one at a time. A process may have one, and should have
// MALLOC_ARENA_MAX=1 in its environment: with an arena for each thread the C
// library keeps up to three times the memory.
type Reader struct {
	dir       string
	tesseract string // path of the program; empty: not installed

	languages []string // those wanted; once asked, those of them that tesseract has
	asked     bool

	mu     sync.Mutex // onnxruntime's memory is counted for one picture at a time
	paddle *paddle    // nil: not loaded
}

// New makes a reader of the models and the library in dir, which `make ocr`
// fills, and of the tesseract on PATH. Languages are tesseract's names of those
// that may be used; none: all that are installed of those that this package
// knows. Nothing is loaded before the first picture, or Warm.
func New(dir string, languages ...string) *Reader {
	r := &Reader{dir: dir, languages: languages}
	if path, err := exec.LookPath("tesseract"); err == nil {
		r.tesseract = path
	}
	return r
}

// Warm loads what the first picture would wait for. Its error is ErrNoReader,
// or says which part can't be loaded.
func (r *Reader) Warm(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.warm(ctx)
}

func (r *Reader) warm(ctx context.Context) error {
	if r.paddle == nil && hasPaddle(r.dir) == nil {
		p, err := newPaddle(r.dir)
		if err != nil {
			return fmt.Errorf("load PP-OCRv4: %w", err)
		}
		r.paddle = p
	}
	if r.tesseract != "" && !r.asked {
		installed, err := installedLanguages(ctx, r.tesseract)
		if err != nil {
			return err
		}
		if len(r.languages) > 0 {
			installed = slices.DeleteFunc(installed, func(name string) bool { return !slices.Contains(r.languages, name) })
		}
		r.languages, r.asked = installed, true
	}
	if r.paddle == nil && len(r.languages) == 0 {
		return ErrNoReader
	}
	return nil
}

// Close frees the models.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.paddle == nil {
		return nil
	}
	p := r.paddle
	r.paddle = nil
	return p.close()
}

// Read reads a picture. dpi is its resolution where that is known, else 0. A
// picture without words is no error. It stops when ctx ends.
func (r *Reader) Read(ctx context.Context, img image.Image, dpi float64) (Result, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	if err := r.warm(ctx); err != nil {
		return Result{}, err
	}
	page, scale := prepare(img)
	size := img.Bounds().Size()
	if page == nil {
		return Result{Width: size.X, Height: size.Y}, nil
	}
	up, err := r.setUpright(ctx, page)
	if err != nil {
		return Result{}, err
	}
	words, up, err := r.words(ctx, up, dpi*scale)
	if err != nil {
		return Result{}, err
	}
	if up.turn%180 != 0 {
		size.X, size.Y = size.Y, size.X
	}
	for i := range words {
		words[i].Box = enlarge(words[i].Box, 1/scale, size)
	}
	return Result{Words: words, Width: size.X, Height: size.Y, Turn: up.turn, Skew: up.skew}, nil
}

// enlarge scales a box to a picture of the given size and holds it inside.
func enlarge(box image.Rectangle, scale float64, size image.Point) image.Rectangle {
	return image.Rect(
		int(math.Floor(float64(box.Min.X)*scale)), int(math.Floor(float64(box.Min.Y)*scale)),
		int(math.Ceil(float64(box.Max.X)*scale)), int(math.Ceil(float64(box.Max.Y)*scale)),
	).Intersect(image.Rectangle{Max: size})
}
