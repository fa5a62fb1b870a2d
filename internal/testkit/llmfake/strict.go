package llmfake

import (
	"fmt"
	"slices"
)

// limits are what the providers publish: OpenAI's "Structured model outputs",
// Azure's "Structured outputs", Anthropic's "Structured outputs".
type limits struct{ properties, depth, unions int }

func limitsOf(provider string) limits {
	return map[string]limits{
		"openai": {properties: 5000, depth: 10}, "azure-openai": {properties: 100, depth: 5}, "anthropic": {unions: 16},
	}[provider]
}

// strict says what of a schema the provider's strict mode would refuse.
func strict(provider string, schema map[string]any) []string {
	c := checker{limits: limitsOf(provider)}
	if schema["type"] != "object" {
		c.refuse("", "the outermost value must be an object")
	}
	c.node("", schema, 0)
	if c.limits.properties > 0 && c.properties > c.limits.properties {
		c.refuse("", "%d properties", c.properties)
	}
	if c.limits.unions > 0 && c.unions > c.limits.unions {
		c.refuse("", "%d values of several types", c.unions)
	}
	return c.wrong
}

type checker struct {
	limits             limits
	properties, unions int
	wrong              []string
}

func (c *checker) refuse(path, format string, args ...any) {
	c.wrong = append(c.wrong, path+": "+fmt.Sprintf(format, args...))
}

func (c *checker) node(path string, schema map[string]any, depth int) {
	for keyword := range schema {
		if !slices.Contains([]string{"type", "description", "properties", "required", "additionalProperties", "items"}, keyword) {
			c.refuse(path, "%s is not in the subset", keyword)
		}
	}
	switch kind := schema["type"].(type) {
	case []any:
		c.unions++
		if len(kind) != 2 || kind[1] != "null" || !slices.Contains([]any{"string", "number", "boolean"}, kind[0]) {
			c.refuse(path, "type is %v", kind)
		}
	case string:
		c.typed(path, kind, schema, depth)
	default:
		c.refuse(path, "no type")
	}
}

func (c *checker) typed(path, kind string, schema map[string]any, depth int) {
	switch kind {
	case "object":
		c.object(path, schema, depth+1)
	case "array":
		items, ok := schema["items"].(map[string]any)
		if !ok {
			c.refuse(path, "an array without items")
			return
		}
		c.node(path+"[]", items, depth)
	case "string", "number", "boolean":
	default:
		c.refuse(path, "type is %s", kind)
	}
}

func (c *checker) object(path string, schema map[string]any, depth int) {
	if c.limits.depth > 0 && depth > c.limits.depth {
		c.refuse(path, "%d levels of nesting", depth)
	}
	if schema["additionalProperties"] != false {
		c.refuse(path, "additionalProperties is not false")
	}
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	if len(properties) == 0 || len(required) != len(properties) {
		c.refuse(path, "%d properties, %d of them required", len(properties), len(required))
	}
	for key, value := range properties {
		c.properties++
		if !slices.Contains(required, any(key)) {
			c.refuse(path, "%s is not required", key)
		}
		node, _ := value.(map[string]any)
		c.node(path+"."+key, node, depth)
	}
}
