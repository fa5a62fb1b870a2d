package main

import (
	"bytes"
	"context"
	"io"

	"decoded.digital/extractor/internal/reader"
)

// readDocument reads a file by what its bytes say it is.
func readDocument(ctx context.Context, readers *reader.Pool, content []byte) (*reader.Document, error) {
	open := func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	result, err := readers.Read(ctx, fileType(content), int64(len(content)), open, func(int, int) {})
	if err != nil {
		return nil, err
	}
	return reader.Decode(result.Encoded)
}
