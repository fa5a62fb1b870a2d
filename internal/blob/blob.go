// Package blob keeps bytes under keys: uploads and the pages read of them.
package blob

import (
	"context"
	"io"
)

// Store keeps bytes. Get of a key that is not there is a models NotFound,
// Delete of one is no error, and Put replaces what is there as a whole: no
// reader sees a part of it.
type Store interface {
	Put(ctx context.Context, key string, content io.Reader) error
	Get(ctx context.Context, key string) (io.ReadCloser, error)
	Delete(ctx context.Context, key string) error
	// Ping says whether the storage is there.
	Ping(ctx context.Context) error
}
