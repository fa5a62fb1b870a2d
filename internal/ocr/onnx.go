//go:build cgo

package ocr

import (
	"errors"
	"fmt"
	"path/filepath"

	ort "github.com/yalue/onnxruntime_go"
)

// canRun says whether this build can run models.
func canRun() error { return nil }

// startRuntime loads onnxruntime's library, which a process does once.
func startRuntime(library string) error {
	if ort.IsInitialized() {
		return nil
	}
	ort.SetSharedLibraryPath(library)
	return ort.InitializeEnvironment(ort.WithLogLevelError())
}

func stopRuntime() error { return ort.DestroyEnvironment() }

// model is a network that onnxruntime has loaded.
type model struct{ session *ort.DynamicAdvancedSession }

// loadModel loads a network by the name of its output; its input is x.
func loadModel(path, output string) (m *model, err error) {
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
	session, err := ort.NewDynamicAdvancedSession(path, []string{"x"}, []string{output}, options)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", filepath.Base(path), err)
	}
	return &model{session}, nil
}

func (m *model) close() error { return m.session.Destroy() }

// run gives the answer to planes of w by h pixels and its shape to use, which
// may not keep it.
func (m *model) run(planes []float32, w, h int, use func(data []float32, shape []int64)) (err error) {
	input, err := ort.NewTensor(ort.NewShape(1, 3, int64(h), int64(w)), planes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, input.Destroy()) }()
	outputs := []ort.Value{nil} // onnxruntime makes it
	if err := m.session.Run([]ort.Value{input}, outputs); err != nil {
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
