package ocr

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"
)

// The files of PP-OCRv4, as tools/ocr.sh names them.
const (
	detectModel    = "det.onnx"
	recognizeModel = "rec.onnx"
	turnedModel    = "cls.onnx"
	alphabetFile   = "alphabet.txt"
)

// libraryName is what onnxruntime's library is called on this system.
func libraryName() string {
	switch runtime.GOOS {
	case "darwin":
		return "libonnxruntime.dylib"
	case "windows":
		return "onnxruntime.dll"
	default:
		return "libonnxruntime.so"
	}
}

// hasPaddle says which file of PP-OCRv4 is missing.
func hasPaddle(dir string) error {
	if err := canRun(); err != nil {
		return err
	}
	for _, name := range []string{libraryName(), detectModel, recognizeModel, turnedModel, alphabetFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("PP-OCRv4: %w", err)
		}
	}
	return nil
}

// paddle is PP-OCRv4: one model finds text, one reads it, one says whether it
// stands upside down.
type paddle struct {
	detect, recognize, turned *model
	alphabet                  []rune // by class; 0 is none
}

// newPaddle loads the models side by side: one after the other they take twice
// the time.
func newPaddle(dir string) (*paddle, error) {
	alphabet, err := readAlphabet(filepath.Join(dir, alphabetFile))
	if err != nil {
		return nil, err
	}
	p := &paddle{alphabet: alphabet}
	if err := startRuntime(filepath.Join(dir, libraryName())); err != nil {
		return nil, fmt.Errorf("start onnxruntime: %w", err)
	}
	models := []struct {
		model        **model
		file, output string
	}{{&p.recognize, recognizeModel, "softmax_11.tmp_0"}, {&p.detect, detectModel, "sigmoid_0.tmp_0"}, {&p.turned, turnedModel, "softmax_0.tmp_0"}}
	loaded := make(chan error, len(models))
	for _, m := range models {
		go func() {
			loadedModel, err := loadModel(filepath.Join(dir, m.file), m.output)
			*m.model = loadedModel
			loaded <- err
		}()
	}
	for range models {
		err = errors.Join(err, <-loaded)
	}
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// readAlphabet reads the characters of the classes: 0 is CTC's blank, the last
// is the space, line k is class k. A line may be a space of some kind.
func readAlphabet(path string) ([]rune, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	alphabet := []rune{0}
	for line := range strings.SplitSeq(string(content), "\n") {
		r, _ := utf8.DecodeRuneInString(line)
		alphabet = append(alphabet, narrow(r))
	}
	return append(alphabet, ' '), nil
}

// narrow maps the full-width forms of a Chinese alphabet to ASCII.
func narrow(r rune) rune {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E:
		return r - 0xFF01 + '!'
	case r == 0x3000:
		return ' '
	case r == '。':
		return '.'
	case r == '、':
		return ','
	}
	return r
}

func (p *paddle) close() error {
	var err error
	for _, m := range []*model{p.detect, p.recognize, p.turned} {
		if m != nil {
			err = errors.Join(err, m.close())
		}
	}
	return errors.Join(err, stopRuntime())
}

// planes are the pixels as the models want them: blue, green and red apart. Of
// a grey picture they differ by mean and deviation alone.
func planes(page *image.Gray, mean, deviation [3]float32) []float32 {
	out := make([]float32, 0, 3*len(page.Pix))
	for c := range 3 {
		var value [256]float32
		for level := range value {
			value[level] = (float32(level)/255 - mean[c]) / deviation[c]
		}
		for _, p := range page.Pix {
			out = append(out, value[p])
		}
	}
	return out
}

// find gives the boxes of the text in a picture.
func (p *paddle) find(ctx context.Context, page *image.Gray) ([]image.Rectangle, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w, h := detectSize(page.Rect.Size())
	small := resize(page, page.Rect, w, h)
	var found []image.Rectangle
	err := p.detect.run(planes(small, [3]float32{.485, .456, .406}, [3]float32{.229, .224, .225}), w, h, func(data []float32, _ []int64) {
		if len(data) == w*h {
			found = boxes(data, w, h, page.Rect.Size())
		}
	})
	if err != nil {
		return nil, fmt.Errorf("look for text: %w", err)
	}
	return found, nil
}
