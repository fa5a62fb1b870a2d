package api

import (
	"bytes"
	_ "embed" // the page
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

//go:embed docs.html
var docsPage string

// serveDocs answers GET /docs: the contract as a page that needs no script and
// nothing from elsewhere.
func serveDocs() gin.HandlerFunc {
	page, err := renderDocs()
	return func(c *gin.Context) {
		if err != nil { // a test renders the page, so this is never seen
			c.AbortWithStatus(http.StatusInternalServerError)
			return
		}
		c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		c.Header("X-Content-Type-Options", "nosniff")
		c.Data(http.StatusOK, "text/html; charset=utf-8", page)
	}
}

func renderDocs() ([]byte, error) {
	doc, err := openapi3.NewLoader().LoadFromData(contract)
	if err != nil {
		return nil, err
	}
	page, err := template.New("docs").Funcs(template.FuncMap{"markdown": markdown, "line": markdownLine}).Parse(docsPage)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, map[string]any{"Info": doc.Info, "Sections": sections(doc)})
	return out.Bytes(), err
}

// markdown renders a description of the contract. It is ours, so its HTML is
// safe.
func markdown(text string) (template.HTML, error) {
	var out strings.Builder
	err := goldmark.New(goldmark.WithExtensions(extension.Table)).Convert([]byte(text), &out)
	return template.HTML(out.String()), err //nolint:gosec // see above
}

// markdownLine is markdown within a line: without its paragraph.
func markdownLine(text string) (template.HTML, error) {
	html, err := markdown(text)
	line := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(html)), "<p>"), "</p>")
	return template.HTML(line), err //nolint:gosec // as markdown
}

// section is a tag of the contract with its operations.
type section struct {
	Name, Description string
	Operations        []operation
}

type operation struct {
	ID, Method, Path, Summary, Description string
	Parameters, Body, Answer               []field
	Success                                string // its status
}

// field is a line of the page's tables.
type field struct {
	Name, Type, Description string
	Required                bool
}

func sections(doc *openapi3.T) []section {
	var list []section
	for _, tag := range doc.Tags {
		s := section{Name: tag.Name, Description: tag.Description}
		for _, path := range doc.Paths.InMatchingOrder() {
			item := doc.Paths.Value(path)
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
				if op := item.GetOperation(method); op != nil && op.Tags[0] == tag.Name {
					s.Operations = append(s.Operations, newOperation(method, path, item, op))
				}
			}
		}
		slices.SortStableFunc(s.Operations, func(a, b operation) int { return strings.Compare(a.Path, b.Path) })
		list = append(list, s)
	}
	return list
}

func newOperation(method, path string, item *openapi3.PathItem, op *openapi3.Operation) operation {
	o := operation{ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, Description: op.Description}
	for _, p := range append(slices.Clone(item.Parameters), op.Parameters...) {
		o.Parameters = append(o.Parameters, field{
			Name: p.Value.Name, Type: p.Value.In + ", " + typeName(p.Value.Schema), Required: p.Value.Required, Description: p.Value.Description,
		})
	}
	if op.RequestBody != nil {
		o.Body = contentFields(op.RequestBody.Value.Content)
	}
	for status, response := range op.Responses.Map() {
		if status != "default" && status > o.Success {
			o.Success = status
			o.Answer = contentFields(response.Value.Content)
		}
	}
	return o
}

// contentFields are the fields of a body; of an answer's envelope, those of its
// data.
func contentFields(content openapi3.Content) []field {
	for _, media := range content {
		schema := media.Schema
		if data, ok := schema.Value.Properties["data"]; ok {
			schema = data
		}
		return schemaFields("", schema, 0)
	}
	return nil
}

// schemaFields lists a schema's properties: the required ones in the contract's
// order, then the others. A schema that holds itself is not opened again.
func schemaFields(prefix string, ref *openapi3.SchemaRef, depth int) []field {
	schema := ref.Value
	if schema.Items != nil {
		return schemaFields(prefix+"[].", schema.Items, depth)
	}
	if depth > 3 || strings.HasSuffix(ref.Ref, "/Field") && depth > 1 {
		return nil
	}
	names := slices.Clone(schema.Required)
	var others []string
	for name := range schema.Properties {
		if !slices.Contains(names, name) {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	var fields []field
	for _, name := range append(names, others...) {
		property := schema.Properties[name]
		fields = append(fields, field{
			Name: prefix + name, Type: typeName(property), Description: property.Value.Description, Required: slices.Contains(schema.Required, name),
		})
		nested := schemaFields(prefix+name+".", property, depth+1)
		for i := range nested {
			nested[i].Name = strings.ReplaceAll(nested[i].Name, ".[]", "[]")
		}
		fields = append(fields, nested...)
	}
	return fields
}

// typeName is how a reader calls a schema's type.
func typeName(ref *openapi3.SchemaRef) string {
	s := ref.Value
	switch {
	case len(s.Enum) > 0:
		words := make([]string, 0, len(s.Enum))
		for _, value := range s.Enum {
			if word, ok := value.(string); ok {
				words = append(words, word)
			}
		}
		return strings.Join(words, " | ")
	case s.Items != nil:
		return "list of " + typeName(s.Items)
	case len(s.OneOf) > 0:
		return typeName(s.OneOf[0]) + " or null"
	case s.Type == nil:
		return "any"
	}
	name := strings.Join(s.Type.Slice(), " or ")
	if s.Format == "date-time" {
		name = strings.Replace(name, "string", "time", 1)
	}
	return name
}
