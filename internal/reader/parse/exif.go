package parse

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation is how a camera says that its picture must be turned, 1 to 8 (Exif
// 2.32, tag 0x0112); 1, as it stands, where it says nothing. JPEG, PNG and WebP
// carry it in the same form, a TIFF header, each in a chunk of its own.
func orientation(content []byte) int {
	tiff := content[:min(len(content), 1<<20)]
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xd8")):
		_, tiff, _ = bytes.Cut(tiff, []byte("Exif\x00\x00"))
	case bytes.HasPrefix(content, []byte("\x89PNG")):
		_, tiff, _ = bytes.Cut(tiff, []byte("eXIf"))
	default:
		_, tiff, _ = bytes.Cut(content, []byte("EXIF")) // WebP has it behind the picture
		tiff = tiff[min(len(tiff), 4):]                 // the chunk's length
		tiff = bytes.TrimPrefix(tiff, []byte("Exif\x00\x00"))
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(tiff) < 8:
		return 1
	case bytes.HasPrefix(tiff, []byte("MM\x00*")):
		order = binary.BigEndian
	case !bytes.HasPrefix(tiff, []byte("II*\x00")):
		return 1
	}
	const entrySize = 12
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[at:]
	for i := range int(order.Uint16(entries)) {
		entry := entries[min(2+i*entrySize, len(entries)):]
		if len(entry) < entrySize {
			return 1
		}
		if order.Uint16(entry) == 0x0112 {
			if value := int(order.Uint16(entry[8:])); value >= 1 && value <= 8 {
				return value
			}
			return 1
		}
	}
	return 1
}

// turn stands a picture as an orientation says.
func turn(in *image.Gray, orientation int) *image.Gray {
	if orientation <= 1 {
		return in
	}
	size := in.Bounds().Size()
	width, height := size.X, size.Y
	if orientation >= 5 { // lying on its side
		width, height = height, width
	}
	out := image.NewGray(image.Rect(0, 0, width, height))
	for y := range size.Y {
		for x := range size.X {
			toX, toY := x, y
			switch orientation {
			case 2:
				toX = width - 1 - x
			case 3:
				toX, toY = width-1-x, height-1-y
			case 4:
				toY = height - 1 - y
			case 5:
				toX, toY = y, x
			case 6:
				toX, toY = width-1-y, x
			case 7:
				toX, toY = width-1-y, height-1-x
			case 8:
				toX, toY = y, height-1-x
			}
			out.Pix[toY*out.Stride+toX] = in.Pix[y*in.Stride+x]
		}
	}
	return out
}
