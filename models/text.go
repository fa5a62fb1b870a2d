package models

import (
	"strings"
	"unicode/utf8"
)

// Text trims a text that a client sent and checks that it can be stored and
// shown: valid UTF-8 without NUL, at most limit characters. name is the field
// that the error names.
func Text(name, value string, limit int) (string, error) {
	value = strings.TrimSpace(value)
	switch {
	case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
		return "", Invalid("%s is not valid text: it must be UTF-8 without NUL", name)
	case utf8.RuneCountInString(value) > limit:
		return "", Invalid("%s is longer than %d characters", name, limit)
	}
	return value, nil
}

// RequiredText is Text that may not be empty.
func RequiredText(name, value string, limit int) (string, error) {
	value, err := Text(name, value, limit)
	if err == nil && value == "" {
		err = Invalid("%s is required", name)
	}
	return value, err
}

// Storable is a stranger's text as it came, but for what a database can't hold:
// NUL and what is no UTF-8.
func Storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, string(utf8.RuneError)), "\x00", string(utf8.RuneError))
}
