package understand

import (
	"testing"

	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/internal/testkit/llmfake"
	"decoded.digital/extractor/models"
)

// BenchmarkGround is what an answer of 5,000 rows over 200 pages costs this
// machine: to read it, to find its values on the pages, and to judge them.
func BenchmarkGround(b *testing.B) {
	read := tableOf(200, 25)
	var text string
	fields := []models.Field{rowsField()}
	pages := layOut(read)
	for _, p := range pages {
		for _, l := range p.lines {
			text += l.text + "\n"
		}
	}
	answer := readRows(1, &llmfake.Request{Text: text}).Text
	for b.Loop() {
		found, complaint := decode(fields, answer)
		if complaint != "" {
			b.Fatal(complaint)
		}
		locate(fields, found, windowsOf(layOut(read), 1<<30, false)[0])
		j := judge{builtin: engine.Result{}, evidence: map[string]models.Evidence{}}
		if rows, _ := j.object(fields, merge(fields, []object{found}), nil, "")["rows"].([]any); len(rows) != 5000 {
			b.Fatalf("got %d rows", len(rows))
		}
	}
}
