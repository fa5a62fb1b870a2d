package blob

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"decoded.digital/extractor/models"
)

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
func (d *Disk) Put(ctx context.Context, key string, content io.Reader) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	dir := path.Dir(key)
	if err := d.root.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	beside := key + "." + models.NewID(time.Now()) + ".part" //nolint:forbidigo // only to be unlike another's
	if err := d.write(beside, content); err != nil {
		return errors.Join(err, d.root.Remove(beside))
	}
	if err := d.root.Rename(beside, key); err != nil {
		return err
	}
	return d.sync(dir)
}

func (d *Disk) write(name string, content io.Reader) error {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Sync(), f.Close())
}

// sync makes a folder's entries survive a loss of power.
func (d *Disk) sync(dir string) error {
	f, err := d.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
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
