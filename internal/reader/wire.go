package reader

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"decoded.digital/extractor/models"
)

// Between the pool and a child go frames: a kind, the payload's length as four
// bytes, big end first, and the payload. The child is not trusted: what it says
// has a limit, and is data.
type frame byte

const (
	frameRequest  frame = 'd' // to the child: a request, then the file's bytes as they are
	frameReady    frame = 'y' // from it: it reads
	frameProgress frame = 'p' // progress
	frameDone     frame = 'r' // pagesRead, then the encoded document, or the picture, as a frame of its own
	frameDocument frame = 'b'
	frameFailed   frame = 'f' // failure
)

const (
	maxFrame    = 1 << 20   // bytes
	maxDocument = 128 << 20 // bytes, encoded
	headerSize  = 5
)

// request asks for a document, or for the picture of one of its pages.
type request struct {
	Type string
	Size int64
	Page int `json:",omitempty"` // from 1: a picture of it; 0: the document
	Turn int `json:",omitempty"` // degrees by which the picture is turned clockwise
}

type progress struct{ Page, Of int }

type pagesRead struct{ Pages int }

// failure is an error on its way; it has a type where the document is to blame.
type failure struct {
	Type    models.FailureType
	Message string
	Cause   string
}

func writeFrame(w io.Writer, kind frame, payload []byte) error {
	header := [headerSize]byte{byte(kind)}
	binary.BigEndian.PutUint32(header[1:], uint32(len(payload))) //nolint:gosec // a payload is at most maxDocument
	if _, err := w.Write(header[:]); err != nil {
		return err
	}
	_, err := w.Write(payload)
	return err
}

func writeJSON(w io.Writer, kind frame, value any) error {
	payload, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return writeFrame(w, kind, payload)
}

func readFrame(r *bufio.Reader) (frame, []byte, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return 0, nil, err
	}
	kind, size, limit := frame(header[0]), int64(binary.BigEndian.Uint32(header[1:])), int64(maxFrame)
	if kind == frameDocument {
		limit = maxDocument
	}
	if size > limit {
		return 0, nil, fmt.Errorf("a frame of %d bytes, at most %d are read", size, limit)
	}
	// The payload grows as it comes: a length is but a claim.
	payload, err := io.ReadAll(io.LimitReader(r, size))
	if err == nil && int64(len(payload)) < size {
		err = io.ErrUnexpectedEOF
	}
	return kind, payload, err
}

func (f failure) error() error {
	cause := errors.New(f.Cause)
	if !f.Type.Valid() || f.Message == "" {
		return fmt.Errorf("the reader failed: %w", cause)
	}
	return models.Failed(f.Type, f.Message, cause)
}

func failureOf(err error) failure {
	if e, ok := errors.AsType[*models.Error](err); ok && e.Type != "" {
		f := failure{Type: e.Type, Message: e.Message}
		if e.Cause != nil {
			f.Cause = clip(e.Cause.Error())
		}
		return f
	}
	return failure{Cause: clip(err.Error())}
}

// clip holds a cause short enough for a frame and a log.
func clip(text string) string { return text[:min(len(text), 1000)] }
