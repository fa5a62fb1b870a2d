package parse

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/jpeg" // for image.Decode
	_ "image/png"  // likewise

	_ "golang.org/x/image/webp" // likewise

	"decoded.digital/extractor/internal/ocr"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// maxPixels is the largest picture that is decoded: a photograph of 50
// megapixels takes 200 MB.
const maxPixels = 50_000_000

// paperLength is the longer side, in points, that a picture is taken to have:
// A4. Pictures seldom say how large what they show is.
const paperLength = 842

// readImage reads a picture, turned as its camera says.
func (r *Reader) readImage(ctx context.Context, content []byte, progress func(page, of int)) (*reader.Document, error) {
	turned, err := decodeImage(content)
	if err != nil {
		return nil, err
	}
	progress(1, 1)
	result, err := r.pictures.Read(ctx, turned, 0)
	if errors.Is(err, ocr.ErrNoReader) {
		return nil, noPictureReader(err)
	}
	if err != nil {
		return nil, err
	}
	size := turned.Bounds().Size()
	scale := paperLength / float64(max(size.X, size.Y))
	page := reader.Page{Number: 1, Width: float64(size.X) * scale, Height: float64(size.Y) * scale}
	place(&page, result)
	order(page.Words)
	return &reader.Document{Pages: []reader.Page{page}}, nil
}

// decodeImage makes a grey, upright picture of a file, after a look at its size.
func decodeImage(content []byte) (*image.Gray, error) {
	config, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, brokenPicture(err)
	}
	if config.Width < 1 || config.Height < 1 {
		return nil, brokenPicture(errors.New("it has no pixels"))
	}
	if config.Width > maxPixels/config.Height {
		return nil, models.Failed(models.FailureDocumentTooLarge, "The picture has more than 50 megapixels. Make it smaller and upload it again.", nil)
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, brokenPicture(err)
	}
	return turn(flatten(picture), orientation(content)), nil
}

func brokenPicture(cause error) error {
	return models.Failed(models.FailureDocumentBroken, "The picture is damaged and can't be opened. Take or export it again.", cause)
}

func noPictureReader(cause error) error {
	return models.Failed(models.FailureReaderMissing, "This server can't read pictures and scans: it has neither of its OCR readers. Its operator installs them with `make ocr`, or runs the image that carries them; then try again.", cause)
}

// flatten makes a picture grey, which is all that its reading takes, and puts
// it onto white where it lets light through.
func flatten(picture image.Image) *image.Gray {
	bounds := picture.Bounds()
	out := image.NewGray(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
	switch p := picture.(type) {
	case *image.Gray:
		for y := range bounds.Dy() {
			copy(out.Pix[y*out.Stride:], p.Pix[y*p.Stride:y*p.Stride+bounds.Dx()])
		}
	case *image.YCbCr: // Y is the grey of a JPEG (JFIF)
		for y := range bounds.Dy() {
			from := p.YOffset(bounds.Min.X, bounds.Min.Y+y)
			copy(out.Pix[y*out.Stride:], p.Y[from:from+bounds.Dx()])
		}
	default:
		for y := range bounds.Dy() {
			for x := range bounds.Dx() {
				red, green, blue, alpha := picture.At(bounds.Min.X+x, bounds.Min.Y+y).RGBA()
				light := (299*red+587*green+114*blue)/1000 + 0xffff - alpha
				out.Pix[y*out.Stride+x] = uint8(light >> 8) //nolint:gosec // it is at most 0xffff
			}
		}
	}
	return out
}
