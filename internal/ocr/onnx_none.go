//go:build !cgo

package ocr

import "errors"

// model is nothing in a build without cgo, through which onnxruntime is called.
type model struct{}

func canRun() error {
	return errors.New("this program was built without cgo; build it with CGO_ENABLED=1")
}

func startRuntime(string) error { return canRun() }

func stopRuntime() error { return nil }

func loadModel(string, string) (*model, error) { return nil, canRun() }

func (*model) close() error { return nil }

func (*model) run([]float32, int, int, func([]float32, []int64)) error { return canRun() }
