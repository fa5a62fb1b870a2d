package reader

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// version is of the form in which documents are kept; another one is read again
// from its file.
const version = 2

// maxDecoded is the most that a kept document may unpack to, in bytes.
const maxDecoded = 512 << 20

// ErrVersion is the error of Decode for what another version kept.
var ErrVersion = errors.New("the pages were kept by another version")

// kept is a document as it is stored: gzip over JSON, which browsers unpack by
// themselves.
type kept struct {
	Version  int       `json:"version"`
	Document *Document `json:"document"`
}

// Encode makes the compact form in which a document is kept.
func Encode(d *Document) ([]byte, error) {
	var out bytes.Buffer
	packed, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(json.NewEncoder(packed).Encode(kept{version, d}), packed.Close()); err != nil {
		return nil, fmt.Errorf("encode the pages: %w", err)
	}
	return out.Bytes(), nil
}

// Decode reads what Encode made. Its error is ErrVersion where another version
// kept it.
func Decode(encoded []byte) (*Document, error) {
	if !bytes.HasPrefix(encoded, []byte("\x1f\x8b")) {
		return nil, ErrVersion // the first version did not pack
	}
	packed, err := gzip.NewReader(bytes.NewReader(encoded))
	if err != nil {
		return nil, fmt.Errorf("unpack the pages: %w", err)
	}
	var k kept
	if err := json.NewDecoder(io.LimitReader(packed, maxDecoded)).Decode(&k); err != nil {
		return nil, fmt.Errorf("decode the pages: %w", err)
	}
	if k.Version != version || k.Document == nil {
		return nil, ErrVersion
	}
	return k.Document, nil
}
