// Package blob keeps bytes under keys: uploads and the pages read of them.
package blob

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	"decoded.digital/extractor/models"
)

// Store keeps bytes. Get of a key that is not there is a models NotFound,
// Delete of one is no error.
type Store interface {
	Put(ctx context.Context, key string, content io.Reader) error
	Get(ctx context.Context, key string) (io.ReadCloser, error)
	Delete(ctx context.Context, key string) error
	Ping(ctx context.Context) error
}

// Disk keeps bytes as files of one folder; os.Root lets no key leave it.
type Disk struct{ root *os.Root }

// NewDisk uses dir, and makes it if needed.
func NewDisk(dir string) (*Disk, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Disk{root: root}, nil
}

// Put writes beside the file and renames, so that a reader sees the old bytes
// or the new ones, never a part.
func (d *Disk) Put(_ context.Context, key string, content io.Reader) error {
	if err := d.root.MkdirAll(path.Dir(key), 0o700); err != nil {
		return err
	}
	beside := key + ".part"
	f, err := d.root.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, d.root.Remove(beside))
	}
	return d.root.Rename(beside, key)
}

// Get opens the bytes under key.
func (d *Disk) Get(_ context.Context, key string) (io.ReadCloser, error) {
	f, err := d.root.Open(key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, models.NotFound("stored file")
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Delete removes the bytes under key.
func (d *Disk) Delete(_ context.Context, key string) error {
	if err := d.root.Remove(key); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Ping says whether the folder is there.
func (d *Disk) Ping(context.Context) error {
	_, err := d.root.Stat(".")
	return err
}
