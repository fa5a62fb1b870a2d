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

	ort "github.com/yalue/onnxruntime_go"
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
	detect, recognize, turned *ort.DynamicAdvancedSession
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
	if !ort.IsInitialized() {
		ort.SetSharedLibraryPath(filepath.Join(dir, libraryName()))
		if err := ort.InitializeEnvironment(ort.WithLogLevelError()); err != nil {
			return nil, fmt.Errorf("start onnxruntime: %w", err)
		}
	}
	models := []struct {
		session    **ort.DynamicAdvancedSession
		file, name string
	}{{&p.recognize, recognizeModel, "softmax_11.tmp_0"}, {&p.detect, detectModel, "sigmoid_0.tmp_0"}, {&p.turned, turnedModel, "softmax_0.tmp_0"}}
	loaded := make(chan error, len(models))
	for _, m := range models {
		go func() {
			session, err := load(filepath.Join(dir, m.file), m.name)
			*m.session = session
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

func load(path, output string) (session *ort.DynamicAdvancedSession, err error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, options.Destroy()) }()
	err = errors.Join(
		options.SetIntraOpNumThreads(1), options.SetInterOpNumThreads(1), // a picture is one child's work
		options.SetCpuMemArena(false), options.SetMemPattern(false), // both keep what the largest picture took
	)
	if err != nil {
		return nil, err
	}
	session, err = ort.NewDynamicAdvancedSession(path, []string{"x"}, []string{output}, options)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", filepath.Base(path), err)
	}
	return session, nil
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
	for _, session := range []*ort.DynamicAdvancedSession{p.detect, p.recognize, p.turned} {
		if session != nil {
			err = errors.Join(err, session.Destroy())
		}
	}
	return errors.Join(err, ort.DestroyEnvironment())
}

// answer runs a model on planes of w by h pixels and gives the answer and its
// shape to use, which may not keep it.
func answer(session *ort.DynamicAdvancedSession, planes []float32, n, w, h int, use func(data []float32, shape []int64)) (err error) {
	input, err := ort.NewTensor(ort.NewShape(int64(n), 3, int64(h), int64(w)), planes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, input.Destroy()) }()
	outputs := []ort.Value{nil}
	if err := session.Run([]ort.Value{input}, outputs); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, outputs[0].Destroy()) }()
	output, ok := outputs[0].(*ort.Tensor[float32])
	if !ok {
		return fmt.Errorf("the model answers with %T", outputs[0])
	}
	use(output.GetData(), output.GetShape())
	return nil
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
	err := answer(p.detect, planes(small, [3]float32{.485, .456, .406}, [3]float32{.229, .224, .225}), 1, w, h, func(data []float32, _ []int64) {
		if len(data) == w*h {
			found = boxes(data, w, h, page.Rect.Size())
		}
	})
	if err != nil {
		return nil, fmt.Errorf("look for text: %w", err)
	}
	return found, nil
}
