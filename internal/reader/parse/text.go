package parse

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"decoded.digital/extractor/internal/reader"
)

// readText reads plain text in UTF-8, UTF-16 or Latin-1.
func readText(content []byte) *reader.Document {
	var t typist
	text := strings.ReplaceAll(decode(content), "\r\n", "\n")
	for part := range strings.SplitSeq(text, "\n") {
		for i, line := range strings.Split(part, "\f") {
			if i > 0 {
				t.breakPage()
			}
			t.line(line)
		}
		if t.full {
			break
		}
	}
	return &reader.Document{Pages: t.pages}
}

// decode finds the encoding: by its mark, by the zeros that UTF-16 puts between
// Latin letters, by whether it is UTF-8; what is left is Windows-1252, of which
// Latin-1 is a part.
func decode(content []byte) string {
	var found encoding.Encoding
	switch sample := content[:min(len(content), 4096)]; {
	case bytes.HasPrefix(content, []byte("\xff\xfe")), bytes.HasPrefix(content, []byte("\xfe\xff")):
		found = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	case zeros(sample, 1) > len(sample)/4:
		found = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case zeros(sample, 0) > len(sample)/4:
		found = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case utf8.Valid(content):
		return strings.TrimPrefix(string(content), "\ufeff")
	default:
		found = charmap.Windows1252
	}
	text, err := found.NewDecoder().Bytes(content)
	if err != nil {
		return strings.ToValidUTF8(string(content), "")
	}
	return string(text)
}

// zeros counts the zero bytes at even (0) or odd (1) places.
func zeros(content []byte, odd int) int {
	n := 0
	for i := odd; i < len(content); i += 2 {
		if content[i] == 0 {
			n++
		}
	}
	return n
}
