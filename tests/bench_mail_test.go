package tests

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/internal/testkit/graphfake"
)

// The limits that the benchmarks of mailboxes are measured against;
// docs/performance.md has the figures.
const (
	notifiedLimit = 5 * time.Second  // from a mail to its started extraction, told by Microsoft
	polledLimit   = 75 * time.Second // the same, by polling alone
	idleCores     = 0.3              // of 1,000 idle mailboxes
	idleRequests  = 10               // a second, of the same

	idleMailboxes   = 1000
	polledMailboxes = 20
)

// benchMail is the product, with an organisation's mail.
type benchMail struct {
	*host
	run        *process
	graph      *graphfake.Server
	connection string
}

// startBenchMail starts `extractor dev`; told: Microsoft may tell it of new mail.
func startBenchMail(b *testing.B, told bool) *benchMail {
	b.Helper()
	x := &benchMail{}
	x.graph, _ = startGraph(b, 1)
	if !told {
		x.graph.Inject(graphfake.Fault{Method: http.MethodPost, Path: regexp.MustCompile(`/subscriptions$`), Break: graphfake.Answer(http.StatusForbidden, "ErrorAccessDenied")})
	}
	env := chaosEnvironment(devEnvironment(b))
	env.offerMail(x.graph)
	var base string
	x.run, base = build(b).startDev(b, env)
	x.host = onboard(b, base, env["EXTRACTOR_SETUP_KEY"])
	x.connection = x.connectMail(b, "application")
	return x
}

// add watches the inbox of so many mailboxes, and waits until they were read and
// Microsoft was asked to tell of their mail.
func (x *benchMail) add(b *testing.B, mailboxes int) {
	b.Helper()
	x.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	group, _ := errgroup.WithContext(b.Context())
	group.SetLimit(8)
	for i := range mailboxes {
		x.graph.AddMailbox(fmt.Sprintf("m%d", i), fmt.Sprintf("m%d@acme.test", i))
		group.Go(func() error {
			x.watch(b, x.connection, fmt.Sprintf("m%d@acme.test", i), x.graph.Folder(fmt.Sprintf("m%d", i), "inbox"))
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
	eventually(b, "all mailboxes were read", func() error {
		asked := 0
		for _, r := range x.graph.Requests() {
			if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/subscriptions") {
				asked++
			}
		}
		if asked < mailboxes {
			return fmt.Errorf("%d were", asked)
		}
		return nil
	})
}

// begun says when extractions of files of these names were first seen to have
// begun.
func (x *benchMail) begun(b *testing.B, names []string) map[string]time.Time {
	b.Helper()
	seen := map[string]time.Time{}
	for begun := time.Now(); len(seen) < len(names); time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > 2*polledLimit {
			b.Fatalf("%d of %d mails are extractions", len(seen), len(names))
		}
		var list struct {
			Items []struct{ FileName, Status string }
		}
		x.call(b, http.MethodGet, "/api/embed/extractions?limit=100", "", http.StatusOK, &list)
		for _, item := range list.Items {
			if _, known := seen[item.FileName]; !known && item.Status != "uploaded" && slices.Contains(names, item.FileName) {
				seen[item.FileName] = time.Now()
			}
		}
	}
	return seen
}

// BenchmarkMailNotified measures from a mail's arrival to its extraction's first
// step where Microsoft tells of it. max/limit must stay below 1.
func BenchmarkMailNotified(b *testing.B) {
	x := startBenchMail(b, true)
	x.add(b, 1)
	tell(b, x.graph)
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		name, sent := fmt.Sprintf("told-%d.pdf", n), time.Now()
		x.graph.Deliver("m0", "inbox", graphfake.Mail{From: "a@b.test", Attachments: []graphfake.Attachment{{Name: name, Content: graphfake.PDF(n)}}})
		took = append(took, x.begun(b, []string{name})[name].Sub(sent))
	}
	slices.Sort(took)
	report(b, took, notifiedLimit)
}

// BenchmarkMailPolled measures the same where Microsoft tells nothing, of
// mailboxes that are read at times of their own. max/limit must stay below 1.
func BenchmarkMailPolled(b *testing.B) {
	x := startBenchMail(b, false)
	x.add(b, polledMailboxes)
	var names []string
	sent := time.Now()
	for i := range polledMailboxes {
		names = append(names, fmt.Sprintf("polled-%d.pdf", i))
		x.graph.Deliver(fmt.Sprintf("m%d", i), "inbox", graphfake.Mail{From: "a@b.test", Attachments: []graphfake.Attachment{{Name: names[i], Content: graphfake.PDF(i)}}})
	}
	var took []time.Duration
	for _, at := range x.begun(b, names) {
		took = append(took, at.Sub(sent))
	}
	for b.Loop() { // one turn is enough
	}
	slices.Sort(took)
	report(b, took, polledLimit)
}

// BenchmarkMailIdle measures what 1,000 mailboxes without mail cost over a whole
// round of polls, or more. cores/limit must stay below 1, and requests/limit of
// those that Microsoft tells of.
func BenchmarkMailIdle(b *testing.B) {
	for name, of := range map[string]struct {
		told  bool
		round time.Duration
	}{
		"told":   {true, 10 * time.Minute},
		"polled": {false, 280 * time.Second}, // four rounds
	} {
		b.Run(name, func(b *testing.B) {
			x := startBenchMail(b, of.told)
			begun := time.Now()
			x.add(b, idleMailboxes)
			first := time.Since(begun)
			asked, used, children := len(x.graph.Requests()), x.cpu(b), x.childrensCPU(b)
			time.Sleep(of.round)
			asked, used, children = len(x.graph.Requests())-asked, x.cpu(b)-used, x.childrensCPU(b)-children
			for b.Loop() { // one round is enough
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(first.Seconds(), "s-first")
			b.ReportMetric(float64(asked)/of.round.Seconds(), "requests/s")
			b.ReportMetric(float64(asked)/of.round.Seconds()/idleRequests, "requests/limit")
			b.ReportMetric(used.Seconds()/of.round.Seconds(), "cores")
			b.ReportMetric((used+children).Seconds()/of.round.Seconds(), "cores-with-Temporal")
			b.ReportMetric(used.Seconds()/of.round.Seconds()/idleCores, "cores/limit")
		})
	}
}

func (x *benchMail) cpu(b *testing.B) time.Duration {
	b.Helper()
	return cpuOf(b, x.run.command.Process.Pid)
}

// childrensCPU is what Temporal and the readers took.
func (x *benchMail) childrensCPU(b *testing.B) (sum time.Duration) {
	b.Helper()
	found, err := exec.CommandContext(b.Context(), "pgrep", "-P", strconv.Itoa(x.run.command.Process.Pid)).Output()
	if err != nil {
		b.Fatalf("the children of extractor dev: %v", err)
	}
	for _, child := range strings.Fields(string(found)) {
		pid, err := strconv.Atoi(child)
		if err != nil {
			b.Fatal(err)
		}
		sum += cpuOf(b, pid)
	}
	return sum
}

// cpuOf is the processor time that a process took (proc(5), /proc/pid/stat), in
// hundredths of a second, as Linux shows it everywhere.
func cpuOf(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatalf("this benchmark needs Linux: %v", err)
	}
	_, after, found := bytes.Cut(stat, []byte(") "))
	fields := strings.Fields(string(after))
	if !found || len(fields) < 13 {
		b.Fatalf("no times in %s", stat)
	}
	user, err := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err := errors.Join(err, err2); err != nil {
		b.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}
