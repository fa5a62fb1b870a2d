package models

import (
	"strings"
	"testing"
	"time"
)

func TestDocumentValidateNamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	field := func(key string, kind FieldType, children ...Field) Field {
		return Field{Key: key, Type: kind, Description: "what it is", Children: children}
	}
	for name, tc := range map[string]struct {
		document Document
		want     string // part of the message; empty: valid
	}{
		"valid":             {Document{Name: "Invoice", Description: "d", Fields: []Field{field("total", TypeNumber)}}, ""},
		"nested":            {Document{Name: "Invoice", Description: "d", Fields: []Field{field("lines", TypeObjectList, field("amount", TypeNumber))}}, ""},
		"no name":           {Document{Name: "  ", Description: "d", Fields: []Field{field("total", TypeNumber)}}, "name is required"},
		"no description":    {Document{Name: "Invoice", Fields: []Field{field("total", TypeNumber)}}, "description is required"},
		"no fields":         {Document{Name: "Invoice", Description: "d"}, "fields is required"},
		"unknown type":      {Document{Name: "Invoice", Description: "d", Fields: []Field{field("total", "Money")}}, "valid are String, Number"},
		"key twice":         {Document{Name: "Invoice", Description: "d", Fields: []Field{field("a", TypeString), field("a", TypeString)}}, `"a" is there twice`},
		"key with a dot":    {Document{Name: "Invoice", Description: "d", Fields: []Field{field("a.b", TypeString)}}, "fields[a.b].key"},
		"list of nothing":   {Document{Name: "Invoice", Description: "d", Fields: []Field{field("lines", TypeObjectList)}}, "fields[lines].children is required"},
		"string with parts": {Document{Name: "Invoice", Description: "d", Fields: []Field{field("a", TypeString, field("b", TypeString))}}, "fields[a].children is allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tc.document.Validate()
			if tc.want == "" {
				if err != nil {
					t.Fatalf("valid document refused: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) || CodeOf(err) != CodeInvalid {
				t.Fatalf("got %v, want an invalid-request error with %q", err, tc.want)
			}
		})
	}
}

func TestNewIDSortsByAgeAndIsValid(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	older, newer := NewID(now), NewID(now.Add(time.Second))
	if !ValidID(older) || !ValidID(newer) || older >= newer {
		t.Fatalf("ids %q, %q: want 24 hex digits each, the older one first", older, newer)
	}
	for _, bad := range []string{"", "507f1f77bcf86cd79943901", "507f1f77bcf86cd79943901z", "507f1f77bcf86cd7994390111"} {
		if ValidID(bad) {
			t.Errorf("ValidID(%q) = true", bad)
		}
	}
}
