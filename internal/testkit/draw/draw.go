// Package draw makes documents for tests: pages as a scanner sees them, and old
// Word files.
package draw

import (
	"encoding/binary"
	"image"
	"image/draw"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Page is a page of 600 x 800 points as a scanner sees it at 150 dpi: lines of
// text, black on white, the first 90 points from the top.
func Page(t testing.TB, lines ...string) *image.Gray {
	t.Helper()
	const width, height, size = 1250, 1667, 30
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	page := image.NewGray(image.Rect(0, 0, width, height))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	d := font.Drawer{Dst: page, Src: image.Black, Face: face}
	for i, line := range lines {
		d.Dot = fixed.P(125, 200+60*i)
		d.DrawString(line)
	}
	return page
}

// Word6 is a Word 6 document: a compound file ([MS-CFB]) of a header, one sector
// of its allocation table, one of its directory, and the stream WordDocument of
// eight, in which the text stands behind the file information block.
func Word6(text string) []byte {
	const sector, textAt = 512, 0x300
	le := binary.LittleEndian
	out := make([]byte, 11*sector)
	header, table, directory, stream := out[:sector], out[sector:2*sector], out[2*sector:3*sector], out[3*sector:]
	copy(header, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	for at, value := range map[int]uint16{24: 0x3e, 26: 3, 28: 0xfffe, 30: 9, 32: 6} {
		le.PutUint16(header[at:], value)
	}
	const end, free, fat = 0xfffffffe, 0xffffffff, 0xfffffffd
	for at, value := range map[int]uint32{44: 1, 48: 1, 56: 4096, 60: end, 68: end, 76: 0} {
		le.PutUint32(header[at:], value)
	}
	for at := 80; at < sector; at += 4 {
		le.PutUint32(header[at:], free)
	}
	for i := range sector / 4 {
		value := uint32(free)
		switch {
		case i == 0:
			value = fat
		case i == 1 || i == 9:
			value = end
		case i >= 2 && i < 9:
			value = uint32(i) + 1
		}
		le.PutUint32(table[4*i:], value)
	}
	entry := func(at int, name string, kind byte, child, start, size uint32) {
		e := directory[at:]
		for i, r := range name {
			le.PutUint16(e[2*i:], uint16(r))
		}
		le.PutUint16(e[64:], uint16(2*len(name)+2))
		e[66], e[67] = kind, 1
		le.PutUint32(e[68:], free)
		le.PutUint32(e[72:], free)
		le.PutUint32(e[76:], child)
		le.PutUint32(e[116:], start)
		le.PutUint32(e[120:], size)
	}
	entry(0, "Root Entry", 5, 1, end, 0)
	entry(128, "WordDocument", 2, free, 2, 8*sector)
	le.PutUint16(stream, 0xa5dc)
	le.PutUint16(stream[2:], 101)
	le.PutUint32(stream[0x18:], textAt)
	le.PutUint32(stream[0x1c:], uint32(textAt+len(text)))
	le.PutUint32(stream[0x34:], uint32(len(text)))
	copy(stream[textAt:], text)
	return out
}
