package models

import (
	"regexp"
	"strings"
	"time"
)

// Document is a template: what a kind of document is called and which fields
// are to be filled from it. (The wire says "document" for a template and
// "file" for an upload, and so does the code.)
type Document struct {
	ID          string `gorm:"primaryKey"`
	TenantID    string
	Name        string
	Description string
	Fields      []Field `gorm:"serializer:json"`
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Field is one value that a template asks for. Children define the keys of an
// Object, or of each item of a List<Object>.
type Field struct {
	ID          string    `json:"id,omitempty"`
	Key         string    `json:"key"`
	Type        FieldType `json:"type"`
	Description string    `json:"description"`
	Children    []Field   `json:"children,omitempty"`
}

// FieldType is the type of a field's value.
type FieldType string

// The field types, as the guide spells them.
const (
	TypeString     FieldType = "String"
	TypeNumber     FieldType = "Number"
	TypeBoolean    FieldType = "Boolean"
	TypeDate       FieldType = "Date"
	TypeObject     FieldType = "Object"
	TypeStringList FieldType = "List<String>"
	TypeObjectList FieldType = "List<Object>"
)

// FieldTypes lists the valid types in the guide's order.
func FieldTypes() []FieldType {
	return []FieldType{TypeString, TypeNumber, TypeBoolean, TypeDate, TypeObject, TypeStringList, TypeObjectList}
}

// HasChildren says whether fields of this type define Children.
func (t FieldType) HasChildren() bool { return t == TypeObject || t == TypeObjectList }

// Limits of a template: far over what a person writes, far under what would
// slow an extraction down.
const (
	MaxNameLength        = 200
	MaxDescriptionLength = 2000
	MaxFields            = 500
	MaxFieldDepth        = 5
)

// DocumentFilter narrows a list of documents; an empty value does not.
type DocumentFilter struct {
	Search string // part of name or description, without case
}

// Validate trims name and description and says what is wrong with the
// template, naming the field by its path.
func (d *Document) Validate() error {
	var err error
	if d.Name, err = RequiredText("name", d.Name, MaxNameLength); err != nil {
		return err
	}
	if d.Description, err = RequiredText("description", d.Description, MaxDescriptionLength); err != nil {
		return err
	}
	if len(d.Fields) == 0 {
		return Invalid("fields is required: a document needs at least one field")
	}
	count := 0
	return validateFields(d.Fields, "fields", 1, &count)
}

// A key becomes a JSON key and a part of evidence paths (lines[0].amount), so
// the characters of those paths are not allowed in it.
var validKey = regexp.MustCompile(`^[^\s.\[\]][^.\[\]]{0,99}$`)

func validateFields(fields []Field, path string, depth int, count *int) error {
	if depth > MaxFieldDepth {
		return Invalid("%s: fields can be nested %d levels deep", path, MaxFieldDepth)
	}
	seen := make(map[string]bool, len(fields))
	for i, f := range fields {
		at := path + "[" + f.Key + "]"
		if *count++; *count > MaxFields {
			return Invalid("fields: a document can have %d fields", MaxFields)
		}
		switch {
		case f.Key == "":
			return Invalid("%s[%d].key is required", path, i)
		case !validKey.MatchString(f.Key):
			return Invalid("%s.key: 1 to 100 characters without dots and brackets, not starting with a space", at)
		case seen[f.Key]:
			return Invalid("%s.key: %q is there twice; keys must differ", path, f.Key)
		case !validType(f.Type):
			return Invalid("%s.type: %q is not a field type; valid are %s", at, f.Type, joinTypes())
		case strings.TrimSpace(f.Description) == "":
			return Invalid("%s.description is required", at)
		case f.Type.HasChildren() && len(f.Children) == 0:
			return Invalid("%s.children is required for type %s", at, f.Type)
		case !f.Type.HasChildren() && len(f.Children) > 0:
			return Invalid("%s.children is allowed for types Object and List<Object> only", at)
		}
		seen[f.Key] = true
		if err := validateFields(f.Children, at, depth+1, count); err != nil {
			return err
		}
	}
	return nil
}

func validType(t FieldType) bool {
	for _, valid := range FieldTypes() {
		if t == valid {
			return true
		}
	}
	return false
}

func joinTypes() string {
	names := make([]string, 0, len(FieldTypes()))
	for _, t := range FieldTypes() {
		names = append(names, string(t))
	}
	return strings.Join(names, ", ")
}
