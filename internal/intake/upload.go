package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"

	"decoded.digital/extractor/models"
)

// MaxFileSize is the most bytes that a file may have: 10 MB, as the guide says.
const MaxFileSize = 10 << 20

// Upload is a file on its way in: received, hashed and checked, not yet stored.
// Its bytes stand in a temporary file that has no name any more, so that a
// process that dies leaves nothing behind. Close it.
type Upload struct {
	Name   string // as the client called it
	Type   string // MIME type, found from the bytes
	Size   int64  // bytes
	SHA256 string // hex
	file   *os.File
}

// Receive takes the bytes in, through a small buffer, and finds their type.
func Receive(name string, content io.Reader) (*Upload, error) {
	file, err := os.CreateTemp("", "extractor-upload-*")
	if err != nil {
		return nil, models.Unavailable("The file can't be taken in right now; send it again in a moment", err)
	}
	up := &Upload{Name: name, file: file}
	if err := errors.Join(os.Remove(file.Name()), up.receive(content)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return up, nil
}

func (u *Upload) receive(content io.Reader) error {
	hash := sha256.New()
	source := &reader{Reader: io.LimitReader(content, MaxFileSize+1)}
	size, err := io.Copy(io.MultiWriter(u.file, hash), source)
	switch {
	case source.err != nil:
		return source.err
	case err != nil:
		return models.Unavailable("The file can't be taken in right now; send it again in a moment", err)
	case size == 0:
		return models.Invalid("file is empty")
	case size > MaxFileSize:
		return models.Invalid("file is larger than 10MB")
	}
	u.Size, u.SHA256 = size, hex.EncodeToString(hash.Sum(nil))
	u.Type, err = sniff(u.file, size)
	return err
}

// reader remembers an error of the source, to tell it from one of the disk.
type reader struct {
	io.Reader
	err error
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// Content is the bytes from their beginning.
func (u *Upload) Content() (io.ReadSeeker, error) {
	if _, err := u.file.Seek(0, io.SeekStart); err != nil {
		return nil, models.Internal("rewind an upload", err)
	}
	return u.file, nil
}

// Close gives the bytes up.
func (u *Upload) Close() error { return u.file.Close() }
