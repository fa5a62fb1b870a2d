package ocr

import (
	"context"
	"image"
)

// upright is a picture that stands as it is read.
type upright struct {
	page  *image.Gray
	turn  int     // clockwise degrees by which it was turned
	skew  float64 // and these after it
	found []image.Rectangle
}

func (r *Reader) upright(ctx context.Context, page *image.Gray) (upright, error) {
	up := upright{page: page}
	if r.paddle == nil {
		return up, nil
	}
	var err error
	up.found, err = r.paddle.find(ctx, page)
	return up, err
}
