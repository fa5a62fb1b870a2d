package api

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestUnescapedJSONMeansTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOf(rapid.SampledFrom([]string{`\`, "<", ">", "&", `\u003c`, "u0026", `"`, "\n", "ü", "\u2028", "a"})).Draw(t, "pieces")
		value := map[string]any{"text": strings.Join(pieces, "")}
		escaped, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		plain := unescape(escaped)
		var back map[string]any
		if err := json.Unmarshal(plain, &back); err != nil || !reflect.DeepEqual(back, value) {
			t.Errorf("%s became %s: %v", escaped, plain, err)
		}
		if strings.Count(string(plain), "<") != strings.Count(strings.Join(pieces, ""), "<") {
			t.Errorf("%s still has an escape", plain)
		}
	})
}
