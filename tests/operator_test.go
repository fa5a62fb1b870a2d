package tests

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"decoded.digital/extractor/internal/testkit"
)

// operator is a person with the Temporal CLI and an account with the product.
type operator struct {
	*host
	temporal string // the server's address
	ui       string // the Temporal UI's
	tenantID string
}

// TestAnOperatorResetsRuns does to runs what operators do, by the CLI: row and
// run must agree afterwards.
func TestAnOperatorResetsRuns(t *testing.T) {
	t.Parallel()
	env := devEnvironment(t)
	env["EXTRACTOR_RATE_LIMIT"] = "off"
	run, base := build(t).startDev(t, env)
	for name, scenario := range map[string]func(*testing.T, *operator){
		"runs that failed and runs that completed":     resetsEnded,
		"a run to each of its tasks":                   resetsToEach,
		"a run by the button of the Temporal UI":       resetsInTheUI,
		"runs that are in progress":                    resetsRunning,
		"runs that were terminated":                    resetsTerminated,
		"many at once":                                 resetsBatch,
		"the saved views of the documentation work":    savedViews,
		"a deleted extraction's run ends, and is over": deletesRunning,
	} {
		t.Run(name, func(t *testing.T) {
			o := newOperator(t, run, base, env)
			o.createDocument(t)
			scenario(t, o)
		})
	}
}

// newOperator onboards a tenant at a dev server.
func newOperator(t *testing.T, run *process, base string, env environment) *operator {
	t.Helper()
	ui, err := strconv.Atoi(run.await(t, `Temporal UI +http://127.0.0.1:(\d+)`))
	if err != nil {
		t.Fatal(err)
	}
	h := onboard(t, base, env["EXTRACTOR_SETUP_KEY"])
	return &operator{
		host: h, temporal: "127.0.0.1:" + strconv.Itoa(ui-1000), ui: "http://127.0.0.1:" + strconv.Itoa(ui), tenantID: tenantOf(t, h),
	}
}

// cli runs the Temporal CLI.
func (o *operator) cli(t *testing.T, arguments ...string) []byte {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(testkit.Root(t), "bin", "temporal"), append(arguments, "--address", o.temporal)...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("temporal %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
	return out
}

func (o *operator) reset(t *testing.T, id, to string) {
	t.Helper()
	o.cli(t, "workflow", "reset", "-w", "extraction-"+id, "--type", to, "--reason", "by an operator")
}

// runStatus is how the current run of an extraction stands.
func (o *operator) runStatus(t *testing.T, id string) string {
	t.Helper()
	var described struct {
		Info struct {
			Status string `json:"status"`
		} `json:"workflowExecutionInfo"`
	}
	if err := json.Unmarshal(o.cli(t, "workflow", "describe", "-w", "extraction-"+id, "-o", "json"), &described); err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(described.Info.Status, "WORKFLOW_EXECUTION_STATUS_")
}

// agree waits until row and run have ended alike.
func (o *operator) agree(t *testing.T, id, status, runStatus string, attempt int) extraction {
	t.Helper()
	x := o.await(t, id, status, attempt)
	eventually(t, "the run of "+id+" is "+runStatus, func() error {
		if got := o.runStatus(t, id); got != runStatus {
			return fmt.Errorf("it is %s", got)
		}
		return nil
	})
	if again := o.get(t, id); again.Status != status || again.Attempt != attempt {
		t.Errorf("%s: the row went on to %q, attempt %d", id, again.Status, again.Attempt)
	}
	return x
}

func resetsEnded(t *testing.T, o *operator) {
	failed := o.upload(t, "broken.pdf", []byte("%PDF-1.7 broken"))
	o.agree(t, failed, "analysis failed", "FAILED", 1)
	done := o.upload(t, "invoice.pdf", sample(t, "invoice.pdf"))
	o.agree(t, done, "completed", "COMPLETED", 1)
	for i, to := range []string{"FirstWorkflowTask", "LastWorkflowTask"} {
		o.reset(t, failed, to)
		o.agree(t, failed, "analysis failed", "FAILED", 2+i)
	}
	o.reset(t, done, "FirstWorkflowTask")
	o.agree(t, done, "completed", "COMPLETED", 2)
	o.reset(t, done, "LastWorkflowTask") // behind its last step: there is nothing to do again
	x := o.agree(t, done, "completed", "COMPLETED", 2)
	if x.ExtractedData["invoice_number"] != "NP-2026-0417" {
		t.Errorf("got %v", x.ExtractedData)
	}
}

// resetsToEach picks in turn every task of a run, as the Temporal UI's list of
// events lets one: what stands behind it is done again.
func resetsToEach(t *testing.T, o *operator) {
	id := o.upload(t, "invoice.pdf", sample(t, "invoice.pdf"))
	o.agree(t, id, "completed", "COMPLETED", 1)
	run, tasks := o.tasks(t, id)
	if len(tasks) < 4 {
		t.Fatalf("the run has the tasks %v", tasks)
	}
	for i, event := range tasks {
		o.cli(t, "workflow", "reset", "-w", "extraction-"+id, "-r", run, "-e", event, "--reason", "by an operator")
		attempt := 2 + i
		if i == len(tasks)-1 { // behind the last step
			attempt--
		}
		if x := o.agree(t, id, "completed", "COMPLETED", attempt); x.ExtractedData["invoice_number"] != "NP-2026-0417" {
			t.Errorf("reset to event %s: got %v", event, x.ExtractedData)
		}
	}
}

// tasks are the events of the current run that one can reset to.
func (o *operator) tasks(t *testing.T, id string) (run string, events []string) {
	t.Helper()
	var history struct {
		Events []struct {
			ID      string `json:"eventId"`
			Type    string `json:"eventType"`
			Started struct {
				Run string `json:"originalExecutionRunId"`
			} `json:"workflowExecutionStartedEventAttributes"`
		} `json:"events"`
	}
	if err := json.Unmarshal(o.cli(t, "workflow", "show", "-w", "extraction-"+id, "-o", "json"), &history); err != nil {
		t.Fatal(err)
	}
	for _, event := range history.Events {
		run = cmp.Or(run, event.Started.Run)
		if event.Type == "EVENT_TYPE_WORKFLOW_TASK_COMPLETED" {
			events = append(events, event.ID)
		}
	}
	return run, events
}

// resetsInTheUI follows the link of our own answer, and clicks.
func resetsInTheUI(t *testing.T, o *operator) {
	id := o.upload(t, "broken.pdf", []byte("%PDF-1.7 broken"))
	x := o.agree(t, id, "analysis failed", "FAILED", 1)
	if !strings.HasPrefix(x.WorkflowURL, o.ui) {
		t.Fatalf("the run's address is %q", x.WorkflowURL)
	}
	_, tasks := o.tasks(t, id)
	root := testkit.Root(t)
	click := exec.CommandContext(t.Context(), "node", "testdata/temporal-ui-reset.mjs",
		filepath.Join(root, "tools/node_modules/playwright-core/index.mjs"), testkit.Chromium(t), x.WorkflowURL, tasks[0])
	if out, err := click.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	o.agree(t, id, "analysis failed", "FAILED", 2)
}

func resetsRunning(t *testing.T, o *operator) {
	id := o.upload(t, "slow.pdf", slowPDF())
	o.await(t, id, "analyzing", 1)
	o.reset(t, id, "FirstWorkflowTask")
	o.agree(t, id, "completed", "COMPLETED", 2)
}

func resetsTerminated(t *testing.T, o *operator) {
	id := o.upload(t, "slow.pdf", slowPDF())
	o.await(t, id, "analyzing", 1)
	o.cli(t, "workflow", "terminate", "-w", "extraction-"+id, "--reason", "by an operator")
	o.reset(t, id, "FirstWorkflowTask")
	o.agree(t, id, "completed", "COMPLETED", 2)
}

func resetsBatch(t *testing.T, o *operator) {
	var failed, done []string
	for range 3 {
		failed = append(failed, o.upload(t, "broken.pdf", []byte("%PDF-1.7 broken")))
		done = append(done, o.upload(t, "invoice.pdf", sample(t, "invoice.pdf")))
	}
	for i := range failed {
		o.agree(t, failed[i], "analysis failed", "FAILED", 1)
		o.agree(t, done[i], "completed", "COMPLETED", 1)
	}
	all := fmt.Sprintf(`TenantId = %q AND WorkflowType = "Extraction" AND ExecutionStatus IN ("Failed", "Completed")`, o.tenantID)
	eventually(t, "the runs are listed", func() error {
		if n := bytes.Count(o.cli(t, "workflow", "list", "--query", all, "-o", "json"), []byte(`"workflowId"`)); n < len(failed)+len(done) {
			return fmt.Errorf("%d are", n)
		}
		return nil
	})
	o.cli(t, "workflow", "reset", "--query", all, "--type", "FirstWorkflowTask", "--reason", "by an operator", "--yes")
	for i := range failed {
		o.agree(t, failed[i], "analysis failed", "FAILED", 2)
		o.agree(t, done[i], "completed", "COMPLETED", 2)
	}
}

var savedView = regexp.MustCompile("(?m)^\\| [a-z' -]+ \\| `(.* = .*|.*TenantId.*)` \\|$")

func savedViews(t *testing.T, o *operator) {
	page, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	views := savedView.FindAllStringSubmatch(string(page), -1)
	if len(views) != 10 {
		t.Errorf("%d views were found", len(views))
	}
	for _, view := range views {
		o.cli(t, "workflow", "list", "--query", view[1])
	}
}

func deletesRunning(t *testing.T, o *operator) {
	id := o.upload(t, "slow.pdf", slowPDF())
	x := o.await(t, id, "analyzing", 1)
	o.call(t, http.MethodDelete, "/api/embed/extractions/"+id, "", http.StatusOK, nil)
	eventually(t, "its run is cancelled", func() error {
		if status := o.runStatus(t, id); status != "CANCELED" {
			return fmt.Errorf("it is %s", status)
		}
		return nil
	})
	if status, _ := fetch(t, x.FileURL); status != http.StatusNotFound {
		t.Errorf("its bytes are still served: %d", status)
	}
	if status, _ := o.send(t, http.MethodGet, "/api/embed/extractions/"+id, http.NoBody); status != http.StatusNotFound {
		t.Errorf("it is still there: %d", status)
	}
}

// slowPDF takes a reader some seconds.
func slowPDF() []byte { return pagesPDF(150, 110) }

// pagesPDF is a document of pages that all show the same lines (ISO 32000-1,
// 7.7).
func pagesPDF(pages, lines int) []byte {
	var text strings.Builder
	text.WriteString("BT /F 6 Tf 7 TL 20 820 Td\n")
	for range lines {
		text.WriteString("(" + strings.Repeat("Lorem ipsum dolor ", 9) + ") Tj T*\n")
	}
	text.WriteString("ET")
	var b bytes.Buffer
	offsets := []int{}
	object := func(format string, args ...any) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(offsets)}, args...)...)
	}
	b.WriteString("%PDF-1.7\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	kids := make([]string, pages)
	for i := range kids {
		kids[i] = strconv.Itoa(5+i) + " 0 R"
	}
	object("<</Type/Pages/Count %d/Kids[%s]/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>>>", pages, strings.Join(kids, " "))
	object("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
	object("<</Length %d>>stream\n%s\nendstream", text.Len(), text.String())
	for range pages {
		object("<</Type/Page/Parent 2 0 R/Contents 4 0 R>>")
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF", len(offsets)+1, start)
	return b.Bytes()
}
