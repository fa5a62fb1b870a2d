package mailbox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unicode/utf16"
)

// The attributes of [MS-OXTNEF] 2.1.3.3 that hold attachments, and the property
// of [MS-OXCMSG] 2.2.2.11 with the long name.
const (
	tnefAttachment = 2 // level
	tnefBegin      = 0x00069002
	tnefTitle      = 0x00018010
	tnefData       = 0x0006800f
	tnefProperties = 0x00069005
	mapiLongName   = 0x3707
)

var errTNEF = errors.New("not a readable winmail.dat")

type tnefFile struct {
	name string
	data []byte
}

// readTNEF lists the files in a winmail.dat. Data are slices of content. A file
// that breaks off yields what stands before the break, and an error.
func readTNEF(content []byte) ([]tnefFile, error) {
	r := &tnefReader{rest: content}
	if r.uint32() != 0x223e9f78 {
		return nil, errTNEF
	}
	r.take(2) // a key that nobody uses
	var files []tnefFile
	for len(r.rest) > 0 && !r.short {
		level, id := r.take(1), r.uint32()
		value := r.take(int64(r.uint32()))
		r.take(2) // a checksum that senders get wrong
		if r.short {
			break
		}
		if level[0] != tnefAttachment {
			continue
		}
		if id == tnefBegin && len(files) <= maxParts {
			files = append(files, tnefFile{})
		}
		if len(files) > 0 {
			files[len(files)-1].set(id, value)
		}
	}
	if r.short {
		return files, errTNEF
	}
	return files, nil
}

func (f *tnefFile) set(id uint32, value []byte) {
	switch id {
	case tnefTitle:
		if f.name == "" { // else the long name, which comes first at times
			f.name = text8(value)
		}
	case tnefData:
		f.data = value
	case tnefProperties:
		if name := longName(value); name != "" {
			f.name = name
		}
	}
}

func text8(value []byte) string {
	text, _, _ := bytes.Cut(value, []byte{0})
	return string(text)
}

// longName finds PR_ATTACH_LONG_FILENAME in a list of MAPI properties; empty
// where there is none, or the list is not readable up to it.
func longName(properties []byte) string {
	r := &tnefReader{rest: properties}
	for range r.uint32() {
		kind, id := r.uint16(), r.uint16()
		if id >= 0x8000 { // named: a GUID, then a number or a text
			r.take(16)
			if r.uint32() == 0 {
				r.take(4)
			} else {
				r.padded(int64(r.uint32()))
			}
		}
		value := r.value(kind)
		if r.short {
			return ""
		}
		switch {
		case id == mapiLongName && kind == 0x1f:
			return text16(value)
		case id == mapiLongName && kind == 0x1e:
			return text8(value)
		}
	}
	return ""
}

func text16(value []byte) string {
	units := make([]uint16, 0, len(value)/2)
	for ; len(value) >= 2; value = value[2:] {
		unit := binary.LittleEndian.Uint16(value)
		if unit == 0 {
			break
		}
		units = append(units, unit)
	}
	return string(utf16.Decode(units))
}

// tnefReader reads little-endian values; once something is missing, short is
// set and everything after is zero.
type tnefReader struct {
	rest  []byte
	short bool
}

// take is the next n bytes; never nil, and one zero byte at least when short, so
// that a caller may look before it asks.
func (r *tnefReader) take(n int64) []byte {
	if r.short || n > int64(len(r.rest)) {
		r.short = true
		return []byte{0}
	}
	value := r.rest[:n]
	r.rest = r.rest[n:]
	return value
}

func (r *tnefReader) padded(n int64) []byte {
	value := r.take(n)
	r.take((4 - n%4) % 4)
	return value
}

func (r *tnefReader) uint16() uint16 {
	if value := r.take(2); !r.short {
		return binary.LittleEndian.Uint16(value)
	}
	return 0
}

func (r *tnefReader) uint32() uint32 {
	if value := r.take(4); !r.short {
		return binary.LittleEndian.Uint32(value)
	}
	return 0
}

// value reads a property's value, of several the last.
func (r *tnefReader) value(kind uint16) []byte {
	sizes := map[uint16]int64{2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xa: 4, 0xb: 4, 0x14: 8, 0x40: 8, 0x48: 16}
	size, fixed := sizes[kind&^0x1000]
	count := uint32(1)
	if kind&0x1000 != 0 || !fixed {
		count = r.uint32()
	}
	var value []byte
	for range count {
		if fixed {
			value = r.take(size)
		} else {
			value = r.padded(int64(r.uint32()))
		}
		if r.short {
			break
		}
	}
	return value
}
