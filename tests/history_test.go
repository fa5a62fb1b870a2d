package tests

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// maxHistory is far below what Temporal warns at (10 MB, 10,240 events).
const (
	maxHistoryBytes  = 32 << 10
	maxHistoryEvents = 60
)

// TestNoDocumentAndNoTemplateMakesAHistoryLarge extracts the largest document by
// the largest template: only ids and counts may go through Temporal.
func TestNoDocumentAndNoTemplateMakesAHistoryLarge(t *testing.T) {
	t.Parallel()
	env := devEnvironment(t)
	run, base := build(t).startDev(t, env)
	o := newOperator(t, run, base, env)
	fields := make([]string, 500)
	for i := range fields {
		fields[i] = fmt.Sprintf(`{"key":"field_%d","type":"String","description":"%s"}`, i, strings.Repeat("word ", 390))
	}
	body := `{"name":"` + strings.Repeat("n", 200) + `","description":"` + strings.Repeat("d", 2000) + `","fields":[` + strings.Join(fields, ",") + `]}`
	var template struct {
		ID string `json:"id"`
	}
	o.call(t, http.MethodPost, "/api/embed/documents", body, http.StatusCreated, &template)
	id := o.uploadFor(t, template.ID, "large.pdf", pagesPDF(500, 5))
	x := o.await(t, id, "completed", 1)
	if x.PageCount != 500 || len(x.ExtractedData) != 500 {
		t.Errorf("got %d pages and %d values", x.PageCount, len(x.ExtractedData))
	}
	var described struct {
		Info struct {
			Events string `json:"historyLength"`
			Bytes  string `json:"historySizeBytes"`
		} `json:"workflowExecutionInfo"`
	}
	if err := json.Unmarshal(o.cli(t, "workflow", "describe", "-w", "extraction-"+id, "-o", "json"), &described); err != nil {
		t.Fatal(err)
	}
	events, _ := strconv.Atoi(described.Info.Events)
	size, _ := strconv.Atoi(described.Info.Bytes)
	if events == 0 || events > maxHistoryEvents || size == 0 || size > maxHistoryBytes {
		t.Errorf("the history has %q events and %q bytes", described.Info.Events, described.Info.Bytes)
	}
	t.Logf("%d events, %d bytes", events, size)
}
