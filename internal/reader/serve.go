package reader

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Parser reads a document in this process; parse.Reader is one.
type Parser interface {
	Read(ctx context.Context, fileType string, content []byte, progress func(page, of int)) (*Document, error)
	// Picture draws a page, counted from 1, turned clockwise by 0, 90, 180 or 270
	// degrees, as a JPEG.
	Picture(fileType string, content []byte, page, turn int) ([]byte, error)
}

// MaxFile is the largest file that is read, in bytes.
const MaxFile = 64 << 20

// Serve is a child's side: it reads the documents that the pool sends, one after
// the other, until in ends.
func Serve(ctx context.Context, parser Parser, in io.Reader, out io.Writer) error {
	from, to := bufio.NewReader(in), bufio.NewWriter(out)
	say := func(kind frame, value any) error {
		return errors.Join(writeJSON(to, kind, value), to.Flush())
	}
	if err := say(frameReady, struct{}{}); err != nil {
		return err
	}
	for {
		kind, payload, err := readFrame(from)
		if errors.Is(err, io.EOF) {
			return nil
		}
		var r request
		if err == nil && kind == frameRequest {
			err = json.Unmarshal(payload, &r)
		}
		if err != nil || kind != frameRequest || r.Size < 0 || r.Size > MaxFile {
			return fmt.Errorf("read a request: %w", errors.Join(err, errors.New("it is malformed")))
		}
		content := make([]byte, r.Size)
		if _, err := io.ReadFull(from, content); err != nil {
			return fmt.Errorf("read a file: %w", err)
		}
		if r.Page > 0 {
			if err := show(say, to, parser, r, content); err != nil {
				return err
			}
			continue
		}
		var told error // the pool is gone; the document is read for nobody
		document, err := parser.Read(ctx, r.Type, content, func(page, of int) {
			told = errors.Join(told, say(frameProgress, progress{page, of}))
		})
		if err := errors.Join(told, answer(say, to, document, err)); err != nil {
			return err
		}
	}
}

// show sends the picture of a page.
func show(say func(frame, any) error, to *bufio.Writer, parser Parser, r request, content []byte) error {
	picture, err := parser.Picture(r.Type, content, r.Page, r.Turn)
	if err != nil {
		return say(frameFailed, failureOf(err))
	}
	return errors.Join(writeFrame(to, frameDocument, picture), to.Flush())
}

// answer sends what came of a document.
func answer(say func(frame, any) error, to *bufio.Writer, document *Document, err error) error {
	if err != nil {
		return say(frameFailed, failureOf(err))
	}
	encoded, err := Encode(document)
	if err != nil {
		return say(frameFailed, failureOf(err))
	}
	if len(encoded) > maxDocument {
		return say(frameFailed, failureOf(tooLarge(fmt.Errorf("its pages take %d bytes", len(encoded)))))
	}
	return errors.Join(say(frameDone, pagesRead{len(document.Pages)}), writeFrame(to, frameDocument, encoded), to.Flush())
}
